import { sql } from 'kysely'
import type { DbOrTx } from '../../db/database.ts'

/** A provider's circuit in one process. */
export interface CircuitRecord {
  readonly providerId: string
  readonly processId: string
  readonly state: 'open' | 'closed'
  readonly since: Date
  /** When the next call may be sent; null while closed. */
  readonly until: Date | null
  readonly reason: string | null
}

export async function upsertCircuit(db: DbOrTx, record: CircuitRecord): Promise<void> {
  const values = {
    state: record.state,
    since: record.since,
    until: record.until,
    reason: record.reason,
    seen_at: sql<Date>`now()`,
  }
  await db
    .insertInto('provider_circuits')
    .values({ provider_id: record.providerId, process_id: record.processId, ...values })
    .onConflict((conflict) => conflict.columns(['provider_id', 'process_id']).doUpdateSet(values))
    .execute()
}

/** The open circuits of a process that stops: they block no calls any more. */
export async function deleteOpenCircuits(db: DbOrTx, processId: string): Promise<void> {
  await db
    .deleteFrom('provider_circuits')
    .where('process_id', '=', processId)
    .where('state', '=', 'open')
    .execute()
}

/** Those of processes that ended a day ago. */
export async function deleteOldCircuits(db: DbOrTx): Promise<void> {
  await db
    .deleteFrom('provider_circuits')
    .where(sql<boolean>`seen_at < now() - interval '1 day'`)
    .execute()
}

export interface CircuitSighting extends Omit<CircuitRecord, 'providerId' | 'processId'> {
  /** Whether the wait is over. */
  readonly isDue: boolean
}

/** Without open circuits that no process has confirmed for `staleMs`: their processes have died. */
export async function listCircuits(
  db: DbOrTx,
  providerId: string,
  staleMs: number,
): Promise<CircuitSighting[]> {
  const rows = await db
    .selectFrom('provider_circuits')
    .select([
      'state',
      'since',
      'until',
      'reason',
      sql<boolean>`coalesce(until <= now(), false)`.as('is_due'),
    ])
    .where('provider_id', '=', providerId)
    .where(
      sql<boolean>`(state = 'closed' or seen_at > now() - ${staleMs} * interval '1 millisecond')`,
    )
    .execute()
  return rows.map(({ state, is_due: isDue, ...row }) => ({
    ...row,
    state: state as CircuitRecord['state'],
    isDue,
  }))
}
