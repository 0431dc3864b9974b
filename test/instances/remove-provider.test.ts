import { sql } from 'kysely'
import t from 'tap'
import { here, startKontor, until } from '../support/kontor.ts'

const {
  call,
  admin,
  addProvider,
  find,
  running: { runtime },
} = await startKontor(t)

t.test('an order that arrives while its provider is removed is refused and not sent', async (t) => {
  const { simulator, view } = await addProvider('nord')
  const small = await find('nord', 'db', 'small')
  let ordered: ReturnType<typeof call> | undefined
  // As removeProvider, but not committed yet: the order waits for the lock on the provider's row.
  await runtime.db.transaction().execute(async (tx) => {
    await sql`select id from providers where id = ${view.id} for update`.execute(tx)
    ordered = call('PUT', '/v2/service_instances/i-1', { ...small, ...here })
    await until(
      async () =>
        (
          await sql`select 1 from pg_stat_activity
              where datname = current_database() and wait_event_type = 'Lock'`.execute(tx)
        ).rows.length,
      (count) => count > 0,
    )
    await sql`
        update providers set state = 'removed', credentials = null
        where id = ${view.id}`.execute(tx)
  })
  t.match(await ordered, { status: 400, body: { description: /no longer offered/ } })
  t.strictSame(simulator.state().instances, [])
  t.strictSame(await runtime.db.selectFrom('instances').select('id').execute(), [])
})

t.test('an order that waits at a provider that is removed is answered at once', async (t) => {
  const { view } = await addProvider('sued', { concurrency: 1 })
  const small = await find('sued', 'db', 'small')
  const { guard } = await runtime.backends.open(view.id)
  const slot = guard.acquireSlot('question')
  const began = performance.now()
  const waiting = call('PUT', '/v2/service_instances/waits', { ...small, ...here })
  await until(
    async () => (await call('GET', '/metrics')).text,
    (text) => /^kontor_provider_orders_waiting\{provider="sued"\} 1$/m.test(text),
  )
  t.equal((await admin('DELETE', `/api/providers/${view.id}`)).status, 204)
  t.match(await waiting, { status: 400, body: { description: /takes no new orders\.$/ } })
  t.ok(performance.now() - began < 8_000, 'the wait would have ended after ten seconds')
  t.ok(slot.granted)
})
