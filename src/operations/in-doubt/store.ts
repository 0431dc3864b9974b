import type { Db } from '../../db/database.ts'

/**
 * The content of the newest update of an instance that failed although it may have taken effect.
 */
export async function findDoubtfulChange(
  db: Db,
  platformId: string,
  instanceKey: string,
): Promise<{ readonly id: string; readonly change: Buffer } | undefined> {
  const row = await db
    .selectFrom('operations')
    .select(['operations.id', 'operations.change'])
    .innerJoin('instances', (join) =>
      join
        .onRef('instances.id', '=', 'operations.instance_key')
        .onRef('instances.instance_id', '=', 'operations.instance_id'),
    )
    .where('instances.id', '=', instanceKey)
    .where('operations.platform_id', '=', platformId)
    .where('operations.kind', '=', 'update')
    .where('operations.state', '=', 'failed')
    .where('operations.change', 'is not', null)
    .orderBy('operations.created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.change == null ? undefined : { id: row.id, change: row.change }
}
