import { record } from '../../audit/record.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Caller } from '../../tenancy/caller.ts'
import { findQuarantineForUpdate, setDecision } from './store.ts'

/**
 * Stores what an operator decided about the catalog that is quarantined.
 * @param digest  of the loss that the operator has seen, in hex; undefined: whatever is quarantined
 * @throws BrokerError `conflict` when nothing is quarantined, or another loss than the one seen
 */
export async function decideQuarantine(
  tx: Tx,
  caller: Caller,
  providerId: string,
  decision: 'confirmed' | 'rejected',
  digest: string | undefined,
  now: Date,
): Promise<void> {
  const quarantine = await findQuarantineForUpdate(tx, providerId)
  if (quarantine === undefined)
    throw new BrokerError('conflict', 'No catalog of this provider is quarantined.')
  if (digest !== undefined && digest !== quarantine.digest.toString('hex'))
    throw new BrokerError(
      'conflict',
      'digest: another loss is quarantined by now. Read the provider again.',
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
