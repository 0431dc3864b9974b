import { sql } from 'kysely'
import type { Db, DbOrTx } from '../../db/database.ts'
import type { Orphan, OrphanCause, OrphanState } from '../orphan.ts'
import { organisationOfOrphan } from '../store.ts'

interface Row {
  readonly id: string
  readonly platform_id: string
  readonly provider_id: string
  readonly operation_id: string
  readonly organisation_id: string | null
  readonly instance_id: string
  readonly binding_id: string | null
  readonly upstream_id: string
  readonly upstream_service_id: string
  readonly upstream_plan_id: string
  readonly upstream_binding_id: string | null
  readonly cause: OrphanCause
  readonly fencing_token: number
  readonly retries: number
  readonly in_doubt_until: Date | null
  readonly is_void: boolean
}

function fromRow(row: Row): Orphan {
  return {
    id: row.id,
    platformId: row.platform_id,
    providerId: row.provider_id,
    operationId: row.operation_id,
    organisationId: row.organisation_id,
    instanceId: row.instance_id,
    bindingId: row.binding_id,
    resource: {
      instance: {
        instanceId: row.upstream_id,
        serviceId: row.upstream_service_id,
        planId: row.upstream_plan_id,
      },
      ...(row.upstream_binding_id === null ? {} : { bindingId: row.upstream_binding_id }),
    },
    cause: row.cause,
    fencingToken: row.fencing_token,
    retries: row.retries,
    inDoubtUntil: row.in_doubt_until,
    isVoid: row.is_void,
  }
}

/**
 * Claims due orphans, at each provider as many as `free` says. Skips those whose order is not over.
 * An instance waits for its bindings, because the specification demands that order, and while any
 * operation works on it, because a provider gets one change of an instance at a time.
 */
export async function claimDueOrphans(
  db: Db,
  slots: ReadonlyArray<{ readonly providerId: string; readonly free: number }>,
  now: Date,
  leaseUntil: Date,
): Promise<Orphan[]> {
  // The SQL comment keeps it from being prepared (db/prepared.ts): it is planned by what the tables
  // hold now, not by what they held at the first execution.
  const { rows } = await sql<Row>`/* planned anew */
    with due as (
      select candidates.id, candidates.is_void
      from unnest(
        ${slots.map(({ providerId }) => providerId)}::uuid[],
        ${slots.map(({ free }) => free)}::int[]
      ) as slots (provider_id, free)
      cross join lateral (
        select
          orphans.id,
          operations.state = 'succeeded' and operations.kind in ('provision', 'bind') as is_void
        from orphans join operations on operations.id = orphans.operation_id
        where orphans.provider_id = slots.provider_id and orphans.state = 'open'
          and coalesce(orphans.lease_until, orphans.next_retry_at) <= ${now}
          and operations.state in ('succeeded', 'failed')
          and not exists (
            select from operations as busy where busy.instance_key = operations.instance_key
              and busy.state not in ('succeeded', 'failed', 'parked'))
          and (orphans.upstream_binding_id is not null or not exists (
            select from orphans as binding
            where binding.upstream_id = orphans.upstream_id
              and binding.provider_id = orphans.provider_id
              and binding.state = 'open' and binding.upstream_binding_id is not null))
        order by coalesce(orphans.lease_until, orphans.next_retry_at)
        limit slots.free
        for update of orphans skip locked
      ) as candidates
    )
    update orphans set
      fencing_token = fencing_token + 1, lease_until = ${leaseUntil}, updated_at = ${now}
    from due where orphans.id = due.id
    returning
      orphans.id, platform_id, provider_id, operation_id, instance_id, binding_id, upstream_id,
      upstream_service_id, upstream_plan_id, upstream_binding_id, cause, fencing_token, retries,
      in_doubt_until, due.is_void, ${organisationOfOrphan}`.execute(db)
  return rows.map(fromRow)
}

/** What an attempt to remove an orphan leaves in its row. */
export interface AttemptEnd {
  readonly state: OrphanState
  readonly nextRetryAt: Date | null
  readonly retries: number
  /** The provider's answer, for operators. */
  readonly answer: string | null
}

/**
 * Ends an attempt: writes what it leaves, and releases the claim.
 * @returns false when the claim was lost
 */
export async function endAttempt(
  db: DbOrTx,
  orphan: Orphan,
  end: AttemptEnd,
  now: Date,
): Promise<boolean> {
  const result = await db
    .updateTable('orphans')
    .set({
      state: end.state,
      lease_until: null,
      next_retry_at: end.nextRetryAt,
      retries: end.retries,
      answer: end.answer,
      updated_at: now,
      ended_at: end.state === 'open' ? null : now,
    })
    .where('id', '=', orphan.id)
    .where('fencing_token', '=', orphan.fencingToken)
    .where('state', '=', 'open')
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
