// Which formats of sealed values this database has. Processes of releases up to 0.2 read and write
// format 1 only and may run beside this one, so a database that they have used keeps it until an
// operator ends it (use-newest-format.ts). Three steps, which the digest key names:
//
//   format   version   new values   values of format 1
//   1        0         format 1     open
//   3        0         format 3     open
//   3        1         format 3     do not open
//
// Every process opens that key when it starts, so one that cannot read format 3 does not start any
// more, and SQL alone cannot go a step back.
import type { DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { KeyRing } from './key-ring.ts'
import { findSecret } from './secrets/store.ts'
import { formatOf, newestFormat, openBytes, type Aad, type Format } from './seal.ts'

export interface Formats {
  /** Of new values. */
  readonly sealing: Format
  readonly acceptsFirst: boolean
}

export const digestKeyName = 'digest-key'
/** The version of the digest key from which on values of format 1 do not open. */
export const refusingVersion = 1

export function digestKeyAad(version: number, name = digestKeyName): Aad {
  return ['vault_secrets', 'sealed', name, '', version]
}

/** The last step for an empty database, which no older process has used. */
export async function readFormats(db: DbOrTx, ring: KeyRing): Promise<Formats> {
  const digestKey = await findSecret(db, digestKeyName)
  if (digestKey === undefined) return { sealing: newestFormat, acceptsFirst: false }
  const acceptsFirst = digestKey.version === 0 && mayOpen(ring, digestKey.sealed)
  return {
    sealing: acceptsFirst && formatOf(digestKey.sealed) === 1 ? 1 : newestFormat,
    acceptsFirst,
  }
}

/**
 * Whether it is a digest key of version 0: SQL can change the byte that names the format, and then
 * it opens no more. True too while the ring lacks its key, for then nothing is sealed or opened.
 */
function mayOpen(ring: KeyRing, sealed: Buffer): boolean {
  try {
    openBytes(ring, sealed, digestKeyAad(0))
    return true
  } catch (error) {
    return error instanceof BrokerError
  }
}
