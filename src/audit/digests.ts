// All that is hashed and sealed of the audit log; docs/audit.md says it in words. A hash can be made by anybody who has
// the rows, a seal only with a key of the vault.
import { createHash, createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'
import { canonicalJson } from '../vault/canonical-json.ts'
import type { Head, Link, Sealable, StoredEvent } from './event.ts'

/** The hash before the first link. */
export const noHash = Buffer.alloc(32)

/** Of everything that a process knows when it writes an event: all but the id. */
export function macOf(key: KeyObject, event: Sealable): Buffer {
  return keyed(key, 'event', canonicalOf(event))
}

export function eventHashOf(event: StoredEvent): Buffer {
  return createHash('sha256')
    .update(canonicalOf(event, { id: event.id, mac: event.mac?.toString('hex') ?? null }))
    .digest()
}

/** Of a link and, through the hash before, of all before it. */
export function linkHashOf(
  before: Buffer,
  link: Pick<Link, 'position' | 'eventId' | 'linkedAt' | 'eventHash'>,
): Buffer {
  return createHash('sha256')
    .update(before)
    .update(
      JSON.stringify([link.position, link.eventId, link.linkedAt, link.eventHash.toString('hex')]),
    )
    .digest()
}

/** Of a link by itself, so that it can be told to be ours even if the one before it is gone. */
export function linkSealOf(key: KeyObject, link: Omit<Link, 'seal'>): Buffer {
  return keyed(
    key,
    'link',
    JSON.stringify([
      link.position,
      link.eventId,
      link.linkedAt,
      link.eventHash.toString('hex'),
      link.hash.toString('hex'),
    ]),
  )
}

export function headSealOf(key: KeyObject, head: Head): Buffer {
  return keyed(key, 'head', JSON.stringify([head.position, head.hash.toString('hex')]))
}

export function isSame(a: Buffer | null, b: Buffer): boolean {
  return a?.length === b.length && timingSafeEqual(a, b)
}

/** As times stand in what is hashed: a Date has three digits of a second, the database keeps six. */
export function exactTime(at: Date): string {
  return at.toISOString().replace('Z', '000Z')
}

function keyed(key: KeyObject, what: string, text: string): Buffer {
  return createHmac('sha256', key).update(`${what}\n${text}`).digest()
}

// What is null is left out: a column that a later release adds changes nothing of what is hashed already.
function canonicalOf(
  event: Sealable,
  more: { readonly id?: string; readonly mac?: string | null } = {},
): string {
  const {
    uid,
    at,
    actor,
    action,
    objectKind,
    objectId,
    outcome,
    organisationId,
    platformId,
    providerId,
    instanceId,
    details,
  } = event
  const all = {
    uid,
    at,
    actor,
    action,
    objectKind,
    objectId,
    outcome,
    organisationId,
    platformId,
    providerId,
    instanceId,
    details,
    ...more,
  }
  return canonicalJson(
    Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)),
  )
}
