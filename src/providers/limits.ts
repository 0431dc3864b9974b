import { BrokerError } from '../errors.ts'
import { validateNetwork } from '../networks.ts'

/** @throws BrokerError `invalid_request` that names a field which the schema cannot check */
export function checkLimits({
  allowedNetworks = [],
}: {
  readonly allowedNetworks?: readonly string[]
}): void {
  for (const [index, entry] of allowedNetworks.entries()) {
    const error = validateNetwork(entry)
    if (error !== undefined)
      throw new BrokerError('invalid_request', `allowedNetworks.${index} ${error}.`)
  }
}
