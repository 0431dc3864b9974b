import { setTimeout as wait } from 'node:timers/promises'
import { isTransientDatabaseError } from '../db/transient-error.ts'
import type { EngineDeps, StepContext } from './context.ts'
import { settle } from './settle.ts'
import type { StepResult } from './step-result.ts'
import { isStillAs } from './store.ts'

const betweenTriesMs = 250

/**
 * Settles, again and again while the database is away: what the provider has said is not to be lost because Postgres is
 * being restarted. Not only while the lease lasts, which cannot be renewed either then: the attempt decides.
 * @returns whether the verdict stands
 * @throws the driver's error when this process is stopped meanwhile
 */
export async function settleWithRetries(
  deps: EngineDeps,
  { operation, prepared }: StepContext,
  stop: AbortSignal,
  stepResult: StepResult,
  audience: { isAnnounced(): boolean },
): Promise<boolean> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      if (await settle(deps, operation, prepared, stepResult, audience)) return true
      // The answer to an earlier commit may have been lost with the connection.
      return !isFirst && (await isStillAs(deps.db, operation, stepResult.state))
    } catch (error) {
      if (!isTransientDatabaseError(error) || stop.aborted) throw error
    }
    await wait(betweenTriesMs)
  }
}
