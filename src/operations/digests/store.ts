import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { DigestedRow } from '../../vault/redigest.ts'

export interface DigestedOperation extends DigestedRow {
  readonly platformId: string
  readonly instanceKey: string
  readonly change: Buffer | null
  /** The plan of its instance. */
  readonly planId: string | null
  readonly isFinished: boolean
}

/** The next operations by id, with the digest of their request. */
export async function listDigested(
  db: Db,
  after: string | undefined,
  limit: number,
): Promise<DigestedOperation[]> {
  const { rows } = await sql<DigestedOperation>`/* planned anew */
    select part.id as key, part.platform_id as "platformId", part.change,
      part.instance_key as "instanceKey",
      instances.plan_id as "planId",
      part.state in ('succeeded', 'failed') as "isFinished",
      part.request_digest as digest
    from (
      select id, platform_id, change, request_digest, state, instance_key from operations
      where (${after ?? null}::uuid is null or id > ${after ?? null}::uuid)
      order by id limit ${limit}) as part
    left join instances on instances.id = part.instance_key
    order by part.id`.execute(db)
  return rows
}
