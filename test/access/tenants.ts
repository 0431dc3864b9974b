// Organisations and platforms that they own, created through the management API.
import { createPlatform, type TestPlatform } from '../tenancy/platforms.ts'
import type { Reply, TestKontor } from '../support/kontor.ts'

function sure(reply: Reply): Reply {
  if (reply.status >= 300) throw new Error(reply.text)
  return reply
}

/** @param below  its parent, by name or id */
export async function organisation(
  { admin }: TestKontor,
  name: string,
  level: 'bund' | 'land' | 'kommune',
  below: string | null = null,
): Promise<string> {
  return sure(
    await admin('POST', '/api/organisations', {
      name,
      displayName: name,
      level,
      ...(below === null ? {} : { parent: below }),
    }),
  ).body.id as string
}

/** A platform of an organisation. */
export async function platform(
  kontor: TestKontor,
  name: string,
  organisationId: string | null,
): Promise<TestPlatform> {
  return createPlatform(
    kontor,
    name,
    organisationId === null ? {} : { organisation: organisationId },
  )
}

export async function move(
  { admin }: TestKontor,
  platformId: string,
  organisationId: string | null,
): Promise<void> {
  sure(await admin('PATCH', `/api/platforms/${platformId}`, { organisation: organisationId }))
}

/** Maps a namespace to an organisation. */
export async function map(
  { admin }: TestKontor,
  platformId: string,
  namespace: string,
  organisationId: string,
): Promise<void> {
  sure(
    await admin('PUT', `/api/platforms/${platformId}/mappings/k8s_namespace/${namespace}`, {
      organisation: organisationId,
    }),
  )
}
