// The hashes and seals of the audit log, as docs/audit.md describes them. Every reader of the rows
// can compute a hash; a seal needs a key of the vault.
import { createHash, createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'
import { sortKeys } from '../vault/canonical-json.ts'
import type { Head, Link, Sealable, StoredEvent } from './event.ts'

/** The previous hash of the first link. */
export const noHash = Buffer.alloc(32)

/** Covers every field except the id, which the database assigns. */
export function macOf(key: KeyObject, event: Sealable): Buffer {
  return keyed(key, 'event', canonicalOf(event))
}

export function eventHashOf(event: StoredEvent): Buffer {
  return createHash('sha256')
    .update(canonicalOf(event, { id: event.id, mac: event.mac?.toString('hex') ?? null }))
    .digest()
}

/** Covers a link and, through the previous hash, all links before it. */
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

/** Covers a link alone, so that it can be verified even if the previous one is missing. */
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

/** A time in the form that is hashed: with microseconds, which a Date does not have. */
export function exactTime(at: Date): string {
  return at.toISOString().replace('Z', '000Z')
}

function keyed(key: KeyObject, what: string, text: string): Buffer {
  return createHmac('sha256', key).update(`${what}\n${text}`).digest()
}

// As `canonicalJson` writes it: the keys in order. Without null fields: a column that a later
// release adds does not change existing hashes. JSON leaves out what is undefined.
function canonicalOf(
  event: Sealable,
  more: { readonly id?: string; readonly mac?: string | null } = {},
): string {
  return JSON.stringify({
    action: event.action,
    actor: event.actor,
    at: event.at,
    details: event.details === null ? undefined : sortKeys('', event.details),
    id: more.id,
    instanceId: event.instanceId ?? undefined,
    mac: more.mac ?? undefined,
    objectId: event.objectId,
    objectKind: event.objectKind,
    organisationId: event.organisationId ?? undefined,
    outcome: event.outcome,
    platformId: event.platformId ?? undefined,
    providerId: event.providerId ?? undefined,
    uid: event.uid ?? undefined,
  })
}
