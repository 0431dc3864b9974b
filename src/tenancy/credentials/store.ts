import { sql, type Insertable } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { PlatformCredentials } from '../../db/schema.gen.ts'
import { assertUnchanged, writeSealed } from '../../vault/sealed-rows/write-sealed.ts'

/** A credential without its secret. */
export type CredentialRow = Awaited<ReturnType<typeof listViews>>[number]

/** The credentials of a platform, oldest first. */
export async function listViews(db: DbOrTx, platformId: string) {
  return db
    .selectFrom('platform_credentials')
    .select([
      'id',
      'kind',
      'username',
      'issuer',
      'subject',
      'certificate_name',
      'created_at',
      'last_used_at',
    ])
    .where('platform_id', '=', platformId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

/** @returns false when another credential has the same name */
export async function insertCredential(
  tx: Tx,
  row: Insertable<PlatformCredentials>,
): Promise<boolean> {
  const inserted = await writeSealed(tx, 'platform_credentials', { id: row.id }, () =>
    tx
      .insertInto('platform_credentials')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst(),
  )
  return inserted !== undefined
}

/** @returns its kind; undefined when the platform has no such credential */
export async function deleteCredential(
  tx: Tx,
  platformId: string,
  id: string,
): Promise<string | undefined> {
  const row = await writeSealed(
    tx,
    'platform_credentials',
    { id },
    () =>
      tx
        .deleteFrom('platform_credentials')
        .where('id', '=', id)
        .where('platform_id', '=', platformId)
        .returning('kind')
        .executeTakeFirst(),
    'restricts',
  )
  return row?.kind
}

/** Replaces the digest of a password, unless another process has done so. */
export async function renewDigest(
  tx: Tx,
  id: string,
  before: Buffer,
  after: Buffer,
): Promise<void> {
  await writeSealed(tx, 'platform_credentials', { id }, () =>
    tx
      .updateTable('platform_credentials')
      .set({ password_digest: after })
      .where('id', '=', id)
      .where('password_digest', '=', before)
      .execute(),
  )
}

export async function deleteCredentials(tx: Tx, platformId: string): Promise<void> {
  await writeSealed(
    tx,
    'platform_credentials',
    { platform_id: platformId },
    () => tx.deleteFrom('platform_credentials').where('platform_id', '=', platformId).execute(),
    'restricts',
  )
}

/**
 * The credentials that agencies issued.
 * @param platformId  undefined: of all platforms
 * @returns with the owner of their platform and the topmost organisations of the agency's scope
 */
export async function listAgencyCredentials(tx: Tx, platformId: string | undefined) {
  const rows = await tx
    .selectFrom('platform_credentials as credential')
    .innerJoin('platforms', 'platforms.id', 'credential.platform_id')
    .select([
      'credential.id',
      'credential.kind',
      'credential.platform_id',
      'credential.issuer_organisations',
      'platforms.organisation_id',
    ])
    .where('credential.issuer_organisations', 'is not', null)
    .$if(platformId !== undefined, (query) =>
      query.where('credential.platform_id', '=', platformId ?? ''),
    )
    .orderBy('credential.id')
    .execute()
  return rows.map((row) => ({ ...row, issuer_organisations: row.issuer_organisations ?? [] }))
}

/**
 * Whether a platform has mappings to, or instances of, other organisations than these.
 * @throws BrokerError `conflict` when a mapping was changed past Kontor
 */
export async function servesOthers(
  tx: Tx,
  platformId: string,
  organisations: readonly string[],
): Promise<boolean> {
  await assertUnchanged(tx, 'organisation_mappings', { platform_id: platformId })
  const {
    rows: [row],
  } = await sql<{ it_does: boolean }>`select
    exists (select from organisation_mappings
      where platform_id = ${platformId} and organisation_id <> all(${organisations}::uuid[]))
    or exists (select from instances where platform_id = ${platformId} and deleted_at is null
      and organisation_id <> all(${organisations}::uuid[])) as it_does`.execute(tx)
  return row?.it_does ?? true
}

/** Several processes write at once, each what it has seen: the latest use wins. */
export async function markUsed(
  db: DbOrTx,
  uses: ReadonlyArray<readonly [id: string, at: Date]>,
): Promise<void> {
  // Locks in id order to avoid deadlocks.
  await sql`
    with used as (
      select * from unnest(
        ${uses.map(([id]) => id)}::uuid[],
        ${uses.map(([, at]) => at)}::timestamptz[]) as used (id, at)),
    locked as (select id from platform_credentials where id in (select id from used)
      order by id for no key update)
    update platform_credentials set last_used_at = greatest(last_used_at, used.at)
    from used join locked on locked.id = used.id where platform_credentials.id = used.id`.execute(
    db,
  )
}
