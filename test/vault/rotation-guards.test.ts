// kontor key rotate, while other processes could still seal with the old key.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { advisoryLocks } from '../../src/db/advisory-locks.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { caller, here, startKontor, until } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import { serveKontor } from '../support/kontor-process.ts'
import { createDatabase } from '../support/postgres.ts'

t.setTimeout(110_000)
t.jobs = 3

const newKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`
const [k1, k2] = [newKey('k1'), newKey('k2')]

// The other tests of this file wait for locks at the same time, in other databases of this server.
const isAwaited = `not granted
  and database = (select oid from pg_database where datname = current_database())`

async function connect(t: Test, url: string, name = 'test'): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: name })
  await client.connect()
  t.teardown(() => client.end().catch(() => {}))
  return client
}

/** A database with some values under k1 and without a running process. */
async function sealed(t: Test) {
  const kontor = await startKontor(t, { worker: false, environment: { KONTOR_KEYS: k1 } })
  await kontor.addProvider('north')
  const ids = await kontor.find('north', 'db', 'small')
  for (const name of ['a', 'b'])
    await kontor.call('PUT', `/v2/service_instances/${name}`, {
      ...ids,
      ...here,
      parameters: { name },
    })
  const { username, password } = await createPlatform(
    kontor.running.runtime,
    commandLineCaller('test'),
    'second',
  )
  await kontor.running.stop()
  const environment: Record<string, string> = {
    ...kontor.environment,
    LOG_LEVEL: 'info',
    KONTOR_KEYS: `${k2},${k1}`,
  }
  return {
    ids,
    environment,
    authorization: basicAuth(username, password),
    client: await connect(t, kontor.databaseUrl),
    ownerUrl: kontor.databaseUrl,
    rotate: (...options: string[]) => runKontor(['key', 'rotate', ...options], environment),
  }
}

t.test(
  'a rotation waits for a suspended process, which seals nothing with the old key when it resumes',
  async (t) => {
    const { ids, environment, authorization, client, rotate } = await sealed(t)
    const still = await serveKontor(t, { ...environment, KONTOR_KEYS: k1 })
    const call = caller(still.url, { 'x-broker-api-version': '2.17', authorization })
    t.equal(
      (await call('PUT', '/v2/service_instances/c', { ...ids, ...here, parameters: { name: 'c' } }))
        .status,
      201,
    )
    const openTransactions = async () => {
      const { rowCount } = await client.query(
        `select pid from pg_stat_activity where datname = current_database()
         and xact_start is not null and pid <> pg_backend_pid()`,
      )
      return rowCount ?? 0
    }
    // Outside a transaction: a rotation waits for the end of those that may have sealed a value.
    // The server may read the beginning of one only after the process was suspended.
    await until(
      async () => {
        // It has to catch up first: what its timers begin at once would be open again.
        still.child.kill('SIGCONT')
        await until(openTransactions, (open) => open === 0)
        still.child.kill('SIGSTOP')
        let open = 0
        for (let turn = 0; turn < 30; turn++) open += await openTransactions()
        return open
      },
      (open) => open === 0,
    )
    // It counts as gone after twenty seconds; this makes it silent for twelve.
    await client.query(`update vault_processes set seen_at = now() - interval '12 seconds'`)
    const since = performance.now()
    const rotated = await rotate()
    t.match(rotated, {
      code: 0,
      stdout: /The key "k1" seals nothing any more/,
      stderr: /Waiting for \S+:\d+: no heartbeat for 5 s/,
    })
    t.ok(performance.now() - since > 7_000)
    await until(
      () => performance.now() - since,
      (ms) => ms > 11_000,
    )
    still.child.kill('SIGCONT')
    const refused = await Promise.all(
      Array.from({ length: 5 }, (_, nth) =>
        call('PUT', `/v2/service_instances/late-${nth}`, {
          ...ids,
          ...here,
          parameters: { name: 'late' },
        }),
      ),
    )
    t.strictSame(
      refused.map(({ status }) => status),
      [503, 503, 503, 503, 503],
    )
    t.strictSame(
      (
        await client.query(
          `select 1 from instances
           where parameters is not null and substring(parameters from 3 for 2) = 'k1'`,
        )
      ).rows,
      [],
    )
  },
)

t.test(
  'a process of an earlier release, which does not publish its keys, stops a rotation',
  async (t) => {
    const { client, environment, rotate } = await sealed(t)
    const before = await connect(t, environment['DATABASE_URL'] ?? '', 'kontor')
    t.match(await rotate(), {
      code: 1,
      stderr: /Processes of an earlier release are running.*sessions named "kontor": 1/,
    })
    t.strictSame((await client.query('select id, in_use from vault_keys')).rows, [
      { id: 'k1', in_use: true },
    ])
    await before.end()
    t.match(await rotate(), { code: 0 })
    t.strictSame(
      (await client.query('select id, in_use from vault_keys order by id')).rows,
      [
        { id: 'k1', in_use: false },
        { id: 'k2', in_use: true },
      ],
      'also without a process that would have marked the key',
    )
  },
)

t.test(
  'processes with another database role stop a rotation and the sealing of rows',
  async (t) => {
    const { client, environment, ownerUrl } = await sealed(t)
    const hidden = await connect(t, ownerUrl, 'kontor-serve')
    const run = (verb: string) => runKontor(['key', verb], environment)
    const refused = { code: 1, stderr: /Processes serve with another database role/ }
    t.match(await Promise.all([run('rotate'), run('seal-rows')]), [refused, refused])
    await hidden.end()
    t.match(await run('seal-rows'), { code: 0 })
    t.match(await run('rotate'), { code: 0 })
    const all = () => runKontor(['key', 'rotate', '--all'], environment)
    await client.query(
      `insert into vault_processes (process_id, name, keys, sealing_key)
       values (gen_random_uuid(), 'old:1', '{k2}', 'k2')`,
    )
    t.match(await all(), {
      code: 1,
      stderr: /earlier release are running \(old:1\), which know no/,
    })
    await client.query('delete from vault_processes')
    t.match(
      await all(),
      { code: 1, stderr: /The key "k2" has sealed the digest key before/ },
      'a copy of the database from now could bring that digest key back',
    )
  },
)

t.test('a rotation names the transaction that does not end, and goes on later', async (t) => {
  const { client, environment, rotate } = await sealed(t)
  const suspended = await connect(t, environment['DATABASE_URL'] ?? '', 'kontor-serve')
  const backend = (await suspended.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]
  const stuck = {
    code: 1,
    stderr: new RegExp(
      `Transactions do not end.*backend ${backend?.pid} \\("kontor-serve" at \\S+\\) since 20.*, ` +
        `now idle in transaction[^]*heartbeat: lost:7 since 20[^]*terminate_backend\\(${backend?.pid}\\)`,
    ),
  }
  await client.query(
    `insert into vault_processes (process_id, name, keys, seen_at)
     values (gen_random_uuid(), 'lost:7', '{k1}', now() - interval '1 minute')`,
  )
  // It may have sealed a value, or it keeps one from being rewrapped.
  for (const before of ['select 1', 'select from instances for update']) {
    await suspended.query('begin')
    await suspended.query(before)
    t.match(await rotate('--wait', '1'), stuck, before)
    await suspended.query('rollback')
  }
  t.match(await rotate('--wait', '1'), {
    code: 0,
    stdout: /The key "k1" seals nothing any more/,
  })
})

t.test(
  'a value sealed with the old key after the last pass is rewrapped before the key is freed',
  async (t) => {
    const { client, environment, rotate } = await sealed(t)
    const other = await connect(t, environment['DATABASE_URL'] ?? '')
    const {
      rows: [row],
    } = await client.query<{ id: string; parameters: Buffer }>(
      'select id, parameters from instances order by instance_id limit 1',
    )
    // Blocks the rotation in its last pass, and then before its final check.
    await client.query('begin')
    await client.query('select from instances where id = $1 for update', [row?.id])
    const rotating = rotate()
    const under = async (key: string) =>
      (
        await other.query<{ count: number }>(
          `select count(*)::int as count from instances
           where substring(parameters from 3 for 2) = $1`,
          [key],
        )
      ).rows[0]?.count
    await until(
      () => under('k2'),
      (count) => count === 1,
    )
    await other.query('select pg_advisory_lock($1)', [advisoryLocks.rings])
    await client.query('rollback')
    await until(
      async () =>
        (await client.query(`select 1 from pg_locks where locktype = 'advisory' and ${isAwaited}`))
          .rowCount,
      (count) => count === 1,
    )
    t.equal(await under('k2'), 2)
    await client.query('update instances set parameters = $2 where id = $1', [
      row?.id,
      row?.parameters,
    ])
    await other.query('select pg_advisory_unlock($1)', [advisoryLocks.rings])
    t.match(await rotating, {
      code: 0,
      stdout: /The key "k1" seals nothing any more/,
    })
    t.equal(await under('k1'), 0)
  },
)

t.test(
  'a row with an old MAC that stays locked ends a rotation, which goes on later',
  async (t) => {
    const { client, environment, rotate } = await sealed(t)
    const other = await connect(t, environment['DATABASE_URL'] ?? '')
    await client.query(`create table kept_rows as select id, mac from platforms;
    create table kept_set as select * from sealed_sets where table_name = 'platforms'`)
    // Stops the first pass within a statement, for as long as this needs: a locked row would end
    // the rotation after a second.
    await client.query('begin')
    await client.query('lock table instances in exclusive mode')
    const rotating = rotate('--wait', '1')
    await until(
      () =>
        other.query(`select from pg_locks where relation = 'instances'::regclass and ${isAwaited}`),
      ({ rowCount }) => rowCount === 1,
    )
    await other.query('select pg_advisory_lock($1)', [advisoryLocks.rings])
    await client.query('rollback')
    await until(
      () => other.query(`select from pg_locks where locktype = 'advisory' and ${isAwaited}`),
      ({ rowCount }) => rowCount === 1,
    )
    // All is done but the final check.
    await client.query(`update platforms set mac = kept.mac from kept_rows as kept
      where kept.id = platforms.id;
    update sealed_sets as sets
      set (revision, digest, mac) = (kept.revision, kept.digest, kept.mac)
      from kept_set as kept where kept.table_name = sets.table_name`)
    await client.query('begin')
    await client.query('select from platforms limit 1 for update')
    await other.query('select pg_advisory_unlock($1)', [advisoryLocks.rings])
    t.match(await rotating, { code: 1, stderr: /Transactions do not end/ })
    await client.query('rollback')
    // Nor does a row that no pass changes keep it for ever.
    await client.query(`insert into vault_marks (name, since, tables, mac)
    select 'x', since, tables, kept.mac from vault_marks
      cross join (select mac from kept_rows limit 1) as kept`)
    t.match(await rotate('--wait', '1'), { code: 1, stderr: /vault_marks\.mac under "k1"/ })
    await client.query(`delete from vault_marks where name = 'x'`)
    t.match(await rotate(), { code: 0, stdout: /The key "k1" seals nothing any more/ })
  },
)

t.test('a digest key that SQL keeps in force is reported', async (t) => {
  const { client, rotate } = await sealed(t)
  await client.query(`create function keep() returns trigger language plpgsql
      as 'begin return null; end';
    create trigger keep before update on vault_secrets for each row when (new.version = 2)
      execute function keep()`)
  t.match(await rotate('--all', '--wait', '1'), {
    code: 1,
    stderr: /vault_secrets\.sealed of digest-key: An older digest key is in force again/,
  })
  await client.query('drop trigger keep on vault_secrets')
  t.match(await rotate('--all'), { code: 0, stdout: /"k1" seals nothing any more/ })
})

t.test(
  'values of a key that was given up are counted separately and do not fail later rotations',
  async (t) => {
    const { url } = await createDatabase(t)
    const client = await connect(t, url)
    const command = (keys: string, ...args: string[]) =>
      runKontor(args, { DATABASE_URL: url, KONTOR_KEYS: keys })
    t.match(await command(k1, 'audit', 'verify'), { code: 0 })
    await client.query(`insert into vault_keys (id, in_use) values ('k9', true)`)
    await client.query(`insert into vault_secrets (name, sealed) values ('lost', '\\x01026b39ff')`)
    t.match(await command(k1, 'key', 'forget', 'k9', '--reason', 'burnt'), { code: 0 })
    t.match(await command(`${k2},${k1}`, 'key', 'rotate'), {
      code: 0,
      stdout: /"k1" seals nothing any more[^]*that stay closed because their key was given up: 1\n/,
    })
    t.match(
      (await client.query(`select outcome, details from audit_events where action = 'key.rotated'`))
        .rows,
      [{ outcome: 'succeeded', details: { damaged: 0, givenUp: 1 } }],
    )
  },
)
