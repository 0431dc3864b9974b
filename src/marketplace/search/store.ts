import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'

export interface StemRow {
  readonly word: string
  /** None for a word that says nothing, such as `für`. */
  readonly german: readonly string[]
  readonly english: readonly string[]
}

/**
 * Stems of words in lower case, by the dictionaries of Postgres that its text search
 * configurations `german` and `english` use. They are there without an extension.
 */
export async function listStems(db: Db, words: readonly string[]): Promise<StemRow[]> {
  const { rows } = await sql<StemRow>`
    select word,
      coalesce(ts_lexize('pg_catalog.german_stem', word), '{}') as german,
      coalesce(ts_lexize('pg_catalog.english_stem', word), '{}') as english
    from unnest(${words}::text[]) as word`.execute(db)
  return rows
}
