import { run, statement } from '../../db/parts.ts'
import type { DbOrTx } from '../../db/database.ts'

/** Where a page of bindings ended. */
export interface After {
  readonly dueAt: Date
  readonly key: string
}

/** A binding whose credentials are to be replaced. */
export interface Renewal {
  /** Kontor's ids. */
  readonly key: string
  readonly instanceKey: string
  /** Since when. */
  readonly dueAt: Date
  /** null: the provider does not say. */
  readonly expiresAt: Date | null
}

const isLive = statement`deleted_at is null and state = 'ready'
  and not exists (select from bindings as successor
    where successor.instance_key = bindings.instance_key
      and successor.predecessor_key = bindings.id
      and successor.deleted_at is null and successor.state = 'ready')`

/** Whether a binding is there, and no other one replaces it. @param key  Kontor's id */
export async function isToBeRenewed(db: DbOrTx, key: string): Promise<boolean> {
  const rows = await run<{ id: string }>(
    db,
    statement`select id from bindings where id = ${key} and ${isLive}`,
  )
  return rows.length > 0
}

/**
 * Live bindings that fell due after a place and until a time, and that no other one replaces yet,
 * those first that fell due first. Reads no others, and no credentials.
 * @param beforeExpiryMs  when those are due whose row does not say it
 */
export async function listDue(
  db: DbOrTx,
  after: After,
  until: Date,
  beforeExpiryMs: number,
  limit: number,
): Promise<Renewal[]> {
  const later = (date: Date) => new Date(date.getTime() + beforeExpiryMs)
  const rows = await run<{
    id: string
    instance_key: string
    due_at: Date
    expires_at: Date | null
  }>(
    db,
    statement`select * from (
      (select id, instance_key, renew_at as due_at, expires_at from bindings
        where ${isLive} and renew_at <= ${until}
          and (renew_at, id) > (${after.dueAt}, ${after.key}::uuid)
        order by renew_at, id limit ${limit})
      union all
      (select id, instance_key,
          expires_at - make_interval(secs => ${beforeExpiryMs / 1_000}), expires_at
        from bindings
        where ${isLive} and renew_at is null and expires_at <= ${later(until)}
          and (expires_at, id) > (${later(after.dueAt)}, ${after.key}::uuid)
        order by expires_at, id limit ${limit})) as due
      order by due_at, id limit ${limit}`,
  )
  return rows.map((row) => ({
    key: row.id,
    instanceKey: row.instance_key,
    dueAt: row.due_at,
    expiresAt: row.expires_at,
  }))
}
