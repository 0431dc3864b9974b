// What a refused request must not change: every row that an order could touch, and the provider.
import { sql } from 'kysely'
import type { Db } from '../../src/db/database.ts'
import type { Simulator } from '../../tools/simulator/types.ts'

export interface Traces {
  readonly rows: unknown
  readonly upstream: unknown
}

/** All rows of all orders, and the provider's state with its counts of changing requests. */
export async function traces(db: Db, simulator?: Simulator): Promise<Traces> {
  const { rows } = await sql`select
    (select json_agg(row order by row.id) from instances row) as instances,
    (select json_agg(row order by row.id) from bindings row) as bindings,
    (select json_agg(row order by row.id) from operations row) as operations,
    (select count(*)::int from audit_events) as audited`.execute(db)
  if (simulator === undefined) return { rows, upstream: undefined }
  const { instances, effects, requests } = simulator.state()
  const changing = ['provision', 'update', 'deprovision', 'bind', 'unbind'].map(
    (verb) => requests[verb] ?? 0,
  )
  return { rows, upstream: { instances, effects, changing } }
}
