import { CompiledQuery, sql } from 'kysely'
import t from 'tap'
import { openDatabase } from '../../src/db/database.ts'
import { isTransientDatabaseError } from '../../src/db/transient-error.ts'
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

t.test('Postgres gives a statement up before Kontor does, so that it writes nothing', async (t) => {
  const { url } = await createDatabase(t)
  const db = openDatabase(url, { connections: 1, name: 'hurried', timeoutMs: 1_000 })
  const other = openDatabase(url, { connections: 1, name: 'holder' })
  t.teardown(() => Promise.all([db.destroy(), other.destroy()]))
  await sql`/* planned anew */ create table held (value int)`.execute(other)
  await sql`insert into held values (1)`.execute(other)
  await other.transaction().execute(async (tx) => {
    await sql`update held set value = 2`.execute(tx)
    const error: unknown = await sql`update held set value = 3`.execute(db).catch((e: unknown) => e)
    t.match(error, { code: '57014' })
    t.ok(isTransientDatabaseError(error), 'a later retry may succeed')
  })
  t.strictSame((await sql`select value from held`.execute(db)).rows, [{ value: 2 }])
  t.strictSame((await sql`/* planned anew */ show statement_timeout`.execute(other)).rows, [
    { statement_timeout: '14s' },
  ])
})

t.test('a transaction that stands still does not hold up others', async (t) => {
  const { url } = await createDatabase(t)
  const frozen = openDatabase(url, { connections: 1, name: 'frozen', timeoutMs: 1_500 })
  const db = openDatabase(url, { connections: 1, name: 'waiting' })
  t.teardown(() => Promise.all([frozen.destroy(), db.destroy()]))
  await sql`/* planned anew */ create table held (value int)`.execute(db)
  await sql`insert into held values (1)`.execute(db)
  const error = await frozen
    .transaction()
    .execute(async (tx) => {
      await sql`update held set value = 2`.execute(tx)
      // As a process does that the system has stopped here: it asks nothing more.
      await sql`update held set value = 3`.execute(db)
      await sql`select value from held`.execute(tx)
    })
    .catch((thrown: unknown) => thrown)
  t.ok(isTransientDatabaseError(error), String(error))
  t.strictSame((await sql`select value from held`.execute(db)).rows, [{ value: 3 }])
})
