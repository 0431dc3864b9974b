import { record } from '../../audit/record.ts'
import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Caller } from '../../tenancy/caller.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import { lookUpOrphan } from './read.ts'
import { changeOrphan, type ViewRow } from './store.ts'

export interface DecideDeps {
  readonly db: Db
  readonly now: () => Date
}

/**
 * Makes the removal of an orphan due now, also of one that is retained or waits for a person.
 * @throws BrokerError `not_found`, `conflict` when it is over or due already, `concurrency` when it
 * is being removed
 */
export async function removeOrphanNow(
  deps: DecideDeps,
  caller: Caller,
  id: string,
  reason: string,
): Promise<void> {
  const seen = await lookUpOpen(deps, caller.scope, id)
  // After the read: what another request has just made due must not look as if it were due later.
  const now = deps.now()
  if (seen.lease_until !== null && seen.lease_until > now)
    throw new BrokerError('concurrency', 'It is being removed now.')
  if (seen.next_retry_at !== null && seen.next_retry_at <= now) {
    throw new BrokerError(
      'conflict',
      'It is due already: Kontor removes it once its order is over and its bindings are gone.',
    )
  }
  await decide(deps, caller, seen, 'remove', now, reason)
}

/**
 * Lets an orphan stay at its provider: Kontor never removes it.
 * @throws BrokerError `not_found`, `conflict` when it is over
 */
export async function forgetOrphan(
  deps: DecideDeps,
  caller: Caller,
  id: string,
  reason: string,
): Promise<void> {
  await decide(deps, caller, await lookUpOpen(deps, caller.scope, id), 'forget', deps.now(), reason)
}

async function lookUpOpen({ db }: DecideDeps, scope: AccessScope, id: string): Promise<ViewRow> {
  const seen = await lookUpOrphan(db, scope, id)
  if (seen.state !== 'open') throw new BrokerError('conflict', `The orphan is ${seen.state}.`)
  return seen
}

async function decide(
  deps: DecideDeps,
  caller: Caller,
  seen: ViewRow,
  action: 'remove' | 'forget',
  now: Date,
  reason: string,
): Promise<void> {
  const state = action === 'remove' ? 'open' : 'forgotten'
  const kept = await deps.db.transaction().execute(async (tx) => {
    if (
      !(await changeOrphan(tx, seen, { state, nextRetryAt: action === 'remove' ? now : null }, now))
    )
      return false
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: action === 'remove' ? 'orphan.removal-requested' : 'orphan.forgotten',
      objectKind: 'orphan',
      objectId: seen.id,
      outcome: state,
      organisationId: seen.organisation_id,
      platformId: seen.platform_id,
      providerId: seen.provider_id,
      instanceId: seen.instance_id,
      details: {
        from: seen.state,
        to: state,
        cause: seen.cause,
        operationId: seen.operation_id,
        reason,
      },
    })
    return true
  })
  if (!kept)
    throw new BrokerError(
      'concurrency',
      'The orphan has just changed. Read it again before you decide.',
    )
}
