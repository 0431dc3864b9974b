// Where calls go and how they sign in: the constant part of every request.
import { randomUUID } from 'node:crypto'
import { Pool, type Dispatcher } from 'undici'
import type { Networks } from '../../networks.ts'
import type { OsbSettings } from '../../types.gen.ts'
import { guardedConnector, type TlsSettings } from '../connect.ts'

export type Query = Readonly<Record<string, string | undefined>>

/** Opaque ids may hold anything; all but the unreserved characters of RFC 3986 are encoded. */
export function encode(text: string): string {
  const escape = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  return encodeURIComponent(text.toWellFormed()).replaceAll(/[!'()*]/g, escape)
}

/** The path prefix of the broker: no slash at its end, and no /v2, which every call brings itself. */
export function prefixOf(url: string): string {
  return new URL(url).pathname.replace(/\/+$/, '').replace(/\/v2$/, '')
}

/** Segments are literal or ids; absent and empty query values are left out, for OSB forbids empty ones. */
export function pathOf(prefix: string, segments: readonly string[], query: Query = {}): string {
  const path = ['', 'v2', ...segments.map(encode)].join('/')
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [`${key}=${encode(value)}`],
  )
  return `${prefix}${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`
}

/** What is sent with every call beside the credentials. A missing request identity is minted, so that both logs can be matched (DEC-33). */
export function headersOf(settings: OsbSettings) {
  const fixed = {
    accept: 'application/json',
    // No compression: the size limit must see every byte that the answer unfolds to.
    'accept-encoding': 'identity',
    'x-broker-api-version': settings.apiVersion ?? '2.17',
  }
  const isForwarded = settings.originatingIdentity !== 'drop'
  return (context: {
    originatingIdentity?: string
    requestIdentity?: string
  }): Record<string, string> => ({
    ...fixed,
    'x-broker-api-request-identity': context.requestIdentity || randomUUID(),
    ...(isForwarded && context.originatingIdentity !== undefined
      ? { 'x-broker-api-originating-identity': context.originatingIdentity }
      : {}),
  })
}

/** Own connections for one provider, so that one that hangs takes nothing from another. */
export function connectionsTo(
  url: string,
  networks: Networks,
  tls: TlsSettings,
  maxSeconds: number,
): Dispatcher {
  const { origin, protocol } = new URL(url)
  return new Pool(origin, {
    pipelining: 1,
    allowH2: false,
    // A provider may close an idle connection just as we write to it, and that is `unknown`: so idle ones are dropped
    // early, whatever the provider's Keep-Alive header promises.
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 4000,
    connect: guardedConnector(
      networks,
      protocol === 'https:',
      tls,
      Math.ceil(Math.min(10, maxSeconds) * 1000),
    ),
  })
}
