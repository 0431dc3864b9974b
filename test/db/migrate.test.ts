// Migrations beside the release that still serves: no lock outlasts its file, and none is waited for while others wait behind.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'
import pg from 'pg'
import t from 'tap'
import { migrateToLatest } from '../../src/migrate.ts'
import { until } from '../support/kontor.ts'
import { createDatabase, createEmptyDatabase } from '../support/postgres.ts'

t.setTimeout(90_000)

interface Teardown {
  teardown(fn: () => Promise<void>): void
}

async function connect(t: Teardown, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

const folderOf = (
  t: { testdir(files: Record<string, string>): string },
  files: Record<string, string>,
) => pathToFileURL(`${t.testdir(files)}/`)
const done = async (client: pg.Client) =>
  (
    await client.query<{ name: string }>('select name from kysely_migration order by name')
  ).rows.map(({ name }) => name)

t.test('processes that start at once on an empty database go one after the other', async (t) => {
  const { url } = await createEmptyDatabase(t)
  const kontor = fileURLToPath(new URL('../../bin/kontor.js', import.meta.url))
  const codes = await Promise.all(
    [1, 2, 3].map(async () => {
      const child = fork(kontor, ['migrate'], {
        env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: url },
        silent: true,
      })
      let told = ''
      child.stdout?.on('data', (part: Buffer) => {
        told += part.toString()
      })
      const [code] = (await once(child, 'close')) as [number | null]
      return `${code} ${told.slice(0, 8)}`
    }),
  )
  t.strictSame(codes.toSorted(), ['0 Migrated', '0 The data', '0 The data'])
  const client = await connect(t, url)
  t.strictSame(
    (await client.query('select indexrelid::regclass from pg_index where not indisvalid')).rows,
    [],
  )
  t.strictSame(await migrateToLatest(url), [])
})

t.test('each migration is a transaction of its own', async (t) => {
  const { url } = await createEmptyDatabase(t)
  const names = await migrateToLatest(url)
  t.strictSame(await migrateToLatest(url), [], 'a second time there is nothing to do')
  const { rows } = await (
    await connect(t, url)
  ).query<{ name: string; transaction: string }>(
    'select name, xmin::text as transaction from kysely_migration order by name',
  )
  t.strictSame(
    rows.map(({ name }) => name),
    names,
  )
  t.equal(new Set(rows.map(({ transaction }) => transaction)).size, names.length)
})

t.test(
  'a migration that waits for a lock lets the release that serves go on, and is run when the lock is free',
  async (t) => {
    const { url } = await createEmptyDatabase(t)
    const [dump, order, look] = [
      await connect(t, url),
      await connect(t, url),
      await connect(t, url),
    ]
    await migrateToLatest(url, {
      folder: folderOf(t, { '0001_a.sql': 'create table things (id int);' }),
    })
    await dump.query('begin')
    await dump.query('select from things')
    const migrating = migrateToLatest(url, {
      folder: folderOf(t, {
        '0001_a.sql': 'create table things (id int);',
        '0002_b.sql': 'alter table things add column more text;',
      }),
      lockMs: 300,
      pauseMs: 300,
    })
    const waits = async () =>
      (
        await look.query(
          "select from pg_stat_activity where datname = current_database() and application_name = 'kontor-migrate' and wait_event_type = 'Lock'",
        )
      ).rowCount
    await until(waits, (count) => count === 1)
    await order.query("set statement_timeout = '5s'")
    await order.query('insert into things values (1)')
    t.pass('who stands behind it is let through')
    await dump.query('commit')
    t.strictSame(await migrating, ['0002_b'])
  },
)

t.test(
  'a lock that is never free stops it with a sentence, and what was migrated before stays',
  async (t) => {
    const { url } = await createEmptyDatabase(t)
    const [dump, look] = [await connect(t, url), await connect(t, url)]
    await look.query('create table things (id int)')
    await dump.query("set application_name = 'pg_dump'")
    await dump.query('begin')
    await dump.query('select from things')
    const folder = folderOf(t, {
      '0001_a.sql': 'create table first (id int);',
      '0002_b.sql': 'create table second (id int); alter table things add column more text;',
      '0003_c.sql': 'create table third (id int);',
    })
    await t.rejects(migrateToLatest(url, { folder, lockMs: 50, pauseMs: 10, tries: 3 }), {
      message:
        /^The migration 0002_b failed: somebody else holds a lock .* 3 times\. The oldest open transaction: pid \d+ \(pg_dump\), for \d+ s\. End what is in the way/,
    })
    t.strictSame(await done(look), ['0001_a'])
    t.match(
      (
        await look.query(
          "select to_regclass('second') as second, to_regclass('first')::text as first",
        )
      ).rows,
      [{ second: null, first: 'first' }],
    )
    await dump.query('commit')
    t.strictSame(await migrateToLatest(url, { folder }), ['0002_b', '0003_c'])
  },
)

t.test(
  'no lock outlasts its file: while a later one runs, what an earlier one changed is read',
  async (t) => {
    const { url } = await createEmptyDatabase(t)
    const [authenticate, order] = [await connect(t, url), await connect(t, url)]
    await authenticate.query('create table things (id int)')
    await authenticate.query('select pg_advisory_lock(7)')
    const folder = folderOf(t, {
      '0001_a.sql': 'alter table things add column more text;',
      '0002_b.sql':
        'set local lock_timeout = 0; select pg_advisory_lock(7); select pg_advisory_unlock(7);',
    })
    const migrating = migrateToLatest(url, { folder })
    await until(
      async () =>
        (
          await authenticate.query(
            "select from pg_locks where locktype = 'advisory' and objid = 7 and not granted",
          )
        ).rowCount,
      (count) => count === 1,
    )
    await order.query("set statement_timeout = '3s'")
    t.strictSame((await order.query('select more from things')).rows, [])
    await authenticate.query('select pg_advisory_unlock(7)')
    t.strictSame(await migrating, ['0001_a', '0002_b'])
  },
)

t.test(
  'indexes are built beside writes, also by the second try of one that was broken off, and while another process waits for its turn',
  async (t) => {
    const { url } = await createEmptyDatabase(t)
    const [open, order, look] = [
      await connect(t, url),
      await connect(t, url),
      await connect(t, url),
    ]
    await look.query('create table things (id int)')
    await look.query('insert into things values (1), (1)')
    await t.rejects(
      look.query('create unique index concurrently things_once on things (id)'),
      /could not create unique index/,
    )
    await look.query('delete from things where ctid = (select min(ctid) from things)')
    await open.query('begin')
    await open.query('insert into things values (2)')
    const folder = folderOf(t, {
      '0001_a.sql':
        '-- outside a transaction: things are written meanwhile\ncreate unique index concurrently if not exists things_once on things (id);\ncreate index concurrently if not exists things_more on things (id) where id > 1;\n',
    })
    const two = [migrateToLatest(url, { folder }), migrateToLatest(url, { folder })]
    await until(
      async () =>
        (
          await look.query(
            "select from pg_stat_activity where datname = current_database() and query ~ '^(drop|create) ' and wait_event_type = 'Lock'",
          )
        ).rowCount,
      (count) => count === 1,
    )
    await order.query("set statement_timeout = '3s'")
    await order.query('insert into things values (3)')
    await open.query('commit')
    t.strictSame((await Promise.all(two)).flat(), ['0001_a'], 'by one of them')
    t.strictSame(
      (
        await look.query(
          "select indexrelid::regclass::text as name, indisvalid as valid from pg_index where indrelid = 'things'::regclass order by 1",
        )
      ).rows,
      [
        { name: 'things_more', valid: true },
        { name: 'things_once', valid: true },
      ],
    )
  },
)

t.test('what runs outside of a transaction holds indexes only', async (t) => {
  const { url } = await createEmptyDatabase(t)
  for (const statement of [
    'alter table things add column more text;',
    'create index concurrently things_once on things (id);',
    'create index concurrently if not exists a on things (id); drop table things;',
  ]) {
    await t.rejects(
      migrateToLatest(url, {
        folder: folderOf(t, { '0001_a.sql': `-- outside a transaction: so\n${statement}\n` }),
      }),
      { message: /^The migration 0001_a runs outside of a transaction: it may hold only/ },
    )
  }
})

t.test('the database of a newer release is left alone, that of another one refused', async (t) => {
  const { url } = await createDatabase(t)
  const client = await connect(t, url)
  await client.query(
    "insert into kysely_migration (name, timestamp) values ('9999_newer', '2027-01-01T00:00:00.000Z')",
  )
  t.strictSame(await migrateToLatest(url), [])
  await client.query("delete from kysely_migration where name like '0005%'")
  await t.rejects(migrateToLatest(url), /has run 9999_newer, but not 0005_provider_limits/)
})

t.test('an event is written whatever the search path of its session is', async (t) => {
  const { url } = await createDatabase(t)
  const client = await connect(t, url)
  await client.query("set search_path = ''")
  await client.query(
    "insert into public.audit_events (at, actor, action, object_kind, object_id, outcome) values (now(), 'a', 'b', 'c', 'd', 'e')",
  )
  t.equal((await client.query('select from public.audit_unlinked')).rowCount, 1)
})
