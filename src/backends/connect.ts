// Opens connections to a provider: only to checked addresses, with the client certificate if there
// is one.
import { isIP, type LookupFunction } from 'node:net'
import { createSecureContext } from 'node:tls'
import { buildConnector } from 'undici'
import type { Networks, AddressClass } from '../networks.ts'
import type { ClientCertificate } from '../types.gen.ts'
import { expiryOf } from './client-certificate.ts'

export interface TlsSettings {
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string | undefined
  readonly clientCertificate?: ClientCertificate | undefined
}

/** Kontor did not try to connect. `forOperator` names the registered host and what to do. */
export class NotConnected extends Error {
  readonly code:
    'KONTOR_ADDRESS_CLOSED' | 'KONTOR_PORT_CLOSED' | 'KONTOR_NO_TLS' | 'KONTOR_CERTIFICATE_EXPIRED'
  readonly forOperator: string | undefined

  constructor(code: NotConnected['code'], forOperator?: string) {
    super(code)
    this.code = code
    this.forOperator = forOperator
  }
}

/**
 * Opens connections to one origin. It resolves the name once per connection, checks each address
 * and connects only to a checked one, so a later answer of a name server cannot bypass the check.
 * Without TLS it connects only to networks that an operator has allowed: every call sends
 * credentials or returns some.
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
    const port = Number(options.port) || (isEncrypted ? 443 : 80)
    const refusal =
      expiresAt !== undefined && expiresAt.getTime() <= Date.now()
        ? new NotConnected('KONTOR_CERTIFICATE_EXPIRED')
        : networks.allowsPort(port)
          ? refusalOfAddress(networks, isEncrypted, hostname)
          : new NotConnected(
              'KONTOR_PORT_CLOSED',
              `port ${port} of ${hostname} is not among the allowedPorts of the provider; an ` +
                'operator can add it',
            )
    if (refusal === undefined) connect(options, callback)
    // undici expects the callback asynchronously.
    else
      queueMicrotask(() => {
        callback(refusal, null)
      })
  }
}

// A socket does not look up a host that is an address already.
function refusalOfAddress(
  networks: Networks,
  isEncrypted: boolean,
  hostname: string,
): NotConnected | undefined {
  return isIP(hostname) === 0
    ? undefined
    : refusalOf(networks, [networks.classOf(hostname)], isEncrypted, hostname)
}

function checkedLookup(networks: Networks, isEncrypted: boolean): LookupFunction {
  return (hostname, options, done) => {
    networks.lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, [])
      const all = Array.isArray(found) ? found : []
      const usable = all.filter(
        ({ address }) =>
          refusalOf(networks, [networks.classOf(address)], isEncrypted, hostname) === undefined,
      )
      const [first] = usable
      if (first === undefined)
        return done(
          refusalOf(
            networks,
            all.map(({ address }) => networks.classOf(address)),
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

/**
 * Why Kontor connects to none of the addresses; undefined if it may connect. Names the host but not
 * its addresses, which may be internal.
 */
function refusalOf(
  { openedBy }: Networks,
  classes: readonly AddressClass[],
  isEncrypted: boolean,
  hostname: string,
): NotConnected | undefined {
  if (classes.length === 0 || classes.includes('opened')) return undefined
  if (!classes.includes('public')) {
    return new NotConnected(
      'KONTOR_ADDRESS_CLOSED',
      `${hostname} leads into a network that Kontor may not connect to (private, link-local, ` +
        `reserved or the like); an operator can allow it with ${openedBy}`,
    )
  }
  if (isEncrypted) return undefined
  return new NotConnected(
    'KONTOR_NO_TLS',
    `${hostname} would be called without TLS, which Kontor does only in networks that an ` +
      'operator has allowed with KONTOR_PROVIDER_NETWORKS; use https',
  )
}

function noAddress(): Error {
  return Object.assign(new Error('no address'), { code: 'ENOTFOUND' })
}

// Once, not per connection: decrypting a key may be slow on purpose.
function secureContextOf(ca: string | undefined, clientCertificate: ClientCertificate | undefined) {
  const { certificate: cert, key, passphrase } = clientCertificate ?? {}
  return createSecureContext({
    // Whatever NODE_OPTIONS says. The suites are Node's: an older server of a provider may have
    // only CBC.
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(passphrase === undefined ? {} : { passphrase }),
  })
}
