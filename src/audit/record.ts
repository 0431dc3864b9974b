import type { Tx } from '../db/database.ts'
import { insertEvent } from './store.ts'

export interface AuditEvent {
  readonly at: Date
  /** Who: `platform:<id>`, `admin`, `kontor`. */
  readonly actor: string
  readonly action: string
  readonly objectKind: string
  readonly objectId: string
  readonly outcome: string
  /** No secrets and no parameters. */
  readonly details?: Readonly<Record<string, string | number | boolean>>
}

/** Keeps who did what to which object with which outcome, in the transaction that did it. */
export async function record (tx: Tx, event: AuditEvent): Promise<void> {
  await insertEvent(tx, {
    at: event.at,
    actor: event.actor,
    action: event.action,
    object_kind: event.objectKind,
    object_id: event.objectId,
    outcome: event.outcome,
    details: event.details === undefined ? null : JSON.stringify(event.details)
  })
}
