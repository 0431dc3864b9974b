// How a connection prepares its statements (src/db/prepared.ts).
import type { EventEmitter } from 'node:events'
import { sql } from 'kysely'
import t from 'tap'
import { openDatabase, type Db } from '../../src/db/database.ts'
import { PreparingClient } from '../../src/db/prepared.ts'
import { createDatabase } from '../support/postgres.ts'

const { url } = await createDatabase(t)

/** A pool of one connection, so that all statements of a test run on the same connection. */
function openOne(name: string): Db {
  const db = openDatabase(url, { connections: 1, name })
  t.teardown(() => db.destroy())
  return db
}

async function listPrepared(db: Db): Promise<Array<{ name: string; statement: string }>> {
  const { rows } = await sql<{
    name: string
    statement: string
  }>`/* planned anew */ select name, statement from pg_prepared_statements order by name`.execute(
    db,
  )
  return rows
}

t.test('a statement is prepared once, also when it begins with a line break', async (t) => {
  const db = openOne('prepared')
  for (const value of [1, 2]) {
    await sql`select ${value}::int as one`.execute(db)
    await sql`
      select ${value}::int as two`.execute(db)
  }
  t.strictSame((await listPrepared(db)).map(({ statement }) => statement.trim()).toSorted(), [
    'select $1::int as one',
    'select $1::int as two',
  ])
})

t.test('the name of a prepared statement depends only on its text', async (t) => {
  const first = openOne('first')
  const second = openOne('second')
  await sql`select ${1}::int as a`.execute(first)
  await sql`select ${1}::int as b`.execute(first)
  await sql`select ${1}::int as b`.execute(second)
  const names = await listPrepared(first)
  t.equal(new Set(names.map(({ name }) => name)).size, 2)
  t.match(names[0]?.name, /^kontor_[0-9a-f]{32}$/)
  const [{ name } = { name: '' }] = await listPrepared(second)
  t.equal(name, names.find(({ statement }) => statement.endsWith('as b'))?.name)
})

t.test('a statement marked "planned anew" is not prepared', async (t) => {
  const db = openOne('anew')
  await sql`/* planned anew */ select ${1}::int`.execute(db)
  t.strictSame(await listPrepared(db), [])
})

t.test('a statement that is neither prepared nor marked fails', async (t) => {
  const db = openOne('neither')
  await t.rejects(sql`/* note */ select ${1}::int`.execute(db), {
    message: /^A statement must begin with .* or be marked "\/\* planned anew \*\/": \/\* note/,
  })
  await t.rejects(sql`values (${1}::int)`.execute(db), { message: /^A statement must begin with/ })
  await db.transaction().execute(async (tx) => {
    await sql`set local lock_timeout = 100`.execute(tx)
  })
  t.strictSame(await listPrepared(db), [], 'a command is not prepared')
})

t.test('what a statement returns is described once, and read the same each time', async (t) => {
  const client = new PreparingClient({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  let described = 0
  const { connection } = client as unknown as { connection: EventEmitter }
  connection.on('rowDescription', () => described++)
  const read = async (query: string, value: number) => (await client.query(query, [value])).rows
  const query = `select $1::int as "asInt", $1::text as "asText", null::bytea as nothing
    from generate_series(1, $1::int)`
  for (const value of [1, 2, 0, 1]) {
    const row = { asInt: value, asText: String(value), nothing: null }
    t.strictSame(
      await read(query, value),
      Array.from({ length: value }, () => row),
    )
  }
  await t.rejects(read('select 1 / $1::int as quotient', 0), { code: '22012' })
  t.strictSame(await read('select 1 / $1::int as quotient', 1), [{ quotient: 1 }])
  t.equal(described, 2, 'once for each statement')
})

t.test('a statement that would return something else than before fails', async (t) => {
  const db = openOne('changed')
  await sql`/* planned anew */ create table changing (value int)`.execute(db)
  const read = () => sql`select value from changing`.execute(db)
  await read()
  await sql`/* planned anew */ alter table changing alter value type text`.execute(db)
  await t.rejects(read(), { code: '0A000' })
})

t.test('a statement that takes long is waited for longer than others', async (t) => {
  const db = openDatabase(url, { connections: 1, name: 'long', timeoutMs: 300 })
  t.teardown(() => db.destroy())
  const sleep = (comment: string) =>
    db.connection().execute(async (one) => {
      await sql`set statement_timeout = '10min'`.execute(one)
      await sql`/* ${sql.raw(comment)} */ select pg_sleep(0.6)`.execute(one)
    })
  await sleep('planned anew, takes long')
  await t.rejects(sleep('planned anew'), { message: 'Query read timeout' })
})
