import { setTimeout as wait } from 'node:timers/promises'
import { isDatabaseAway } from '../db/away.ts'
import type { EngineDeps, StepContext } from './context.ts'
import type { Hold } from './leases.ts'
import { settle, type Verdict } from './settle.ts'
import { isStillAs } from './store.ts'

const betweenTriesMs = 250

/**
 * Settles, again and again while the database is away and the claim holds: what the provider has said is not to be lost
 * because Postgres is being restarted.
 * @returns whether the verdict stands
 * @throws the driver's error when the claim has run out meanwhile
 */
export async function settleSurely (deps: EngineDeps, { operation, effect }: StepContext, hold: Hold, verdict: Verdict, audience: { isAnnounced (): boolean }): Promise<boolean> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      if (await settle(deps, operation, effect, verdict, audience)) return true
      // The answer to an earlier commit may have been lost with the connection.
      return !isFirst && await isStillAs(deps.db, operation, verdict.state)
    } catch (error) {
      if (!isDatabaseAway(error) || hold.isOver()) throw error
    }
    await wait(betweenTriesMs)
  }
}
