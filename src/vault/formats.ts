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
import type { KeyRing } from './key-ring.ts'
import { findSecret } from './secrets/store.ts'
import {
  formatOf,
  newestFormat,
  openBytes,
  type Aad,
  type Format,
  type VersionedValue,
} from './seal.ts'

export interface Formats {
  /** Of new values. */
  readonly sealing: Format
  readonly acceptsFirst: boolean
}

export const digestKeyName = 'digest-key'
/** The version of the digest key from which on values of format 1 do not open. */
export const refusingVersion = 1

export function digestKeyAad(version: number): Aad {
  return ['vault_secrets', 'sealed', digestKeyName, '', version]
}

/** The last step for an empty database, which no older process has used. */
export async function readFormats(db: DbOrTx, ring: KeyRing): Promise<Formats> {
  const digestKey = await findSecret(db, digestKeyName)
  if (digestKey === undefined) return { sealing: newestFormat, acceptsFirst: false }
  if (formatOf(digestKey.sealed) === 1) return { sealing: 1, acceptsFirst: true }
  return { sealing: newestFormat, acceptsFirst: isAtVersion(ring, digestKey, 0) }
}

function isAtVersion(ring: KeyRing, { sealed, version }: VersionedValue, wanted: number): boolean {
  try {
    openBytes(ring, sealed, digestKeyAad(wanted))
    return version === wanted
  } catch {
    return false
  }
}
