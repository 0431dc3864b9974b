// The address of a broker, the parts that all requests to it share, and the connections to it.
import { randomUUID } from 'node:crypto'
import { Pool, type Dispatcher } from 'undici'
import type { Networks } from '../../networks.ts'
import type { OsbSettings } from '../../types.gen.ts'
import { guardedConnector, type TlsSettings } from '../connect.ts'

export type Query = Readonly<Record<string, string | undefined>>

/** Ids may hold any character; all but the unreserved ones of RFC 3986 are encoded. */
export function encode(text: string): string {
  const escape = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  return encodeURIComponent(text.toWellFormed()).replaceAll(/[!'()*]/g, escape)
}

/** The path of the broker's URL, without a slash at its end and without /v2, which pathOf adds. */
export function prefixOf(url: string): string {
  return new URL(url).pathname.replace(/\/+$/, '').replace(/\/v2$/, '')
}

/** Leaves out absent and empty query values: OSB forbids empty ones. */
export function pathOf(prefix: string, segments: readonly string[], query: Query = {}): string {
  let path = `${prefix}/v2`
  for (const segment of segments) path += `/${encode(segment)}`
  let separator = '?'
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue
    path += `${separator}${key}=${encode(value)}`
    separator = '&'
  }
  return path
}

/**
 * The headers of every call except the credentials. A missing request identity is generated, so
 * that log lines of both sides can be matched (DEC-33).
 */
export function headersOf(settings: OsbSettings) {
  const fixed = {
    accept: 'application/json',
    // No compression: the size limit must count the bytes of the uncompressed answer.
    'accept-encoding': 'identity',
    'x-broker-api-version': settings.apiVersion ?? '2.17',
  }
  const isForwarded = settings.originatingIdentity !== 'drop'
  return (context: {
    originatingIdentity?: string | null
    requestIdentity?: string | null
  }): Record<string, string> => ({
    ...fixed,
    'x-broker-api-request-identity': context.requestIdentity || randomUUID(),
    ...(isForwarded && typeof context.originatingIdentity === 'string'
      ? { 'x-broker-api-originating-identity': context.originatingIdentity }
      : {}),
  })
}

/** Connections for one provider alone, so that one that hangs uses up none of another's. */
export function connectionsTo(
  url: string,
  networks: Networks,
  tls: TlsSettings,
  maxSeconds: number,
): Connections {
  const { origin, protocol } = new URL(url)
  const options: Pool.Options = {
    pipelining: 1,
    allowH2: false,
    // A provider may close an idle connection just as Kontor writes to it, which leaves an outcome
    // unknown. So Kontor closes idle ones early, whatever the provider's Keep-Alive header
    // promises.
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 4000,
    connect: guardedConnector(
      networks,
      protocol === 'https:',
      tls,
      Math.ceil(Math.min(10, maxSeconds) * 1000),
    ),
  }
  return createConnections(() => new Pool(origin, options))
}

/** Connections to one origin. */
export interface Connections {
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void
  /** Calls under way may still end, later ones fail. To be called once. */
  close(): Promise<void>
}

// Longer than connections without a call stay open, so that this closes none that is of use.
const usualRestMs = 10_000

/**
 * Opens a pool for the first call, and drops it when there was none for a while: with the queue
 * that each has, the pools of a thousand providers that are not called took 20 MB.
 */
export function createConnections(openPool: () => Pool, restMs = usualRestMs): Connections {
  let pool: Pool | undefined
  let isClosed = false
  const timer = setTimeout(() => {
    if (pool === undefined) return
    // Dropped, a pool with a call under way would not be waited for at the end.
    if (pool.stats.size > 0) {
      timer.refresh()
      return
    }
    void pool.close()
    pool = undefined
  }, restMs).unref()
  return {
    dispatch(options, handler) {
      pool ??= openPool()
      if (!isClosed) timer.refresh()
      pool.dispatch(options, handler)
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      // A closed pool tells later calls so.
      pool ??= openPool()
      await pool.close()
    },
  }
}
