// Which keys count for which part of the audit log. A key that was retired counts up to the end
// that the log had then: with a key that leaked no event can be written after that.
import type { DbOrTx } from '../db/database.ts'
import { vaultOf, type VerifyingKey } from '../vault/vault.ts'
import { isSame } from './digests.ts'
import type { Head } from './event.ts'
import { auditPurpose } from './record.ts'

export type CheckKeys = readonly VerifyingKey[]

export function checkKeysOf(db: DbOrTx): CheckKeys {
  return vaultOf(db).keysFor(auditPurpose)
}

/** The position of what is not linked yet, and of the head: only keys in force count there. */
export const atTheEnd = Infinity

/** Whether a key that counts at this position made the seal. @param sealWith  makes it anew */
export function isSealed(
  keys: CheckKeys,
  position: number,
  seal: Buffer | null,
  sealWith: (key: VerifyingKey['key']) => Buffer,
): boolean {
  return keys.some(
    ({ key, retiredAt }) =>
      (retiredAt === undefined || position <= retiredAt.position) && isSame(seal, sealWith(key)),
  )
}

/** The ends at which keys were retired: the chain must still contain them. */
export function retirements(keys: CheckKeys): readonly Head[] {
  return keys.flatMap(({ retiredAt }) =>
    retiredAt === undefined || retiredAt.position === 0 ? [] : [retiredAt],
  )
}
