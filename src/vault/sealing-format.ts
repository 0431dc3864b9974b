// In which format values are sealed. Processes of releases up to 0.2 read format 1 only and may run
// beside this one, so a database that they have used keeps that format until an operator ends it
// (begin-new-format.ts). The format of the digest key says so: every process opens that key when it
// starts, so one that cannot read the newer format does not start any more, and SQL alone cannot
// change it back.
import type { DbOrTx } from '../db/database.ts'
import { findSecret } from './secrets/store.ts'
import { formatOf, newestFormat, type Aad, type Format } from './seal.ts'

export const digestKeyName = 'digest-key'
export const digestKeyAad: Aad = ['vault_secrets', 'sealed', digestKeyName, '']

/** The newest one for an empty database, which no older process has used. */
export async function readSealingFormat(db: DbOrTx): Promise<Format> {
  const digestKey = await findSecret(db, digestKeyName)
  return (digestKey && formatOf(digestKey)) ?? newestFormat
}
