import { sql } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { DigestedRow } from '../../vault/redigest.ts'

export interface DigestedBinding extends DigestedRow {
  readonly platformId: string
  readonly instanceKey: string
  readonly request: Buffer
  /** The platform's id of the binding that this one replaces. */
  readonly predecessorId: string | null
}

/** The next bindings by key, with the digest of their request. */
export async function listDigested(
  db: Db,
  after: string | undefined,
  limit: number,
): Promise<DigestedBinding[]> {
  const { rows } = await sql<DigestedBinding>`/* planned anew */
    select part.id as key, part.platform_id as "platformId", part.request,
      part.instance_key as "instanceKey",
      predecessor.binding_id as "predecessorId",
      part.request_digest as digest
    from (
      select id, platform_id, instance_key, request, request_digest, predecessor_key from bindings
      where (${after ?? null}::uuid is null or id > ${after ?? null}::uuid)
      order by id limit ${limit}) as part
    left join bindings as predecessor on predecessor.id = part.predecessor_key
    order by part.id`.execute(db)
  return rows
}
