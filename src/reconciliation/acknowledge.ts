import { record } from '../audit/record.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'
import type { Caller } from '../tenancy/caller.ts'
import type { FindingView } from '../types.gen.ts'
import { acknowledgeFinding, lockFinding } from './findings/store.ts'
import { viewOfFinding } from './view.ts'

/**
 * Acknowledges a finding: it is no longer open, until a later run finds something else there.
 * @throws BrokerError `not_found`, or `conflict` for one that is resolved
 */
export async function acknowledge(
  deps: { readonly db: Db; readonly now: () => Date },
  caller: Caller,
  id: string,
  reason: string,
): Promise<FindingView> {
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    const finding = isUuid(id) ? await lockFinding(tx, caller.scope, id) : undefined
    if (finding === undefined) throw new BrokerError('not_found', 'There is no such finding.')
    if (finding.resolvedAt !== null)
      throw new BrokerError('conflict', 'The finding is resolved already.')
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'finding.acknowledged',
      objectKind: 'finding',
      objectId: id,
      outcome: 'succeeded',
      providerId: finding.providerId,
      platformId: finding.platformId,
      instanceId: finding.instanceId,
      details: { kind: finding.kind, upstreamId: finding.upstreamId, reason },
    })
    return viewOfFinding(await acknowledgeFinding(tx, id, reason, now))
  })
}
