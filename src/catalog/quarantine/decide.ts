import { record } from '../../audit/record.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Caller } from '../../tenancy/caller.ts'
import { findQuarantineForUpdate, setDecision } from './store.ts'

/**
 * Stores what an operator decided about the catalog that is held back.
 * @param digest  of the content that the operator has seen, in hex; undefined: whatever is held
 * @throws BrokerError `conflict` when nothing is held back, or another content than the one seen
 */
export async function decideQuarantine(
  tx: Tx,
  caller: Caller,
  providerId: string,
  decision: 'confirmed' | 'rejected',
  digest: string | undefined,
  now: Date,
): Promise<void> {
  const held = await findQuarantineForUpdate(tx, providerId)
  if (held === undefined)
    throw new BrokerError('conflict', 'No catalog of this provider is held back.')
  if (digest !== undefined && digest !== held.contentDigest.toString('hex'))
    throw new BrokerError(
      'conflict',
      'digest: the provider has sent another catalog since. Read the provider again.',
    )
  await setDecision(tx, providerId, decision, now)
  await record(tx, {
    at: now,
    actor: caller.actor,
    action: decision === 'confirmed' ? 'catalog.confirmed' : 'catalog.rejected',
    objectKind: 'provider',
    objectId: providerId,
    outcome: 'succeeded',
    providerId,
  })
}
