import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { WithIdentityMac } from '../identity.ts'

/** The next instances after `after` by their keys, deleted ones too. */
export async function listIdentities(
  db: Db,
  after: string | undefined,
  limit: number,
): Promise<WithIdentityMac[]> {
  const rows = db
    .selectFrom('instances')
    .select([
      'id as key',
      'platform_id as platformId',
      'instance_id as instanceId',
      'provider_id as providerId',
      'organisation_id as organisationId',
      'offering_id as offeringId',
      'upstream_id as upstreamId',
      'upstream_service_id as upstreamServiceId',
      'identity_mac as identityMac',
    ])
    .orderBy('id')
    .limit(limit)
  return (after === undefined ? rows : rows.where('id', '>', after)).execute()
}

/**
 * Changes that column only, and none that has a MAC already: reconciliation relies on `updated_at`.
 */
export async function fillIdentityMacs(
  db: Db,
  rows: ReadonlyArray<{ readonly key: string; readonly mac: Buffer }>,
): Promise<void> {
  await sql`/* planned anew */
    update instances set identity_mac = fresh.mac
    from unnest(${rows.map(({ key }) => key)}::uuid[], ${rows.map(({ mac }) => mac)}::bytea[])
      as fresh (key, mac)
    where instances.id = fresh.key and instances.identity_mac is null`.execute(db)
}
