import type { Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { lockProvider, setProviderState } from './store.ts'

/** @throws BrokerError `not_found`, also for a provider that is removed already */
export async function markProvider(
  tx: Tx,
  id: string,
  state: 'draining' | 'removed',
  now: Date,
): Promise<void> {
  const provider = await lockProvider(tx, id)
  if (provider === undefined || provider.state === 'removed')
    throw new BrokerError('not_found', 'There is no such provider.')
  await setProviderState(tx, id, state, now)
}
