import { record } from '../audit/record.ts'
import { announce } from '../db/channels.ts'
import type { Db } from '../db/database.ts'
import { newId } from '../ids.ts'
import { lookUpProvider } from '../providers/look-up-provider.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { Run } from './run.ts'
import { findLastRun, insertRun } from './runs/store.ts'

export interface StartDeps {
  readonly db: Db
  readonly now: () => Date
}

/**
 * Requests a run. While an earlier one has not ended that one is returned: a provider has one at a
 * time.
 * @throws BrokerError `not_found` when there is no such provider
 */
export async function startRun(deps: StartDeps, caller: Caller, providerId: string): Promise<Run> {
  const { id } = await lookUpProvider(deps.db, caller.scope, providerId)
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    const runId = newId(now)
    if (await insertRun(tx, runId, id, 'request', now)) {
      await record(tx, {
        at: now,
        actor: caller.actor,
        action: 'provider.reconciled',
        objectKind: 'provider',
        objectId: id,
        outcome: 'accepted',
        providerId: id,
        details: { runId },
      })
      await announce(tx, 'due')
    }
    const run = await findLastRun(tx, id)
    if (run === undefined) throw new Error(`The run ${runId} was not written.`)
    return run
  })
}
