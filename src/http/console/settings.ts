import type { Config } from '../../config.ts'
import { BrokerError } from '../../errors.ts'
import type { TrustedIssuer } from '../../oidc/issuers.ts'
import { openSignInFlows } from '../../oidc/sign-in/sign-in-flows.ts'
import { isLoopback } from '../../unsafe-settings.ts'
import type { PageDeps } from './asked.ts'

export type ConsoleSettings = Pick<
  PageDeps,
  'contact' | 'isSecure' | 'publicUrl' | 'sessionLimits' | 'signIns' | 'issuerOf'
>

/**
 * What the console takes from the configuration.
 * @throws BrokerError `configuration` when people can sign in and Kontor listens beyond this
 *   machine without knowing its address: it could only believe the Host of each request
 */
export function consoleSettings(
  { publicUrl, contact, tls, host, sessionLimits }: Config,
  issuers: readonly TrustedIssuer[],
  now: () => Date,
): ConsoleSettings {
  const signIns = openSignInFlows(issuers, now)
  if (signIns !== undefined && publicUrl === undefined && !isLoopback(host))
    throw new BrokerError(
      'configuration',
      'KONTOR_PUBLIC_URL is not set. People sign in to the console, and Kontor listens beyond ' +
        'this machine, so it needs the address under which browsers reach it, such as ' +
        'https://kontor.example.',
    )
  return {
    contact,
    publicUrl,
    sessionLimits,
    signIns,
    isSecure: publicUrl === undefined ? tls !== undefined : publicUrl.protocol === 'https:',
    issuerOf: (issuer) => issuers.find((each) => each.issuer === issuer),
  }
}
