// Organisations, and platforms that belong to one.
import { randomUUID } from 'node:crypto'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { caller, type Call, type TestKontor } from '../support/kontor.ts'

export interface Tenant {
  readonly id: string
  readonly authorization: string
  readonly call: Call
}

/** @param below  id of the organisation above it */
export async function organisation ({ running: { house } }: TestKontor, name: string, level: 'bund' | 'land' | 'kommune', below: string | null = null): Promise<string> {
  const id = randomUUID()
  const now = house.now()
  await house.db.insertInto('organisations').values({ id, name, display_name: name, level, parent_id: below, created_at: now, updated_at: now }).execute()
  await house.directory.reload()
  return id
}

/** A platform of an organisation. */
export async function platform (kontor: TestKontor, name: string, organisationId: string | null): Promise<Tenant> {
  const { house } = kontor.running
  const { id, username, password } = await createPlatform(house, name)
  await move(kontor, id, organisationId)
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  return { id, authorization, call: caller(kontor.url, { authorization, 'x-broker-api-version': '2.17' }) }
}

export async function move ({ running: { house } }: TestKontor, platformId: string, organisationId: string | null): Promise<void> {
  await house.db.updateTable('platforms').set({ organisation_id: organisationId, updated_at: house.now() }).where('id', '=', platformId).execute()
  await Promise.all([house.signIn.reload(), house.directory.reload()])
}

/** Orders from this namespace are for that organisation. */
export async function map ({ running: { house } }: TestKontor, platformId: string, namespace: string, organisationId: string): Promise<void> {
  await house.db.insertInto('organisation_mappings').values({ id: randomUUID(), platform_id: platformId, kind: 'k8s_namespace', external_id: namespace, organisation_id: organisationId, created_at: house.now() }).execute()
  await house.directory.reload()
}
