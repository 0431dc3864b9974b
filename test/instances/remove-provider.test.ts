import { sql } from 'kysely'
import t from 'tap'
import { here, startKontor, until } from '../support/kontor.ts'

t.test('an order that arrives while its provider is removed is refused and not sent', async (t) => {
  const {
    call,
    addProvider,
    find,
    running: { runtime },
  } = await startKontor(t)
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
