// An order must leave nothing behind in its process once it has ended.
import { createHook } from 'node:async_hooks'
import t, { type Test } from 'tap'
import { here, startKontor } from '../support/kontor.ts'

const longMs = 30_000

/** Counts the timers of at least half a minute that were started since and still run. */
function countLongTimers(t: Test): () => number {
  const started = new Map<number, { readonly _idleTimeout?: number }>()
  const hook = createHook({
    init(id, type, _trigger, resource) {
      if (type === 'Timeout') started.set(id, resource)
    },
    destroy(id) {
      started.delete(id)
    },
  }).enable()
  t.teardown(() => hook.disable())
  // Node sets how long a timer runs after `init`.
  return () => [...started.values()].filter(({ _idleTimeout = 0 }) => _idleTimeout >= longMs).length
}

t.test('an order without accepts_incomplete leaves no timer behind', async (t) => {
  const kontor = await startKontor(t)
  await kontor.addProvider('north', { behaviours: { '*': { mode: 'sync' } } })
  const ids = await kontor.find('north', 'db')
  const order = (name: string) =>
    kontor.call('PUT', `/v2/service_instances/${name}`, { ...ids, ...here })
  // Connections are opened, with timers of their own.
  for (let n = 0; n < 3; n++) t.equal((await order(`first-${n}`)).status, 201)
  const longTimers = countLongTimers(t)
  const orders = 20
  for (let n = 0; n < orders; n++) t.equal((await order(`next-${n}`)).status, 201)
  t.ok(longTimers() < orders / 2, `${longTimers()} timers after ${orders} orders`)
})
