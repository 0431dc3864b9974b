import { run, statement } from '../../db/parts.ts'
import type { DbOrTx } from '../../db/database.ts'
import type { Binding } from '../binding.ts'
import { columnList, fromRow, type Row } from '../store.ts'

/** Where a page of bindings ended. */
export interface After {
  readonly expiresAt: Date
  readonly key: string
}

/**
 * Live bindings that expire after a time and that no other one replaces yet, in the order in which
 * they expire.
 */
export async function listExpiring(
  db: DbOrTx,
  { expiresAt, key }: After,
  limit: number,
): Promise<Binding[]> {
  const rows = await run<Row>(
    db,
    statement`select ${columnList} from bindings
      where deleted_at is null and expires_at is not null and state = 'ready'
        and (expires_at, id) > (${expiresAt}, ${key}::uuid)
        and not exists (select from bindings as successor
          where successor.instance_key = bindings.instance_key
            and successor.predecessor_key = bindings.id
            and successor.deleted_at is null and successor.state = 'ready')
      order by expires_at, id
      limit ${limit}`,
  )
  return rows.map(fromRow)
}
