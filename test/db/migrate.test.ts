// Migrations while the previous release still serves: a lock ends with its file, and a migration
// that waits for a lock lets the queries behind it pass.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'
import pg from 'pg'
import t from 'tap'
import { migrateToLatest } from '../../src/migrate.ts'
import { until } from '../support/kontor.ts'
import { createDatabase, createEmptyDatabase } from '../support/postgres.ts'
import type { Teardown } from '../support/teardown.ts'

t.setTimeout(90_000)

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

t.test(
  'processes that start at once on an empty database migrate it one after the other',
  async (t) => {
    const { url } = await createEmptyDatabase(t)
    const kontor = fileURLToPath(new URL('../../bin/kontor.js', import.meta.url))
    const codes = await Promise.all(
      [1, 2, 3].map(async () => {
        const child = fork(kontor, ['migrate'], {
          env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: url },
          silent: true,
        })
        let output = ''
        child.stdout?.on('data', (part: Buffer) => {
          output += part.toString()
        })
        const [code] = (await once(child, 'close')) as [number | null]
        return `${code} ${output.slice(0, 8)}`
      }),
    )
    t.strictSame(codes.toSorted(), ['0 Migrated', '0 The data', '0 The data'])
    const client = await connect(t, url)
    t.strictSame(
      (await client.query('select indexrelid::regclass from pg_index where not indisvalid')).rows,
      [],
    )
    t.strictSame(await migrateToLatest(url), [])
  },
)

t.test('each migration runs in its own transaction', async (t) => {
  const { url } = await createEmptyDatabase(t)
  const names = await migrateToLatest(url)
  t.strictSame(await migrateToLatest(url), [], 'a second run does nothing')
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
  'a migration that waits for a lock lets queries pass and runs when the lock is free',
  async (t) => {
    const { url } = await createEmptyDatabase(t)
    const [dump, order, observer] = [
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
      lockTimeoutMs: 300,
      pauseMs: 300,
    })
    const waits = async () =>
      (
        await observer.query(
          `select from pg_stat_activity where datname = current_database()
           and application_name = 'kontor-migrate' and wait_event_type = 'Lock'`,
        )
      ).rowCount
    await until(waits, (count) => count === 1)
    await order.query("set statement_timeout = '5s'")
    await order.query('insert into things values (1)')
    t.pass('a query that queued behind the migration passes')
    await dump.query('commit')
    t.strictSame(await migrating, ['0002_b'])
  },
)

t.test(
  'a lock that stays held fails the migration with an explanation, and earlier ones stay',
  async (t) => {
    const { url } = await createEmptyDatabase(t)
    const [dump, observer] = [await connect(t, url), await connect(t, url)]
    await observer.query('create table things (id int)')
    await dump.query("set application_name = 'pg_dump'")
    await dump.query('begin')
    await dump.query('select from things')
    const folder = folderOf(t, {
      '0001_a.sql': 'create table first (id int);',
      '0002_b.sql': 'create table second (id int); alter table things add column more text;',
      '0003_c.sql': 'create table third (id int);',
    })
    await t.rejects(migrateToLatest(url, { folder, lockTimeoutMs: 50, pauseMs: 10, attempts: 3 }), {
      message: new RegExp(
        '^The migration 0002_b failed: another session held a lock .* 3 attempts\\. ' +
          'The oldest open transaction: pid \\d+ \\(pg_dump\\), for \\d+ s\\. End that session',
      ),
    })
    t.strictSame(await done(observer), ['0001_a'])
    t.match(
      (
        await observer.query(
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
  'a lock ends with its file: a changed table is readable while the next file runs',
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
  'indexes are built during writes, also after an interrupted build, while another process waits',
  async (t) => {
    const { url } = await createEmptyDatabase(t)
    const [open, order, observer] = [
      await connect(t, url),
      await connect(t, url),
      await connect(t, url),
    ]
    await observer.query('create table things (id int)')
    await observer.query('insert into things values (1), (1)')
    await t.rejects(
      observer.query('create unique index concurrently things_once on things (id)'),
      /could not create unique index/,
    )
    await observer.query('delete from things where ctid = (select min(ctid) from things)')
    await open.query('begin')
    await open.query('insert into things values (2)')
    const folder = folderOf(t, {
      '0001_a.sql':
        '-- outside a transaction: things are written meanwhile\n' +
        'create unique index concurrently if not exists things_once on things (id);\n' +
        'create index concurrently if not exists things_more on things (id) where id > 1;\n',
    })
    const two = [migrateToLatest(url, { folder }), migrateToLatest(url, { folder })]
    await until(
      async () =>
        (
          await observer.query(
            `select from pg_stat_activity where datname = current_database()
             and query ~ '^(drop|create) ' and wait_event_type = 'Lock'`,
          )
        ).rowCount,
      (count) => count === 1,
    )
    await order.query("set statement_timeout = '3s'")
    await order.query('insert into things values (3)')
    await open.query('commit')
    t.strictSame((await Promise.all(two)).flat(), ['0001_a'], 'run by one of the two processes')
    t.strictSame(
      (
        await observer.query(
          `select indexrelid::regclass::text as name, indisvalid as valid from pg_index
           where indrelid = 'things'::regclass order by 1`,
        )
      ).rows,
      [
        { name: 'things_more', valid: true },
        { name: 'things_once', valid: true },
      ],
    )
  },
)

t.test('a migration outside a transaction may contain only indexes', async (t) => {
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
      { message: /^The migration 0001_a runs outside a transaction: it may contain only/ },
    )
  }
})

t.test(
  'the database of a newer release is left unchanged, that of another release refused',
  async (t) => {
    const { url } = await createDatabase(t)
    const client = await connect(t, url)
    await client.query(
      `insert into kysely_migration (name, timestamp)
     values ('9999_newer', '2027-01-01T00:00:00.000Z')`,
    )
    t.strictSame(await migrateToLatest(url), [])
    await client.query("delete from kysely_migration where name like '0005%'")
    await t.rejects(migrateToLatest(url), /has run 9999_newer, but not 0005_provider_limits/)
  },
)

t.test('an audit event is written with any search path of the session', async (t) => {
  const { url } = await createDatabase(t)
  const client = await connect(t, url)
  await client.query("set search_path = ''")
  await client.query(
    `insert into public.audit_events (at, actor, action, object_kind, object_id, outcome)
     values (now(), 'a', 'b', 'c', 'd', 'e')`,
  )
  t.equal((await client.query('select from public.audit_unlinked')).rowCount, 1)
})
