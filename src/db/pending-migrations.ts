import type pg from 'pg'
import type { MigrationFile } from './migration-files.ts'

/**
 * The migrations to run, in order. Reads the table of kysely's migrator, which earlier releases
 * used.
 * @returns undefined when a newer release has already migrated this database. Then there is nothing
 *   to do, because each migration keeps the previous release working.
 * @throws Error for the database of a release that ran other migrations than this one
 */
export async function findPending(
  client: pg.Client,
  files: readonly MigrationFile[],
): Promise<MigrationFile[] | undefined> {
  const { rows } = await client.query<{ name: string }>('select name from kysely_migration')
  const done = new Set(rows.map(({ name }) => name))
  const known = new Set(files.map(({ name }) => name))
  const pending = files.filter(({ name }) => !done.has(name))
  const unknown = [...done].filter((name) => !known.has(name)).toSorted()
  if (unknown.length > 0 && pending.length === 0) return undefined
  const last = [...done].toSorted().at(-1) ?? ''
  const tooEarly = pending.find(({ name }) => name < last)
  if (unknown.length > 0 || tooEarly !== undefined)
    throw new Error(
      `This is the database of another release: it has run ${unknown[0] ?? last}, but not ` +
        `${(tooEarly ?? pending[0])?.name}. ` +
        'Start the release that migrated it, or use another database.',
    )
  return pending
}
