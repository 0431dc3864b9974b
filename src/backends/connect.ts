// How a connection to a provider comes about: to a checked address only, with our certificate if there is one.
import { isIP, type LookupFunction } from 'node:net'
import { createSecureContext } from 'node:tls'
import { buildConnector } from 'undici'
import type { Networks, Standing } from '../networks.ts'
import type { ClientCertificate } from '../types.gen.ts'
import { expiryOf } from './client-certificate.ts'

export interface TlsSettings {
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string | undefined
  readonly clientCertificate?: ClientCertificate | undefined
}

/** We did not even try. `forOperator` names the host, as it was registered, and what an operator can do. */
export class NotConnected extends Error {
  readonly code: 'KONTOR_ADDRESS_CLOSED' | 'KONTOR_NO_TLS' | 'KONTOR_CERTIFICATE_EXPIRED'
  readonly forOperator: string | undefined

  constructor(code: NotConnected['code'], forOperator?: string) {
    super(code)
    this.code = code
    this.forOperator = forOperator
  }
}

/**
 * Connections for one origin. The name is looked up once per connection, each address it has is checked, and only a checked
 * one is connected to, so that no later answer of a name server counts. Without TLS only opened networks are good enough:
 * every call carries credentials or brings some back.
 */
export function guardedConnector(
  networks: Networks,
  isEncrypted: boolean,
  { ca, clientCertificate }: TlsSettings,
  timeoutMs: number,
): buildConnector.connector {
  const expiresAt = clientCertificate === undefined ? undefined : expiryOf(clientCertificate)
  const connect = buildConnector({
    allowH2: false,
    timeout: timeoutMs,
    rejectUnauthorized: true,
    ...(isEncrypted ? { secureContext: secureContextOf(ca, clientCertificate) } : {}),
    lookup: checkedLookup(networks, isEncrypted),
  })
  return (options, callback) => {
    const { hostname } = options
    // A socket looks nothing up that is an address already.
    const refusal =
      expiresAt !== undefined && expiresAt.getTime() <= Date.now()
        ? new NotConnected('KONTOR_CERTIFICATE_EXPIRED')
        : isIP(hostname) === 0
          ? undefined
          : refusalOf([networks.standingOf(hostname)], isEncrypted, hostname)
    if (refusal === undefined) connect(options, callback)
    // undici counts on hearing of it later.
    else
      queueMicrotask(() => {
        callback(refusal, null)
      })
  }
}

function checkedLookup(networks: Networks, isEncrypted: boolean): LookupFunction {
  return (hostname, options, done) => {
    networks.lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, [])
      const all = Array.isArray(found) ? found : []
      const usable = all.filter(
        ({ address }) =>
          refusalOf([networks.standingOf(address)], isEncrypted, hostname) === undefined,
      )
      const [first] = usable
      if (first === undefined)
        return done(
          refusalOf(
            all.map(({ address }) => networks.standingOf(address)),
            isEncrypted,
            hostname,
          ) ?? noAddress(),
          [],
        )
      if (options.all === true) done(null, usable)
      else done(null, first.address, first.family)
    })
  }
}

/** Why none of the addresses is good enough; the name's own addresses are told to nobody, they may be an inner matter. */
function refusalOf(
  standings: readonly Standing[],
  isEncrypted: boolean,
  hostname: string,
): NotConnected | undefined {
  if (standings.length === 0 || standings.includes('opened')) return undefined
  if (!standings.includes('public')) {
    return new NotConnected(
      'KONTOR_ADDRESS_CLOSED',
      `${hostname} leads into a network that Kontor may not connect to (private, link-local, reserved or the like); an operator can allow it with KONTOR_PROVIDER_NETWORKS`,
    )
  }
  if (isEncrypted) return undefined
  return new NotConnected(
    'KONTOR_NO_TLS',
    `${hostname} would be called without TLS, which Kontor does only in networks that an operator has allowed with KONTOR_PROVIDER_NETWORKS; use https`,
  )
}

function noAddress(): Error {
  return Object.assign(new Error('no address'), { code: 'ENOTFOUND' })
}

// Once, not per connection: a key may take long to open on purpose.
function secureContextOf(ca: string | undefined, clientCertificate: ClientCertificate | undefined) {
  const { certificate: cert, key, passphrase } = clientCertificate ?? {}
  return createSecureContext({
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(passphrase === undefined ? {} : { passphrase }),
  })
}
