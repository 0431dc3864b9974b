import type { Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { invisibleIn } from '../visible-text.ts'
import { areAlike, skeletonsOf, validateScripts, type Skeletons } from './look-alikes.ts'
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
 * @throws BrokerError `invalid_request` for an invisible character or a word in two scripts,
 * `conflict` for a display name or name of another provider, or one that looks the same
 */
export async function checkDisplayName(tx: Tx, id: string, displayName: string): Promise<void> {
  const invisible = invisibleIn(displayName)
  if (invisible !== undefined)
    throw new BrokerError(
      'invalid_request',
      `displayName must not hold the invisible character ${invisible}.`,
    )
  const own = skeletonsOf(displayName)
  if (own[0] === '')
    throw new BrokerError('invalid_request', 'displayName must hold a character that is visible.')
  const misleading = validateScripts(displayName)
  if (misleading !== undefined)
    throw new BrokerError('invalid_request', `displayName misleads: ${misleading}.`)
  const others = await listNames(tx, id)
  const names = others.flatMap((other) => [other.displayName, other.name])
  if (names.some((other) => areAlike(own, knownSkeletons(other))))
    throw new BrokerError(
      'conflict',
      'displayName is that of another provider already, or reads the same.',
    )
}

// Each registration compares with all names.
const maxKnown = 10_000
const known = new Map<string, Skeletons>()

function knownSkeletons(name: string): Skeletons {
  const skeletons = known.get(name) ?? skeletonsOf(name)
  if (known.size >= maxKnown) known.clear()
  known.set(name, skeletons)
  return skeletons
}
