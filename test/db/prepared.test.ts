// How a connection prepares its statements (src/db/prepared.ts).
import { sql } from 'kysely'
import t from 'tap'
import { openDatabase, type Db } from '../../src/db/database.ts'
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
