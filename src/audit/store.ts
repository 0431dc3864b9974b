import { sql } from 'kysely'
import { statement, type Part } from '../db/parts.ts'
import type { Details, Sealable, StoredEvent } from './event.ts'

export function insertEvent(event: Sealable, mac: Buffer): Part {
  const details = event.details === null ? null : JSON.stringify(event.details)
  return statement`insert into audit_events
      (uid, at, actor, action, object_kind, object_id, outcome,
       organisation_id, platform_id, provider_id, instance_id, details, mac)
    select ${event.uid}, ${event.at}, ${event.actor}, ${event.action}, ${event.objectKind},
      ${event.objectId}, ${event.outcome}, ${event.organisationId}, ${event.platformId},
      ${event.providerId}, ${event.instanceId}, ${details}, ${mac}
    where exists (select from gate)`
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
