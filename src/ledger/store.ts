// The triggers on instances append to the ledger (migrations/0045_ledger.sql). This posts what they
// append, and compares both.
import { sql } from 'kysely'
import { advisoryLocks } from '../db/advisory-locks.ts'
import type { Db, DbOrTx, Tx } from '../db/database.ts'
import { everything } from './account.ts'

/**
 * Adds unposted entries to the balances of their accounts and keeps them in `ledger_entries`, in
 * one statement, so that each reader sees an entry once. One process at a time posts. The statement
 * is planned anew: a plan made while the table was empty, as it mostly is, would compare each entry
 * with each id.
 * @returns how many; 0 while another process posts
 */
export async function postUnposted(db: Db, limit: number): Promise<number> {
  const {
    rows: [row],
  } = await sql<{ count: number }>`/* planned anew */ with posted as (
      delete from ledger_unposted
      where (select pg_try_advisory_xact_lock(${advisoryLocks.ledger})) and id = any(array(
        select id from ledger_unposted order by id limit ${limit}))
      returning id, at, unit, cause, amount, holders, scopes, instance_key),
    balanced as (
      insert into ledger_balances (unit, scope, holder, balance)
      select unit, scope, holder, sum(amount) from posted
        cross join unnest(posted.scopes) as scope cross join unnest(posted.holders) as holder
      group by unit, scope, holder having sum(amount) <> 0
      on conflict (unit, scope, holder)
      do update set balance = ledger_balances.balance + excluded.balance),
    kept as (${keepPosted()})
    select count(*)::int as count from posted`.execute(db)
  return row?.count ?? 0
}

function keepPosted() {
  return sql`insert into ledger_entries (
      id, at, unit, cause, amount, holders, scopes, instance_key)
    select id, at, unit, cause, amount, holders, scopes, instance_key from posted`
}

export async function countUnposted(db: DbOrTx): Promise<number> {
  const row = await db
    .selectFrom('ledger_unposted')
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow()
  return row.count
}

/**
 * Marks the ledger of instances as checked; until the transaction ends no other process checks it.
 * @returns false when it was checked after `before`, or another process is at it
 */
export async function claimCheck(tx: Tx, before: Date, now: Date): Promise<boolean> {
  const row = await tx
    .updateTable('ledger_checks')
    .set({ checked_at: now })
    .where('unit', 'in', (from) =>
      from
        .selectFrom('ledger_checks')
        .select('unit')
        .where('unit', '=', 'instance')
        .where('checked_at', '<=', before)
        .forUpdate()
        .skipLocked(),
    )
    .returning('unit')
    .executeTakeFirst()
  return row !== undefined
}

export interface Correction {
  readonly scope: string
  readonly holder: string
  /** By how much the account was too low. */
  readonly amount: number
}

/**
 * Appends an entry for each account that differs from the instances. One statement, for only in one
 * snapshot do the two agree while orders go on. It takes 9 s with a million instances on disk.
 */
export async function correctAccounts(tx: Tx): Promise<Correction[]> {
  await sql`set local statement_timeout = '10min'`.execute(tx)
  const { rows } = await sql<Correction>`/* planned anew, takes long */ with counted as (
      select coalesce(organisation_id, platform_id) as held, plan_id, offering_id, provider_id,
        count(*) as amount
      from instances where deleted_at is null and (state <> 'failed' or may_exist)
      group by 1, 2, 3, 4),
    expected as (
      select scope, holder, sum(amount) as amount from counted
        cross join unnest(array[held, ${everything}::uuid]) as holder
        cross join unnest(array[plan_id, offering_id, provider_id, ${everything}::uuid]) as scope
      group by scope, holder),
    entered as (
      select scope, holder, sum(amount) as amount from (
        select scope, holder, balance as amount from ledger_balances where unit = 'instance'
        union all
        select scope, holder, amount from ledger_unposted
          cross join unnest(ledger_unposted.scopes) as scope
          cross join unnest(ledger_unposted.holders) as holder
        where unit = 'instance') as both_parts
      group by scope, holder)
    insert into ledger_unposted (unit, cause, amount, holders, scopes)
    select 'instance', 'corrected', coalesce(expected.amount, 0) - coalesce(entered.amount, 0),
      array[holder], array[scope]
    from expected full join entered using (scope, holder)
    where coalesce(expected.amount, 0) <> coalesce(entered.amount, 0)
    returning scopes[1] as scope, holders[1] as holder, amount::int as amount`.execute(tx)
  return rows
}
