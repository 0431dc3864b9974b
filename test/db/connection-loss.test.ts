import { CompiledQuery, sql } from 'kysely'
import t from 'tap'
import { openDatabase } from '../../src/db/database.ts'
import { createDatabase } from '../support/postgres.ts'
import { until } from '../support/kontor.ts'

t.test('a connection that breaks under a query fails the query, not the process', async (t) => {
  const { url } = await createDatabase(t)
  const db = openDatabase(url, { connections: 2, name: 'victim' })
  const other = openDatabase(url, { connections: 1, name: 'killer' })
  t.teardown(() => Promise.all([db.destroy(), other.destroy()]))
  const kill = async () =>
    sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'victim'`.execute(other)

  const sleeping = t.rejects(
    db.executeQuery(CompiledQuery.raw('select pg_sleep(60)')),
    'the running query',
  )
  await until(
    async () =>
      (
        await sql`select 1 from pg_stat_activity where application_name = 'victim'
          and query like '%pg_sleep%' and state = 'active'`.execute(other)
      ).rows.length,
    (count) => count === 1,
  )
  await kill()
  await sleeping

  await t.rejects(
    db.transaction().execute(async (tx) => {
      await sql`select 1`.execute(tx)
      // The connection breaks while no query runs on it.
      await kill()
      await until(
        async () =>
          (
            await sql`select 1 from pg_stat_activity where application_name = 'victim'`.execute(
              other,
            )
          ).rows.length,
        (count) => count === 0,
      )
      await sql`select 2`.execute(tx)
    }),
    'the open transaction',
  )

  t.strictSame(
    (await sql`select 3 as three`.execute(db)).rows,
    [{ three: 3 }],
    'the next query gets a new connection',
  )
})
