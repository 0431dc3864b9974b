import { record } from '../audit/record.ts'
import type { Db } from '../db/database.ts'
import { claimCheck, correctAccounts, type Correction } from './store.ts'

export type { Correction } from './store.ts'

export interface CheckDeps {
  readonly db: Db
  readonly now: () => Date
}

/**
 * Compares the ledger with the instances, unless a process has done so in the last `intervalMs`,
 * and appends a correction for each account that differs. No order waits for it. A difference
 * means that something other than Kontor wrote the ledger, or instances without their triggers.
 * @returns the corrections; undefined: it was not due
 */
export async function checkAccounts(
  { db, now: clock }: CheckDeps,
  intervalMs: number,
): Promise<readonly Correction[] | undefined> {
  const now = clock()
  return db.transaction().execute(async (tx) => {
    if (!(await claimCheck(tx, new Date(now.getTime() - intervalMs), now))) return undefined
    const corrections = await correctAccounts(tx)
    if (corrections.length > 0)
      await record(tx, {
        at: now,
        actor: 'kontor',
        action: 'ledger.corrected',
        objectKind: 'ledger',
        objectId: 'instance',
        outcome: 'succeeded',
        details: { accounts: corrections.length },
      })
    return corrections
  })
}
