import { sql } from 'kysely'
import type { CatalogValidators } from '../../backends/backend.ts'
import type { Db, DbOrTx, Tx } from '../../db/database.ts'
import type { CatalogFinding } from '../../types.gen.ts'

/** The result of the last readings of one provider's catalog. */
export interface CatalogState {
  readonly validators: CatalogValidators
  readonly contentDigest: Buffer | null
  readonly providerRevision: number
  readonly checkedAt: Date | null
  readonly changedAt: Date | null
  readonly failedAt: Date | null
  readonly error: string | null
  readonly failures: number
  readonly findings: readonly CatalogFinding[]
  /** By which rules it was inspected; null: unknown, as when a process of 0.2.0 did it. */
  readonly rules: string | null
}

export async function findCatalogState(
  db: DbOrTx,
  providerId: string,
): Promise<CatalogState | undefined> {
  const row = await db
    .selectFrom('provider_catalogs')
    .select([
      'etag',
      'last_modified',
      'content_digest',
      'provider_revision',
      'checked_at',
      'changed_at',
      'failed_at',
      'error',
      'failures',
      'reading_rules',
      // Processes of 0.2.0 stored a finding for each of millions of faulty entries.
      sql<unknown>`jsonb_path_query_array(findings, '$[0 to 999]')`.as('findings'),
    ])
    .where('provider_id', '=', providerId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    validators: {
      ...(row.etag === null ? {} : { etag: row.etag }),
      ...(row.last_modified === null ? {} : { lastModified: row.last_modified }),
    },
    contentDigest: row.content_digest,
    providerRevision: row.provider_revision,
    checkedAt: row.checked_at,
    changedAt: row.changed_at,
    failedAt: row.failed_at,
    error: row.error,
    failures: row.failures,
    // Only saveRead and addNote write it, as an array of findings.
    findings: row.findings as CatalogFinding[],
    rules: rulesIn(row.reading_rules, row.content_digest),
  }
}

// A process of 0.2.0 overwrites all but this mark, so it names the copy that it describes.
function markOf(rules: string, contentDigest: Buffer): string {
  return `${rules} ${contentDigest.toString('hex')}`
}

function rulesIn(mark: string | null, contentDigest: Buffer | null): string | null {
  if (mark === null || contentDigest === null) return null
  const rules = mark.slice(0, Math.max(0, mark.lastIndexOf(' ')))
  return mark === markOf(rules, contentDigest) ? rules : null
}

export interface GoodRead {
  readonly validators: CatalogValidators
  readonly contentDigest: Buffer
  readonly findings: readonly CatalogFinding[]
  readonly providerRevision: number
  readonly rules: string
  readonly changed: boolean
}

/** Saves a good reading. */
export async function saveRead(
  tx: Tx,
  providerId: string,
  read: GoodRead,
  now: Date,
  nextRefreshAt: Date,
): Promise<void> {
  const values = {
    etag: read.validators.etag ?? null,
    last_modified: read.validators.lastModified ?? null,
    content_digest: read.contentDigest,
    provider_revision: read.providerRevision,
    reading_rules: markOf(read.rules, read.contentDigest),
    checked_at: now,
    ...(read.changed ? { changed_at: now } : {}),
    failures: 0,
    error: null,
    // Those of an unchanged catalog stay: others may have been added since they were read.
    ...(read.changed ? { findings: JSON.stringify(read.findings) } : {}),
    next_refresh_at: nextRefreshAt,
  }
  await tx
    .insertInto('provider_catalogs')
    .values({ provider_id: providerId, ...values })
    .onConflict((conflict) => conflict.column('provider_id').doUpdateSet(values))
    .execute()
}

// Places for findings of use, however many a reading has.
const maxAdded = 20

/**
 * Adds a note that showed only when the catalog was used. It stays until a changed catalog is read:
 * what still holds then is added again.
 * @param subject  begins the note, and replaces another note that begins with it
 * @param max      how many findings of a reading are kept
 */
export async function addNote(
  db: Db,
  providerId: string,
  subject: string,
  predicate: string,
  max: number,
): Promise<void> {
  const note: CatalogFinding = {
    path: '/services',
    problem: `${subject} ${predicate}`,
    effect: 'note',
  }
  const added = JSON.stringify([note])
  const others = sql`(
    select coalesce(jsonb_agg(finding order by at), '[]')
    from jsonb_array_elements(findings) with ordinality as listed (finding, at)
    where not starts_with(finding ->> 'problem', ${`${subject} `}))`
  await db
    .updateTable('provider_catalogs')
    .set({ findings: sql`${others} || ${added}::jsonb` })
    .where('provider_id', '=', providerId)
    .where(sql<boolean>`not findings @> ${added}::jsonb`)
    .where(sql<boolean>`jsonb_array_length(${others}) < ${max + maxAdded}`)
    .execute()
}

/**
 * When a reading took place. It does not overwrite a reading that began later and ended earlier.
 */
export interface ReadingTime {
  readonly startedAt: Date
  readonly endedAt: Date
  readonly nextAt: Date
}

/**
 * Saves that the provider reported no change.
 * @returns false when a newer reading, or one of another registration, is saved already
 */
export async function saveUnchanged(
  db: DbOrTx,
  providerId: string,
  read: ReadingTime,
  providerRevision: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('provider_catalogs')
    .set({ checked_at: read.endedAt, failures: 0, error: null, next_refresh_at: read.nextAt })
    .where('provider_id', '=', providerId)
    .where('provider_revision', '=', providerRevision)
    .where((where) =>
      where.or([where('checked_at', 'is', null), where('checked_at', '<=', read.startedAt)]),
    )
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Saves a good reading that is quarantined: the published copy keeps its validators. */
export async function saveQuarantined(
  tx: Tx,
  providerId: string,
  now: Date,
  nextRefreshAt: Date,
): Promise<void> {
  await tx
    .updateTable('provider_catalogs')
    .set({ checked_at: now, failures: 0, error: null, next_refresh_at: nextRefreshAt })
    .where('provider_id', '=', providerId)
    .execute()
}

/** Saves a failed reading; the last good copy stays published. */
export async function saveFailure(
  db: Db,
  providerId: string,
  error: string,
  read: ReadingTime,
): Promise<void> {
  const values = { failed_at: read.endedAt, error, next_refresh_at: read.nextAt }
  await db
    .insertInto('provider_catalogs')
    .values({ provider_id: providerId, failures: 1, ...values })
    .onConflict((conflict) =>
      conflict
        .column('provider_id')
        .doUpdateSet({ ...values, failures: sql`provider_catalogs.failures + 1` })
        .where((where) =>
          where.or([
            where('provider_catalogs.checked_at', 'is', null),
            where('provider_catalogs.checked_at', '<=', read.startedAt),
          ]),
        ),
    )
    .execute()
}

/** Deletes the state, so that a provider that is registered again is read in full. */
export async function deleteCatalogState(tx: Tx, providerId: string): Promise<void> {
  await tx.deleteFrom('provider_catalogs').where('provider_id', '=', providerId).execute()
}

/** How the readings of one active provider's catalog stand, for the metrics. */
export interface ReadingFigures {
  readonly provider: string
  /** Seconds since the last good reading; null: there was none. */
  readonly ageSeconds: number | null
  /** Seconds since 1970 of the last reading, good or not; null: there was none. */
  readonly lastReadAt: number | null
  /** Failed readings since the last good one. */
  readonly failures: number
}

export async function listReadingFigures(db: Db, now: Date): Promise<ReadingFigures[]> {
  return db
    .selectFrom('provider_catalogs')
    .innerJoin('providers', 'providers.id', 'provider_catalogs.provider_id')
    .select([
      'providers.name as provider',
      sql<number | null>`extract(epoch from ${now}::timestamptz - checked_at)::float8`.as(
        'ageSeconds',
      ),
      sql<number | null>`extract(epoch from greatest(checked_at, failed_at))::float8`.as(
        'lastReadAt',
      ),
      'provider_catalogs.failures',
    ])
    .where('providers.state', '=', 'active')
    .execute()
}
