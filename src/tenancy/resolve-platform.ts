import { BrokerError } from '../errors.ts'
import type { Directory } from './directory.ts'
import type { Platform } from './platform.ts'
import type { AccessScope } from './principal.ts'

type PlatformIndex = Pick<Directory, 'platform' | 'platformNamed' | 'reload'>

/**
 * The platform that a request names by id or name, from memory; a retired one too. One outside the
 * scope looks like an unknown one: neither causes a query, whose time would show whether a platform
 * of that name exists.
 */
export async function resolvePlatform(
  directory: PlatformIndex,
  scope: AccessScope,
  reference: string,
): Promise<Platform | undefined> {
  const find = () => directory.platform(reference) ?? directory.platformNamed(reference)
  const known = find()
  if (scope !== 'all') {
    const owner = known?.organisationId ?? undefined
    return owner !== undefined && scope.organisations.includes(owner) ? known : undefined
  }
  if (known !== undefined) return known
  // Another process may have created it a moment ago.
  await directory.reload()
  return find()
}

/**
 * As `resolvePlatform`, for a field of a request.
 * @throws BrokerError `invalid_request` that names the field
 */
export async function requirePlatform(
  directory: PlatformIndex,
  scope: AccessScope,
  field: string,
  reference: string,
): Promise<Platform> {
  const platform = await resolvePlatform(directory, scope, reference)
  if (platform === undefined)
    throw new BrokerError('invalid_request', `${field}: there is no platform "${reference}".`)
  return platform
}
