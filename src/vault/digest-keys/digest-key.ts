// A digest key makes keyed digests (of passwords and requests) and the seals of the audit log. It
// is stored sealed, so that a rotation of the ring alone keeps digests comparable. A row of
// vault_secrets holds it. Its version, part of its additional authenticated data, says what for:
//
//   version   digest key
//   0, 1      in force (formats.ts tells the two apart)
//   2         retired: it verifies what was made before the end of the audit log that it names
//
// The sealed value is 32 bytes of key and, after them, facts as JSON (none for the first key).
import { createSecretKey, type KeyObject } from 'node:crypto'
import { BrokerError } from '../../errors.ts'
import { digestKeyAad, digestKeyName, refusingVersion } from '../formats.ts'
import type { KeyRing } from '../key-ring.ts'
import { formatOf, openBytes, sealBytes, UnopenedError, type VersionedValue } from '../seal.ts'

/** How far the audit log had come when a key was retired. */
export interface AuditEnd {
  readonly position: number
  readonly hash: Buffer
}

export interface DigestKey {
  readonly id: number
  readonly key: KeyObject
  /** As the database has it. */
  readonly sealed: Buffer
  readonly version: number
  /** The key of the ring under which it was made; undefined for the first. */
  readonly madeUnder: string | undefined
  /** Undefined: it is in force. */
  readonly retiredAt: AuditEnd | undefined
}

export const firstDigestKey = 1
const retiredVersion = 2
const keyLength = 32

interface Facts {
  readonly madeUnder?: string
  readonly position?: number
  readonly hash?: string
}

export function nameOf(id: number): string {
  return id === firstDigestKey ? digestKeyName : `${digestKeyName}-${id}`
}

/** @returns undefined for a secret that is no digest key */
export function idOf(name: string): number | undefined {
  if (name === digestKeyName) return firstDigestKey
  const [, id] = /^digest-key-([2-9]|[1-9]\d{1,8})$/.exec(name) ?? []
  return id === undefined ? undefined : Number(id)
}

/** Whether a row of vault_secrets is a key that "kontor key rotate --all" has not retired. */
export function isInForce(name: string, version: number): boolean {
  return idOf(name) !== undefined && version < retiredVersion
}

/** A key that is in force, sealed with the ring's current key. */
export function sealInForce(ring: KeyRing, id: number, key: Buffer): VersionedValue {
  const facts: Facts = { madeUnder: ring.current }
  return seal(ring, id, key, id === firstDigestKey ? undefined : facts, refusingVersion)
}

/** The key as it verifies. With the ring's current key it must never have been sealed in force. */
export function sealRetired(ring: KeyRing, { id, key }: DigestKey, end: AuditEnd): VersionedValue {
  const facts: Facts = { position: end.position, hash: end.hash.toString('hex') }
  return seal(ring, id, key.export(), facts, retiredVersion)
}

function seal(
  ring: KeyRing,
  id: number,
  key: Buffer,
  facts: Facts | undefined,
  version: number,
): VersionedValue {
  const plain = Buffer.concat([key, Buffer.from(facts === undefined ? '' : JSON.stringify(facts))])
  return { sealed: sealBytes(ring, plain, digestKeyAad(version, nameOf(id))), version }
}

/**
 * @returns undefined when the ring lacks the key that it is sealed with
 * @throws BrokerError `configuration` when it does not open
 */
export function openDigestKey(
  ring: KeyRing,
  id: number,
  { sealed, version }: VersionedValue,
): DigestKey | undefined {
  try {
    if (version > 0 && formatOf(sealed) === 1)
      throw new UnopenedError('In the format of earlier releases a digest key has no version.')
    const plain = openBytes(ring, sealed, digestKeyAad(version, nameOf(id)))
    const facts = (
      plain.length > keyLength ? JSON.parse(plain.subarray(keyLength).toString()) : {}
    ) as Facts // as `seal` wrote them
    const { position = 0, hash = '' } = facts
    return {
      id,
      // A KeyObject, because Node would check and copy a key given as bytes on each use, which
      // takes longer than the digest.
      key: createSecretKey(plain.subarray(0, keyLength)),
      sealed,
      version,
      madeUnder: facts.madeUnder,
      retiredAt:
        version === retiredVersion ? { position, hash: Buffer.from(hash, 'hex') } : undefined,
    }
  } catch (cause) {
    if (cause instanceof BrokerError) return undefined
    throw digestKeyDamaged(cause)
  }
}

export function digestKeyDamaged(cause?: unknown): BrokerError {
  return new BrokerError(
    'configuration',
    'KONTOR_KEYS does not open this database: its digest key is damaged.',
    { cause },
  )
}

/** @param dependent  what the database has that depends on the key */
export function digestKeyGone(dependent: string): BrokerError {
  return new BrokerError(
    'configuration',
    'The digest key of this database is gone: vault_secrets has none in force, and a new one ' +
      `would not fit ${dependent}. Put the rows of vault_secrets back from a backup.`,
  )
}
