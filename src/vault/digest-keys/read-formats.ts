import type { DbOrTx } from '../../db/database.ts'
import type { Formats } from '../formats.ts'
import type { KeyRing } from '../key-ring.ts'
import { formatOf, newestFormat } from '../seal.ts'
import { firstDigestKey } from './digest-key.ts'
import { readDigestKeys, type DigestKeys } from './read-digest-keys.ts'

/**
 * The formats that the digest keys name. A key that does not open, or that is gone, says nothing:
 * SQL can have it be so. The last step for a database with a second digest key, which is made in
 * sealed databases only, and for one without any, which no older process has used.
 */
export function formatsOf({ all }: DigestKeys): Formats {
  const first = all.get(firstDigestKey)
  if (first === undefined || first.version > 0 || all.size > 1)
    return { sealing: newestFormat, acceptsFirst: false }
  return { sealing: formatOf(first.sealed) === 1 ? 1 : newestFormat, acceptsFirst: true }
}

export async function readFormats(db: DbOrTx, ring: KeyRing): Promise<Formats> {
  return formatsOf(await readDigestKeys(db, ring))
}
