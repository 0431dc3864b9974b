import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t from 'tap'
import { createDatabase, createEmptyDatabase } from './postgres.ts'

t.test(
  'concurrent callers get separate databases from a template that is created once',
  async (t) => {
    let made = 0
    const template = {
      name: `kontor_stub_${randomBytes(4).toString('hex')}`,
      migrate: async (url: string) => {
        made++
        await query(url, 'create table kept as select 1 as n')
      },
    }
    const [a, b, c] = await Promise.all([
      createDatabase(t, template),
      createDatabase(t, template),
      createDatabase(t, template),
    ])
    await query(a.url, 'update kept set n = 2')
    t.strictSame(
      [await query(a.url, 'select n from kept'), await query(b.url, 'select n from kept')],
      [[{ n: 2 }], [{ n: 1 }]],
    )
    t.equal(new Set([a.url, b.url, c.url]).size, 3)
    t.equal(made, 1)
  },
)

t.test('a template that failed half-way is created anew', async (t) => {
  const name = `kontor_stub_${randomBytes(4).toString('hex')}`
  const broken = async (url: string) => {
    await query(url, 'create table half ()')
    throw new Error('no')
  }
  await t.rejects(createDatabase(t, { name, migrate: broken }), /no/)
  const { url } = await createDatabase(t, {
    name,
    migrate: async (url) => {
      await query(url, 'create table half as select 1 as n')
    },
  })
  t.strictSame(await query(url, 'select n from half'), [{ n: 1 }])
})

t.test('a database is dropped with its test, even while a client is connected', async (t) => {
  let url = ''
  let idle: pg.Client | undefined
  await t.test('inner', async (t) => {
    url = (await createEmptyDatabase(t)).url
    idle = new pg.Client({ connectionString: url })
    idle.on('error', () => {})
    await idle.connect()
  })
  await t.rejects(query(url, 'select 1'), { code: '3D000' })
  await idle?.end()
})

async function query(url: string, statement: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
    .query<object>(statement)
    .then(({ rows }) => rows)
    .finally(() => client.end())
}
