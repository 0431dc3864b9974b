import { CompiledQuery, sql } from 'kysely'
import type { DbOrTx } from '../db/database.ts'
import type { Details, Sealable, StoredEvent } from './event.ts'

// A fixed text, not built by kysely: every order runs it, and building it takes longer than sealing
// the event.
const insertText = `insert into audit_events
  (uid, at, actor, action, object_kind, object_id, outcome,
   organisation_id, platform_id, provider_id, instance_id, details, mac)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`

export async function insertEvent(tx: DbOrTx, event: Sealable, mac: Buffer): Promise<void> {
  await tx.executeQuery(
    CompiledQuery.raw(insertText, [
      event.uid,
      event.at,
      event.actor,
      event.action,
      event.objectKind,
      event.objectId,
      event.outcome,
      event.organisationId,
      event.platformId,
      event.providerId,
      event.instanceId,
      event.details === null ? null : JSON.stringify(event.details),
      mac,
    ]),
  )
}

/** A time as text: a Date has no microseconds, so a change of them would not be detected. */
export const exactTimeOf = (column: string) =>
  sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

export const eventColumns = [
  'audit_events.id',
  'audit_events.uid',
  'audit_events.actor',
  'audit_events.action',
  'audit_events.object_kind',
  'audit_events.object_id',
  'audit_events.outcome',
  'audit_events.organisation_id',
  'audit_events.platform_id',
  'audit_events.provider_id',
  'audit_events.instance_id',
  'audit_events.details',
  'audit_events.mac',
] as const

export interface EventRow {
  id: string
  uid: string | null
  exact_at: string
  actor: string
  action: string
  object_kind: string
  object_id: string
  outcome: string
  organisation_id: string | null
  platform_id: string | null
  provider_id: string | null
  instance_id: string | null
  details: unknown
  mac: Buffer | null
}

export function eventOf(row: EventRow): StoredEvent {
  return {
    id: row.id,
    uid: row.uid,
    at: row.exact_at,
    actor: row.actor,
    action: row.action,
    objectKind: row.object_kind,
    objectId: row.object_id,
    outcome: row.outcome,
    organisationId: row.organisation_id,
    platformId: row.platform_id,
    providerId: row.provider_id,
    instanceId: row.instance_id,
    // The type that record() accepts; details of any other type do not match their seal.
    details: row.details as Details | null,
    mac: row.mac,
  }
}
