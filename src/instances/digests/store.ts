import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { DigestedRow } from '../../vault/redigest.ts'

export interface DigestedInstance extends DigestedRow {
  readonly platformId: string
  readonly parameters: Buffer | null
  readonly parametersVersion: number
  readonly isDeleted: boolean
}

/** The next instances by key, with the digest of their parameters. */
export async function listDigested(
  db: Db,
  after: string | undefined,
  limit: number,
): Promise<DigestedInstance[]> {
  const { rows } = await sql<DigestedInstance>`/* planned anew */
    select id as key, platform_id as "platformId", parameters,
      parameters_version as "parametersVersion", deleted_at is not null as "isDeleted",
      parameters_digest as digest
    from instances where (${after ?? null}::uuid is null or id > ${after ?? null}::uuid)
    order by id limit ${limit}`.execute(db)
  return rows
}
