import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'

/** How long answers take, in milliseconds. */
export interface Spread {
  readonly p50: number
  readonly p99: number
  readonly most: number
}

/** Reads an answer to its last byte, as gzip. @throws Error for another status than 200 or 304 */
export async function get(url: string, headers: Record<string, string>): Promise<number> {
  const { statusCode, body } = await request(url, {
    headers: { ...headers, 'accept-encoding': 'gzip' },
  })
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) bytes += chunk.length
  if (statusCode !== 200 && statusCode !== 304) throw new Error(`${url} answered ${statusCode}.`)
  return bytes
}

/**
 * Calls again and again, so long apart, until it is stopped.
 * @returns a function that stops it
 */
export function probe(call: (turn: number) => Promise<unknown>, everyMs: number) {
  const stopping = new AbortController()
  const times: number[] = []
  const running = (async () => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const started = performance.now()
      await call(turn)
      times.push(performance.now() - started)
      await delay(everyMs)
    }
  })()
  return async (): Promise<Spread> => {
    stopping.abort()
    await running
    return spreadOf(times)
  }
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).toSorted()
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
  return { p50: at(0.5), p99: at(0.99), most: at(1) }
}
