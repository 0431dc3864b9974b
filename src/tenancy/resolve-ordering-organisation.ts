import { BrokerError } from '../errors.ts'
import type { Directory } from './directory.ts'
import type { Organisation } from './organisation.ts'
import { orderingOrganisation, type OrderOrigin } from './ordering-organisation.ts'

/** For whom an order for an instance is, and what speaks against taking it. */
export interface Ordering {
  readonly organisation: Organisation | undefined
  readonly validationError: BrokerError | undefined
}

/** Who orders an instance from here, and whether he may order anything new. */
export function resolveOrderingOrganisation(
  directory: Directory,
  platformId: string,
  origin: OrderOrigin,
): Ordering {
  const platform = directory.platform(platformId)
  // Created a moment ago: it is not known yet for whom it orders.
  if (platform === undefined)
    return {
      organisation: undefined,
      validationError: new BrokerError(
        'unavailable',
        'The platform is not known here yet. Try again in a moment.',
        { retryAfterSeconds: 1 },
      ),
    }
  try {
    const organisation = orderingOrganisation(directory, platform, origin)
    return {
      organisation,
      validationError: validateOrdering(directory, platformId, organisation?.id ?? null),
    }
  } catch (error) {
    if (error instanceof BrokerError) return { organisation: undefined, validationError: error }
    throw error
  }
}

/**
 * Why nothing new may be ordered: the platform, its organisation or the one that it orders for is suspended, or one of
 * those above them. What is there can still be read and deleted.
 * @param organisationId  for whom the instance is; null for nobody
 */
export function validateOrdering(
  directory: Directory,
  platformId: string,
  organisationId: string | null,
): BrokerError | undefined {
  const platform = directory.platform(platformId)
  if (platform !== undefined && platform.state !== 'active')
    return refusal('This platform', platform.state)
  const lines = [
    ...directory.lineOf(organisationId),
    ...directory.lineOf(platform?.organisationId ?? null),
  ]
  const closed = lines.find(({ state }) => state !== 'active')
  return closed === undefined
    ? undefined
    : refusal(`The organisation "${closed.name}"`, closed.state)
}

function refusal(who: string, state: string): BrokerError {
  return new BrokerError(
    'forbidden',
    `${who} is ${state}: nothing new can be ordered. What is there can still be read and deleted.`,
  )
}
