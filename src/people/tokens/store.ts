import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { PersonRole } from '../../types.gen.ts'
import { writeSealed } from '../../vault/sealed-rows/write-sealed.ts'
import type { TokenScope } from './scope.ts'

/** What decides what a token may do. */
export interface TokenRow {
  readonly id: string
  readonly personId: string
  /** Of the whole text. */
  readonly digest: Buffer
  readonly access: 'read' | 'full'
  /** Ids; null: all. */
  readonly organisations: readonly string[] | null
  readonly roles: readonly PersonRole[] | null
  /** Seconds since 1970. */
  readonly expiresAt: number
}

export async function listTokens(db: DbOrTx): Promise<TokenRow[]> {
  const rows = await db
    .selectFrom('api_tokens')
    .select(['id', 'person_id', 'digest', 'access', 'organisations', 'roles', 'expires_at'])
    .execute()
  return rows.map((row) => ({
    id: row.id,
    personId: row.person_id,
    digest: row.digest,
    // A check constraint limits the column to these.
    access: row.access as TokenRow['access'],
    organisations: row.organisations,
    // The schema has checked them, and they stand under the row's MAC.
    roles: row.roles as PersonRole[] | null,
    expiresAt: Number(row.expires_at),
  }))
}

export async function insertToken(
  tx: Tx,
  { id, personId, digest, access, organisations, roles, expiresAt }: TokenRow,
  name: string,
  now: Date,
): Promise<void> {
  await writeSealed(tx, 'api_tokens', { id }, () =>
    tx
      .insertInto('api_tokens')
      .values({
        id,
        person_id: personId,
        name,
        digest,
        access,
        organisations: organisations === null ? null : [...organisations],
        roles: roles === null ? null : [...roles],
        expires_at: String(expiresAt),
        created_at: now,
      })
      .execute(),
  )
}

/** How many tokens a person has that have not expired. */
export async function countTokens(tx: Tx, personId: string, now: Date): Promise<number> {
  const { tokens } = await tx
    .selectFrom('api_tokens')
    .select(sql<number>`count(*)::int`.as('tokens'))
    .where('person_id', '=', personId)
    .where('expires_at', '>', String(Math.floor(now.getTime() / 1_000)))
    .executeTakeFirstOrThrow()
  return tokens
}

/** Ids of those that expired before a time, the oldest first. */
export async function listEnded(db: DbOrTx, before: Date, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('api_tokens')
    .select('id')
    .where('expires_at', '<', String(Math.floor(before.getTime() / 1_000)))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** @returns false when there is none any more */
export async function deleteToken(tx: Tx, id: string): Promise<boolean> {
  const { numDeletedRows } = await writeSealed(
    tx,
    'api_tokens',
    { id },
    () => tx.deleteFrom('api_tokens').where('id', '=', id).executeTakeFirstOrThrow(),
    'restricts',
  )
  return numDeletedRows > 0n
}

/** Replaces the digest of a token, unless another process has done so. */
export async function renewDigest(
  tx: Tx,
  id: string,
  before: Buffer,
  after: Buffer,
): Promise<void> {
  await writeSealed(tx, 'api_tokens', { id }, () =>
    tx
      .updateTable('api_tokens')
      .set({ digest: after })
      .where('id', '=', id)
      .where('digest', '=', before)
      .execute(),
  )
}

/** Several processes write at once, each what it has seen: the latest use wins. */
export async function markUsed(
  db: DbOrTx,
  uses: ReadonlyArray<readonly [id: string, at: Date]>,
): Promise<void> {
  // Locks in id order to avoid deadlocks. The column is not under the MAC: it decides nothing.
  await sql`
    with used as (
      select * from unnest(
        ${uses.map(([id]) => id)}::uuid[],
        ${uses.map(([, at]) => at)}::timestamptz[]) as used (id, at)),
    locked as (select id from api_tokens where id in (select id from used)
      order by id for no key update)
    update api_tokens set last_used_at = greatest(last_used_at, used.at)
    from used join locked on locked.id = used.id where api_tokens.id = used.id`.execute(db)
}

function selectViews(db: DbOrTx, scope: TokenScope) {
  return db
    .selectFrom('api_tokens')
    .innerJoin('people', 'people.id', 'api_tokens.person_id')
    .select([
      'api_tokens.id',
      'api_tokens.person_id',
      'api_tokens.name as token_name',
      'api_tokens.access',
      'api_tokens.organisations',
      'api_tokens.roles',
      'api_tokens.expires_at',
      'api_tokens.created_at',
      'api_tokens.last_used_at',
      'people.issuer',
      'people.subject',
      'people.name',
      'people.email',
    ])
    .where(
      scope.administers === 'all'
        ? sql<boolean>`true`
        : sql<boolean>`(api_tokens.person_id = ${scope.personId ?? null}
            or api_tokens.organisations <@ ${scope.administers}::uuid[]
              and exists (select from memberships where memberships.person_id = api_tokens.person_id
                and memberships.organisation_id = any(${scope.administers}::uuid[])))`,
    )
}

export type TokenViewRow = Awaited<ReturnType<typeof listViews>>[number]

/** Newest first. */
export async function listViews(
  db: DbOrTx,
  scope: TokenScope,
  {
    person,
    before,
  }: { readonly person?: string | undefined; readonly before?: string | undefined },
  limit: number,
) {
  let query = selectViews(db, scope)
  if (person !== undefined) query = query.where('api_tokens.person_id', '=', person)
  if (before !== undefined) query = query.where('api_tokens.id', '<', before)
  return query.orderBy('api_tokens.id', 'desc').limit(limit).execute()
}

export async function findView(
  db: DbOrTx,
  scope: TokenScope,
  id: string,
): Promise<TokenViewRow | undefined> {
  return selectViews(db, scope).where('api_tokens.id', '=', id).executeTakeFirst()
}
