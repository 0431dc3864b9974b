import { sql } from 'kysely'
import type { Db, DbOrTx, Tx } from '../../db/database.ts'
import type { WithIdentityMac } from '../identity.ts'

const columns = [
  'id as key',
  'platform_id as platformId',
  'instance_id as instanceId',
  'provider_id as providerId',
  'organisation_id as organisationId',
  'offering_id as offeringId',
  'upstream_id as upstreamId',
  'upstream_service_id as upstreamServiceId',
  'identity_mac as identityMac',
] as const

export async function findIdentities(
  db: DbOrTx,
  keys: readonly string[],
): Promise<WithIdentityMac[]> {
  return db
    .selectFrom('instances')
    .select(columns)
    .where(sql<boolean>`id = any(${keys}::uuid[])`)
    .execute()
}

/** The next instances after `after` by their keys, deleted ones too. */
export async function listIdentities(
  db: DbOrTx,
  after: string | undefined,
  limit: number,
): Promise<WithIdentityMac[]> {
  const rows = db.selectFrom('instances').select(columns).orderBy('id').limit(limit)
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

/**
 * Replaces the MACs of instances whose identity is still the one that was read.
 * @returns how many it replaced
 */
export async function replaceIdentityMacs(
  tx: Tx,
  rows: ReadonlyArray<{ readonly row: WithIdentityMac; readonly mac: Buffer }>,
): Promise<number> {
  const { rows: replaced } = await sql`/* planned anew */
    update instances set identity_mac = fresh.mac
    from unnest(
      ${rows.map(({ row }) => row.key)}::uuid[],
      ${rows.map(({ row }) => row.platformId)}::uuid[],
      ${rows.map(({ row }) => row.instanceId)}::text[],
      ${rows.map(({ row }) => row.providerId)}::uuid[],
      ${rows.map(({ row }) => row.organisationId)}::uuid[],
      ${rows.map(({ row }) => row.offeringId)}::uuid[],
      ${rows.map(({ row }) => row.upstreamId)}::text[],
      ${rows.map(({ row }) => row.upstreamServiceId)}::text[],
      ${rows.map(({ mac }) => mac)}::bytea[]
    ) as fresh (key, platform_id, instance_id, provider_id, organisation_id, offering_id,
      upstream_id, upstream_service_id, mac)
    where instances.id = fresh.key
      and (instances.platform_id, instances.instance_id, instances.provider_id,
        instances.offering_id, instances.upstream_id, instances.upstream_service_id)
        = (fresh.platform_id, fresh.instance_id, fresh.provider_id, fresh.offering_id,
          fresh.upstream_id, fresh.upstream_service_id)
      and instances.organisation_id is not distinct from fresh.organisation_id
    returning 1`.execute(tx)
  return replaced.length
}
