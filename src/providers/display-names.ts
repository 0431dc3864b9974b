import type { Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { invisibleIn, withoutInvisible } from '../visible-text.ts'
import { listNames, lockNames } from './store.ts'

/**
 * Has other changes of display names wait until the transaction ends. Comes before any lock of a
 * provider's row, so that two changes cannot wait for each other.
 */
export async function lockDisplayNames(tx: Tx): Promise<void> {
  await lockNames(tx)
}

/**
 * Checks a new display name of the provider `id`: people must be able to tell providers apart.
 * @throws BrokerError `invalid_request` for an invisible character, `conflict` for a display name
 * or name of another provider; case and forms of the same characters do not count
 */
export async function checkDisplayName(tx: Tx, id: string, displayName: string): Promise<void> {
  const invisible = invisibleIn(displayName)
  if (invisible !== undefined)
    throw new BrokerError(
      'invalid_request',
      `displayName must not hold the invisible character ${invisible}.`,
    )
  const own = readAs(displayName)
  if (own === '')
    throw new BrokerError('invalid_request', 'displayName must hold a character that is visible.')
  const others = await listNames(tx, id)
  if (others.some(({ name, displayName: other }) => own === readAs(other) || own === name))
    throw new BrokerError(
      'conflict',
      'displayName is that of another provider already, or reads the same.',
    )
}

function readAs(text: string): string {
  return withoutInvisible(text.normalize('NFKC'))
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
