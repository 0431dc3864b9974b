import { sql, type Selectable } from 'kysely'
import type { Db, DbOrTx, Tx } from '../../db/database.ts'
import type { ReconciliationRuns } from '../../db/schema.gen.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { Counts, Run } from '../run.ts'
import { isProviderWithin } from '../store.ts'

const runColumns = [
  'id',
  'provider_id',
  'cause',
  'requested_at',
  'started_at',
  'finished_at',
  'fencing_token',
  'by_listing',
  'instances_checked',
  'bindings_checked',
  'skipped',
  'unclear',
  'left_out',
  'error',
] as const

function toRun(row: Pick<Selectable<ReconciliationRuns>, (typeof runColumns)[number]>): Run {
  return {
    id: row.id,
    providerId: row.provider_id,
    cause: row.cause as Run['cause'],
    requestedAt: row.requested_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    fencingToken: row.fencing_token,
    byListing: row.by_listing,
    counts: {
      instancesChecked: row.instances_checked,
      bindingsChecked: row.bindings_checked,
      skipped: row.skipped,
      unclear: row.unclear,
      leftOut: row.left_out,
    },
    error: row.error,
  }
}

/** @returns false when an earlier run of the provider has not ended */
export async function insertRun(
  tx: Tx,
  id: string,
  providerId: string,
  cause: Run['cause'],
  now: Date,
): Promise<boolean> {
  const row = await tx
    .insertInto('reconciliation_runs')
    .values({ id, provider_id: providerId, cause, requested_at: now })
    .onConflict((conflict) =>
      conflict.column('provider_id').where('finished_at', 'is', null).doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export async function findRun(
  db: DbOrTx,
  scope: AccessScope,
  id: string,
): Promise<Run | undefined> {
  const row = await db
    .selectFrom('reconciliation_runs')
    .select(runColumns)
    .where('id', '=', id)
    .where(isProviderWithin(scope, 'reconciliation_runs.provider_id'))
    .executeTakeFirst()
  return row === undefined ? undefined : toRun(row)
}

export async function findLastRun(db: DbOrTx, providerId: string): Promise<Run | undefined> {
  const row = await db
    .selectFrom('reconciliation_runs')
    .select(runColumns)
    .where('provider_id', '=', providerId)
    .orderBy('requested_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : toRun(row)
}

/**
 * Claims runs that no live process works on, the oldest first; what another process has locked is
 * left out. A run whose lease is over belonged to a process that died or lost its database.
 */
export async function claimRuns(
  db: Db,
  now: Date,
  leaseUntil: Date,
  limit: number,
): Promise<Run[]> {
  const rows = await db
    .updateTable('reconciliation_runs')
    .set({ fencing_token: sql`fencing_token + 1`, started_at: now, lease_until: leaseUntil })
    // An array, so that Postgres evaluates the limited query once.
    .where((where) => {
      const due = where
        .selectFrom('reconciliation_runs as due')
        .select('due.id')
        .where('due.finished_at', 'is', null)
        .where((where) =>
          where.or([where('due.lease_until', 'is', null), where('due.lease_until', '<=', now)]),
        )
        .orderBy('due.requested_at')
        .limit(limit)
        .forUpdate()
        .skipLocked()
      return sql<boolean>`id = any(array(${due}))`
    })
    .returning(runColumns)
    .execute()
  return rows.map(toRun)
}

/** @returns false when another process has claimed the run */
export async function renewRun(
  db: Db,
  { id, fencingToken }: Pick<Run, 'id' | 'fencingToken'>,
  leaseUntil: Date,
): Promise<boolean> {
  const result = await db
    .updateTable('reconciliation_runs')
    .set({ lease_until: leaseUntil })
    .where('id', '=', id)
    .where('fencing_token', '=', fencingToken)
    .where('finished_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/**
 * Keeps other processes from the run until the transaction ends.
 *
 * @returns false when one has claimed it already
 */
export async function lockRun(
  tx: Tx,
  { id, fencingToken }: Pick<Run, 'id' | 'fencingToken'>,
): Promise<boolean> {
  const row = await tx
    .selectFrom('reconciliation_runs')
    .select('id')
    .where('id', '=', id)
    .where('fencing_token', '=', fencingToken)
    .where('finished_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

export interface RunEnd {
  readonly byListing: boolean | null
  readonly counts: Counts
  readonly error: string | null
}

/** @returns false when another process has claimed the run: then nothing of it may be written */
export async function finishRun(
  db: DbOrTx,
  { id, fencingToken }: Pick<Run, 'id' | 'fencingToken'>,
  { byListing, counts, error }: RunEnd,
  now: Date,
): Promise<boolean> {
  const result = await db
    .updateTable('reconciliation_runs')
    .set({
      finished_at: now,
      lease_until: null,
      by_listing: byListing,
      error,
      instances_checked: counts.instancesChecked,
      bindings_checked: counts.bindingsChecked,
      skipped: counts.skipped,
      unclear: counts.unclear,
      left_out: counts.leftOut,
    })
    .where('id', '=', id)
    .where('fencing_token', '=', fencingToken)
    .where('finished_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
