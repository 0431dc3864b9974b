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
// more. Only a digest key that opens counts (digest-keys/read-formats.ts): without an older copy of
// it, sealed with a key that is still in the ring, SQL cannot go a step back.
import type { Aad, Format } from './seal.ts'

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
