// Migrations run while the release before still serves.
import pg from 'pg'
import t from 'tap'
import { migrateToLatest } from '../../src/migrate.ts'
import { createEmptyDatabase } from '../support/postgres.ts'

t.test('each migration is a transaction of its own, so that none keeps locked what the next one reads for long', async (t) => {
  const { url } = await createEmptyDatabase(t)
  const names = await migrateToLatest(url)
  t.strictSame(await migrateToLatest(url), [], 'a second time there is nothing to do')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ name: string, transaction: string }>('select name, xmin::text as transaction from kysely_migration order by name')
  await client.end()
  t.strictSame(rows.map(({ name }) => name), names)
  t.equal(new Set(rows.map(({ transaction }) => transaction)).size, names.length)
})
