// When the connections to a provider are dropped, with real sockets.
import type { ServerResponse } from 'node:http'
import t from 'tap'
import { Pool } from 'undici'
import { createConnections } from '../../src/backends/osb/target.ts'
import { exchange } from '../../src/backends/osb/exchange.ts'
import { answer, scriptedUpstream } from '../support/scripted-upstream.ts'

const limits = { timeoutSeconds: 5, maxBytes: 1_000 }
const call = { method: 'GET', path: '/', headers: {} } as const
const never = new AbortController().signal

/** A pool that says when it is looked at and when it is closed. */
class WatchedPool extends Pool {
  readonly closing = Promise.withResolvers<undefined>()
  looks: Array<() => void> = []

  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | void {
    this.closing.resolve(undefined)
    return callback === undefined ? super.close() : super.close(callback)
  }
}

function watchedPools(url: string) {
  const pools: WatchedPool[] = []
  const open = () => {
    const pool = new WatchedPool(url)
    Object.defineProperty(pool, 'stats', {
      get: () => {
        pool.looks.pop()?.()
        return Reflect.get(Pool.prototype, 'stats', pool)
      },
    })
    pools.push(pool)
    return pool
  }
  return { pools, open }
}

void t.test('a provider that is not called has no pool, and the next call opens one', async (t) => {
  const upstream = await scriptedUpstream(t, answer(200))
  const { pools, open } = watchedPools(upstream.url)
  const connections = createConnections(open, 10)
  t.strictSame(pools, [], 'none before the first call')
  for (const count of [1, 2]) {
    t.match(await exchange(connections, call, limits, never), { kind: 'answered', status: 200 })
    t.equal(pools.length, count)
    await pools.at(-1)?.closing.promise
  }
  await connections.close()
  t.match(await exchange(connections, call, limits, never), { kind: 'unsent' })
})

void t.test('a call that takes long keeps its pool, and an end waits for it', async (t) => {
  const held = Promise.withResolvers<ServerResponse>()
  const upstream = await scriptedUpstream(t, (_request, response) => {
    held.resolve(response)
  })
  const { pools, open } = watchedPools(upstream.url)
  const connections = createConnections(open, 10)
  const exchanged = exchange(connections, call, limits, never)
  const response = await held.promise
  for (let look = 0; look < 2; look++)
    await new Promise<void>((resolve) => pools[0]?.looks.push(resolve))
  t.equal(pools[0]?.closed, false)
  let isClosed = false
  const closing = connections.close().then(() => {
    isClosed = true
  })
  t.equal(isClosed, false)
  response.end('{}')
  t.match(await exchanged, { kind: 'answered', status: 200 })
  await closing
})
