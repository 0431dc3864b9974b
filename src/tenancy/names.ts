import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'

const pattern = /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/

/**
 * What a platform or an organisation may be called.
 * @throws BrokerError `invalid_request`
 */
export function checkName(name: string): void {
  if (!pattern.test(name))
    throw new BrokerError(
      'invalid_request',
      'A name is 2 to 63 lower case letters, digits and hyphens, and begins with a letter.',
    )
  // Where a name or an id may stand, it must be clear which of the two it is.
  if (isUuid(name)) throw new BrokerError('invalid_request', 'name must not look like an id.')
}
