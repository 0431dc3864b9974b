// The load, from this process, over loopback: each connection sends its next request when the last
// one is answered.
import { openConnection, type Connection } from './connection.ts'

export interface Target {
  readonly url: string
  /** Of a second process of the same server, which gets every second connection. */
  readonly secondUrl?: string
  readonly method: 'GET' | 'PUT' | 'DELETE'
  /** Of the next request. */
  path(): string
  /** Whether nothing is left to ask for, such as no binding to delete: the load then ends early. */
  isExhausted?(): boolean
  readonly headers: Readonly<Record<string, string>>
  /** Of the next request, after its path. All are of the same length. */
  readonly body?: string | (() => string)
  /** What every answer must be. */
  readonly status: number
}

export interface Load {
  readonly requests: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const maxRequests = 1_000_000

/**
 * @throws Error when an answer had another status or another length than the first, or did not come
 */
export async function applyLoad(
  target: Target,
  connections: number,
  seconds: number,
): Promise<Load> {
  const open: Connection[] = await Promise.all(
    Array.from({ length: connections }, (_, index) =>
      openConnection(new URL((index % 2 === 1 ? target.secondUrl : undefined) ?? target.url)),
    ),
  )
  const times: number[] = []
  let length: number | undefined
  const write = writerOf(target)
  const started = performance.now()
  const end = started + seconds * 1_000
  const run = async (connection: Connection): Promise<void> => {
    for (;;) {
      const sent = performance.now()
      // The last ones are answered too, so that nothing is cut off, but they do not count.
      if (sent >= end || times.length >= maxRequests || target.isExhausted?.() === true) return
      const answer = await connection.send(write())
      length ??= answer.bytes
      if (answer.status !== target.status || answer.bytes !== length) {
        throw new Error(
          `${target.url} answered ${answer.status} and ${answer.bytes} bytes, ` +
            `not ${target.status} and ${length}.`,
        )
      }
      const now = performance.now()
      if (now < end) times.push(now - sent)
    }
  }
  try {
    await Promise.all(open.map(run))
  } finally {
    for (const connection of open) connection.close()
  }
  const sorted = Float64Array.from(times).toSorted()
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
  const elapsed = Math.min(performance.now(), end) - started
  return {
    requests: times.length,
    perSecond: (times.length / elapsed) * 1_000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  }
}

// A GET is always the same bytes, which are made once.
function writerOf(target: Target): () => Buffer {
  const { method, headers } = target
  const head = Object.entries({ host: new URL(target.url).host, ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  const make = () => {
    const path = target.path()
    const body = bodyOf(target) ?? ''
    const length = method === 'PUT' ? `content-length: ${Buffer.byteLength(body)}\r\n` : ''
    return Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}${length}\r\n${body}`)
  }
  if (method !== 'GET') return make
  const fixed = make()
  return () => fixed
}

export function bodyOf({ body }: Target): string | undefined {
  return typeof body === 'function' ? body() : body
}
