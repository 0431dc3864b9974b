import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../../db/database.ts'
import type { EngineTimes } from '../../context.ts'
import { roomyHistory, type PastTrouble } from '../../history/past-trouble.ts'
import type { Operation } from '../../operation.ts'
import {
  operationColumns,
  operationOf,
  organisationOfOperation,
  type OperationRow,
} from '../../store.ts'

const roomy = sql.raw(roomyHistory)
const isAtWork = sql<boolean>`state not in ('succeeded', 'failed', 'parked')`

// So many of a provider are read to choose from, or more for many slots: most often all.
const maxOldest = 200
// Of how many platforms each, when there are more.
const maxPlatforms = 200

/** How many operations of each provider to claim. */
export type Free = ReadonlyMap<string, number>

type ClaimTimes = Pick<EngineTimes, 'leaseMs' | 'inDoubtMs'>

/**
 * Claims due operations, for each provider as many as `free` says, out of its oldest. The platforms
 * get equal shares, each with its oldest operations; who is first is by lot, because a claim of a
 * single operation would always be for the platform with the oldest one. An `accepted` one becomes
 * `calling`. The process of one found `calling` died during the call, so it becomes `uncertain`,
 * and its call may still arrive for `inDoubtMs`. Skips rows that another process is claiming.
 */
export async function claimOldest(
  db: Db,
  free: Free,
  now: Date,
  times: ClaimTimes,
): Promise<Operation[]> {
  return claim(db, free, now, times, oldest(now))
}

/**
 * The same, and behind a backlog out of the oldest of each platform: of two hundred platforms, from
 * a random one on. However many are due, it reads a few hundred rows of a provider.
 */
export async function claimByPlatform(
  db: Db,
  free: Free,
  now: Date,
  times: ClaimTimes,
): Promise<Operation[]> {
  return claim(db, free, now, times, oldestByPlatform(now))
}

/** @param candidates  ids of due operations of `slots`, with their platforms and due times */
async function claim(
  db: Db,
  free: Free,
  now: Date,
  { leaseMs, inDoubtMs }: ClaimTimes,
  candidates: RawBuilder<unknown>,
): Promise<Operation[]> {
  const leaseUntil = new Date(now.getTime() + leaseMs)
  const inDoubtUntil = new Date(now.getTime() + inDoubtMs)
  const died: PastTrouble = { at: now.toISOString(), code: 'in-doubt' }
  const doubt = JSON.stringify([died])
  // The SQL comment keeps it from being prepared (db/prepared.ts): a plan made while the table was
  // small would scan all of it, finished operations too, each time.
  const { rows } = await sql<OperationRow>`/* planned anew */
    update operations set
      fencing_token = fencing_token + 1,
      state = case state
        when 'accepted' then 'calling'
        when 'calling' then 'uncertain'
        else state end,
      in_doubt_until = case
        when state = 'calling' and kind in ('provision', 'bind') then ${inDoubtUntil}
        else in_doubt_until end,
      history = case when state = 'calling' then ${roomy} || ${doubt}::jsonb else history end,
      lease_until = ${leaseUntil},
      updated_at = ${now}
    where id = any(array(
      select due.id
      from unnest(${[...free.keys()]}::uuid[], ${[...free.values()]}::int[])
        as slots (provider_id, free)
      cross join lateral (
        select operations.id
        from (
          select
            id,
            random() as lot,
            row_number() over (partition by platform_id order by due_at) as turn
          from (${candidates}) as candidates
          -- More than needed: another process may be claiming some of them.
          order by turn, lot
          limit 2 * slots.free
        ) as chosen
        join operations on operations.id = chosen.id
        -- Once more, for rows that another process has claimed in the meantime.
        where ${isDueAt(now)}
        order by chosen.turn, chosen.lot
        limit slots.free
        for update of operations skip locked
      ) as due
    ))
    returning
      ${sql.join(operationColumns.map((column) => sql.ref(column)))},
      ${organisationOfOperation}`.execute(db)
  return rows.map(operationOf)
}

const dueAt = sql`coalesce(lease_until, next_step_at)`
const isDueAt = (now: Date) => sql`${isAtWork} and ${dueAt} <= ${now}`
const ofProvider = sql`operations.provider_id = slots.provider_id`
const maxCandidates = sql`greatest(${sql.lit(maxOldest)}, 2 * slots.free)`

function oldest(now: Date): RawBuilder<unknown> {
  return sql`
    select id, platform_id, ${dueAt} as due_at from operations
    where ${ofProvider} and ${isDueAt(now)} order by ${dueAt} limit ${maxCandidates}`
}

/**
 * The oldest due operations, and if there may be more, also the oldest of each platform. These are
 * found platform by platform in the index `operations_due_of_platform`.
 */
function oldestByPlatform(now: Date): RawBuilder<unknown> {
  const isDue = isDueAt(now)
  const nextPlatform = (after: RawBuilder<unknown>) => sql`
    (select platform_id from operations
    where ${ofProvider} and ${isAtWork} and ${after} order by platform_id limit 1)`
  return sql`
    with recursive oldest as materialized (${oldest(now)}), pivot as (
      select id from platforms order by id
      offset (select floor(random() * count(*)) from platforms) limit 1
    ), platforms_at_work (id, first, number) as (
      select first.id, first.id, 1
      from (select coalesce(
        ${nextPlatform(sql`platform_id >= (select id from pivot)`)},
        ${nextPlatform(sql`true`)}) as id) as first
      where (select count(*) from oldest) = ${maxCandidates}
      union all
      select next.id, first, number + 1
      from platforms_at_work as this cross join lateral (
        select coalesce(
          ${nextPlatform(sql`platform_id > this.id`)}, ${nextPlatform(sql`true`)}) as id
      ) as next
      where number < ${maxPlatforms} and next.id <> first
    ), with_due as materialized (
      select id as platform_id from platforms_at_work
      where exists (select from operations
        where ${ofProvider} and operations.platform_id = platforms_at_work.id and ${isDue})
    )
    select * from oldest
    union
    select of_platform.* from with_due cross join lateral (
      select id, platform_id, ${dueAt} as due_at from operations
      where ${ofProvider} and operations.platform_id = with_due.platform_id and ${isDue}
      order by ${dueAt}
      limit 1 + 2 * slots.free / (select count(*) from with_due)
    ) as of_platform`
}
