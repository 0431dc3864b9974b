// The load: autocannon in this process, over loopback, bounded in time and count.
import autocannon, { type Result } from 'autocannon'

export interface Target {
  readonly url: string
  readonly method: 'GET' | 'PUT'
  /** Of the next request. */
  path (): string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** What every answer must be. */
  readonly status: number
}

export interface Load {
  readonly requests: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const mostRequests = 1_000_000

/** @throws Error when an answer had another status or another length than the first, or did not come */
export async function applyLoad (target: Target, connections: number, seconds: number): Promise<Load> {
  const times: number[] = []
  const wrong = new Map<string, number>()
  let length: number | undefined
  const started = performance.now()
  const result = await new Promise<Result>((resolve, reject) => {
    const { method, headers, body } = target
    const first = { method, path: target.path(), headers, ...(body === undefined ? {} : { body }) }
    const isFixed = method === 'GET'
    const tracker = autocannon({
      url: target.url,
      connections,
      duration: seconds,
      maxOverallRequests: mostRequests,
      sampleInt: 20,
      timeout: 10,
      requests: [isFixed ? first : { ...first, setupRequest: (request) => ({ ...request, path: target.path() }) }]
    }, (error, ended) => { if (error === null) resolve(ended); else reject(error) })
    tracker.on('response', (_client: unknown, status: number, bytes: number, ms: number) => {
      times.push(ms)
      length ??= bytes
      if (status === target.status && bytes === length) return
      const what = `status ${status}, ${bytes} bytes`
      wrong.set(what, (wrong.get(what) ?? 0) + 1)
    })
  })
  const elapsed = (performance.now() - started) / 1_000
  if (result.errors > 0) wrong.set('no answer', result.errors)
  if (times.length === 0 || wrong.size > 0) {
    throw new Error(`Of ${times.length} answers some were wrong (expected ${target.status}, ${String(length)} bytes): ${JSON.stringify([...wrong])}`)
  }
  const sorted = Float64Array.from(times).toSorted()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { requests: times.length, perSecond: times.length / elapsed, p50Ms: at(0.5), p99Ms: at(0.99) }
}
