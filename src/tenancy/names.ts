import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'

const pattern = /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/

/** The name of the platform through which the people of an organisation order. */
export function consoleNameOf(organisationId: string): string {
  return `console-${organisationId}`
}

export function isConsoleName(name: string): boolean {
  return name.startsWith('console-') && isUuid(name.slice('console-'.length))
}

/**
 * Checks the name of a new platform or organisation.
 * @throws BrokerError `invalid_request`
 */
export function checkName(name: string): void {
  if (!pattern.test(name))
    throw new BrokerError(
      'invalid_request',
      'A name is 2 to 63 lower case letters, digits and hyphens, and begins with a letter.',
    )
  // Requests name things by id or name, so no name may be taken for an id.
  if (isUuid(name)) throw new BrokerError('invalid_request', 'name must not look like an id.')
}
