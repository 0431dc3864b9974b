import { BrokerError } from '../errors.ts'
import type { Directory } from './directory.ts'
import type { Organisation } from './organisation.ts'
import { orderingOrganisation, type OrderOrigin } from './ordering-organisation.ts'

/** The organisation that an order is for, and why the order is refused. */
export interface Ordering {
  readonly organisation: Organisation | undefined
  readonly validationError: BrokerError | undefined
}

/** Resolves the organisation that orders an instance, and checks that it may order anything new. */
export function resolveOrderingOrganisation(
  directory: Directory,
  platformId: string,
  origin: OrderOrigin,
): Ordering {
  const platform = directory.platform(platformId)
  // Created a moment ago: the directory of this process does not contain it yet.
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
 * Why nothing new may be ordered: the platform, its owner, the organisation it orders for, or an
 * ancestor of these is suspended. Existing instances can still be read and deleted.
 * @param organisationId  that the instance is for; null for none
 */
export function validateOrdering(
  directory: Directory,
  platformId: string,
  organisationId: string | null,
): BrokerError | undefined {
  const platform = directory.platform(platformId)
  if (platform !== undefined && platform.state !== 'active')
    return refusal('This platform', platform.state)
  const ancestors = [
    ...directory.ancestorsOf(organisationId),
    ...directory.ancestorsOf(platform?.organisationId ?? null),
  ]
  const closed = ancestors.find(({ state }) => state !== 'active')
  return closed === undefined
    ? undefined
    : refusal(`The organisation "${closed.name}"`, closed.state)
}

function refusal(subject: string, state: string): BrokerError {
  return new BrokerError(
    'forbidden',
    `${subject} is ${state}: nothing new can be ordered. ` +
      'What is there can still be read and deleted.',
  )
}
