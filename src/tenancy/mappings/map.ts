import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { MappingPage, MappingView } from '../../types.gen.ts'
import type { Mapping } from '../mapping.ts'
import type { TreeDeps } from '../organisations/create.ts'
import { organisationToOwn } from '../organisations/own.ts'
import { lockLivePlatform } from '../platforms/change.ts'
import type { DbOrTx } from '../../db/database.ts'
import type { Caller } from '../caller.ts'
import type { AccessScope } from '../principal.ts'
import {
  deleteMapping,
  listViews,
  upsertMapping,
  type MappingFilter,
  type MappingRow,
} from './store.ts'

/** A place of a platform: an organisation of Cloud Foundry, a namespace of Kubernetes. */
export type PlatformScope = Omit<Mapping, 'organisationId'>

/**
 * From now on orders from a place are for an organisation, whichever one it is. What was ordered stays where it is.
 * @returns whether it was mapped to none before
 * @throws BrokerError `not_found`, `conflict` for a retired platform, `invalid_request` for an organisation that is none
 */
export async function mapScope(
  deps: TreeDeps,
  caller: Caller,
  scope: PlatformScope,
  organisation: string,
): Promise<boolean> {
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    const organisationId = await organisationToOwn(tx, 'organisation', organisation)
    await lockLivePlatform(tx, scope.platformId)
    const isNew = await upsertMapping(tx, newId(now), { ...scope, organisationId }, now)
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'map',
      objectKind: 'platform',
      objectId: scope.platformId,
      outcome: 'succeeded',
      organisationId,
      platformId: scope.platformId,
      details: { kind: scope.kind, externalId: scope.externalId, organisationId },
    })
    await announce(tx, 'platforms')
    return isNew
  })
}

/** @throws BrokerError `not_found` */
export async function unmapScope(
  deps: TreeDeps,
  caller: Caller,
  scope: PlatformScope,
): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const organisationId = await deleteMapping(tx, scope)
    if (organisationId === undefined)
      throw new BrokerError('not_found', 'This place is not mapped.')
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'unmap',
      objectKind: 'platform',
      objectId: scope.platformId,
      outcome: 'succeeded',
      organisationId,
      platformId: scope.platformId,
      details: { kind: scope.kind, externalId: scope.externalId, organisationId },
    })
    await announce(tx, 'platforms')
  })
}

/** A page of a platform's mappings to organisations within reach, newest first. `next` is the `before` of the page after it. */
export async function listMappings(
  db: DbOrTx,
  scope: AccessScope,
  platformId: string,
  filter: MappingFilter,
  limit: number,
): Promise<MappingPage> {
  const rows = await listViews(db, scope, platformId, filter, limit + 1)
  const page = rows.slice(0, limit)
  return { items: page.map(viewOf), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null }
}

/** @throws BrokerError `not_found` */
export async function describeMapping(
  db: DbOrTx,
  scope: AccessScope,
  { platformId, ...filter }: PlatformScope,
): Promise<MappingView> {
  const [row] = await listViews(db, scope, platformId, filter, 1)
  if (row === undefined) throw new BrokerError('not_found', 'This place is not mapped.')
  return viewOf(row)
}

function viewOf(row: MappingRow): MappingView {
  return {
    // the column has a check constraint with just these kinds
    kind: row.kind as MappingView['kind'],
    externalId: row.external_id,
    organisation: { id: row.organisation_id, name: row.name },
    createdAt: row.created_at.toISOString(),
  }
}
