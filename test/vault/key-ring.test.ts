// Key rings that do not match their database, and key rings that change while processes run.
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { readConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/db/database.ts'
import { createLog } from '../../src/log.ts'
import { openLiveKeyRing } from '../../src/vault/live-key-ring.ts'
import { parseKeyRing } from '../../src/vault/key-ring.ts'
import { readKeys } from '../../src/vault/read-keys.ts'
import { sealedTables } from '../../src/vault/sealed-rows/tables.ts'
import { openVault } from '../../src/vault/vault.ts'
import { finished, here, startKontor, until } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import { serveKontor } from '../support/kontor-process.ts'
import { createDatabase } from '../support/postgres.ts'

// A digest key, the mark of the sealed tables, and the set of each.
const sealedAtFirst = 2 + sealedTables.length

t.setTimeout(110_000)

const newKey = () => randomBytes(32).toString('base64')
const [k1, k2, k3] = [`k1:${newKey()}`, `k2:${newKey()}`, `k3:${newKey()}`]

async function open(t: Test, url: string, keys: string) {
  const db = openDatabase(url, { connections: 1, name: 'kontor-test' })
  t.teardown(() => db.destroy())
  return openVault(db, parseKeyRing(keys))
}

/** Opens and closes the key ring as a server process does, which also registers its keys. */
async function run(t: Test, url: string, ring: string): Promise<void> {
  const db = openDatabase(url, { connections: 2, name: 'kontor-test' })
  t.teardown(() => db.destroy())
  const keys = await openLiveKeyRing({
    db,
    log: createLog('silent'),
    read: () => Promise.resolve(parseKeyRing(ring)),
  })
  await keys.close()
}

async function query(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Array<Record<string, unknown>>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
    .query(text, values)
    .then(({ rows }) => rows as Array<Record<string, unknown>>)
    .finally(() => client.end())
}

async function folderOf(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kontor-keys-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

t.test('every key of a ring is verified, and the error for a wrong key names its id', async (t) => {
  const { url } = await createDatabase(t)
  await open(t, url, k1)
  await t.resolves(run(t, url, `${k1},${k2}`), 'a second key is registered')
  await t.rejects(open(t, url, `${k1},k2:${newKey()}`), {
    code: 'configuration',
    message: /the key "k2" is not the one that the database knows by that id/,
  })
  await t.rejects(open(t, url, `k1:${newKey()},${k2}`), {
    code: 'configuration',
    message: /the key "k1" is not the one/,
  })
  await t.resolves(open(t, url, `${k2},${k1}`))
  await t.rejects(open(t, url, k2), {
    code: 'configuration',
    message: new RegExp(`it lacks the key "k1" \\(values sealed with it: ${sealedAtFirst}\\)`),
  })
})

t.test(
  'a command with a wrong key does not register it, so that the right key still works',
  async (t) => {
    const { url } = await createDatabase(t)
    await run(t, url, k1)
    const wrong = `k2:${newKey()}`
    const command = (keys: string, ...args: string[]) =>
      runKontor(args, { DATABASE_URL: url, KONTOR_KEYS: keys })
    t.match(await command(`${wrong},${k1}`, 'key', 'rotate', '--dry-run'), {
      code: 0,
      stdout: new RegExp(`with the key "k2": ${sealedAtFirst}\n`),
    })
    t.match(await command(`${wrong},${k1}`, 'audit', 'verify'), { code: 0 })
    t.strictSame(await query(url, 'select id from vault_keys'), [{ id: 'k1' }])
    // A process has registered the wrong key, but no value is sealed with it.
    await run(t, url, `${k1},${wrong}`)
    await t.rejects(run(t, url, `${k1},${k2}`), { message: /the key "k2" is not the one/ })
    t.match(await command(k1, 'key', 'forget', 'k2', '--reason', 'a slip'), {
      code: 0,
      stdout: /another key may take its id/,
    })
    await t.resolves(run(t, url, `${k1},${k2}`))
  },
)

t.test('a database without canaries verifies its keys by the values they sealed', async (t) => {
  const { url } = await createDatabase(t)
  await open(t, url, k1)
  await query(url, 'update vault_keys set canary = null')
  await t.rejects(open(t, url, `k1:${newKey()}`), {
    code: 'configuration',
    message: /the key "k1" is not the one/,
  })
  await t.resolves(open(t, url, k1))
  await run(t, url, k1)
  t.strictSame(await query(url, 'select id, in_use, canary is null as none from vault_keys'), [
    { id: 'k1', in_use: true, none: false },
  ])
})

t.test('a key file may contain comments and must not be readable by other users', async (t) => {
  const file = join(await folderOf(t), 'keys')
  await writeFile(file, `# made in March\n\n${k2}\n  # the one before\n${k1}\n`, { mode: 0o600 })
  const source = { keys: undefined, keysFile: file }
  t.strictSame([...(await readKeys(source)).keys.keys()], ['k2', 'k1'])
  if (process.geteuid?.() === 0) {
    await chmod(file, 0o640)
    await t.resolves(readKeys(source), 'the group may read a file that root owns')
    await chmod(file, 0o644)
    await t.rejects(readKeys(source), { message: /Set its mode to 0400, 0440, 0600 or 0640/ })
  }
  for (const mode of [0o644, 0o604, 0o602, 0o620]) {
    await chmod(file, mode)
    await t.rejects(readKeys(source), {
      code: 'configuration',
      message: new RegExp(`has mode 0${mode.toString(8)}: other users may read or change it`),
    })
  }
  await chmod(file, 0o400)
  await t.resolves(readKeys(source))
  await chmod(file, 0o440)
  // A secret mounted in a container belongs to root and to the group of the process.
  if (process.geteuid?.() === 0) {
    await t.resolves(readKeys(source))
    await chown(file, 12_345, 12_345)
    await t.rejects(readKeys(source), {
      message: /belongs to user 12345; it must belong to user 0/,
    })
    await chown(file, 0, 0)
  } else {
    await t.rejects(readKeys(source), { message: /has mode 0440/ })
  }
  await chmod(file, 0o600)
  for (const [text, says] of [
    ['', /entry 1 is not of the form/],
    [`${k1}\n${k1}`, /entry 2 repeats the id "k1"/],
    ['x'.repeat(70_000), /is too long/],
  ] as const) {
    await writeFile(file, text)
    await t.rejects(readKeys(source), { code: 'configuration', message: says })
    await readKeys(source).catch((error: unknown) => {
      t.notOk(String(error).includes(k1.slice(3)))
    })
  }
  await t.rejects(readKeys({ keys: undefined, keysFile: join(file, 'missing') }), {
    code: 'configuration',
    message: /KONTOR_KEYS_FILE cannot be read/,
  })
  t.throws(() => readConfig({ KONTOR_KEYS: k1, KONTOR_KEYS_FILE: file }), {
    code: 'configuration',
    message: /both set/,
  })
})

t.test(
  'processes switch to a new key when their files change, and only when all have the key',
  async (t) => {
    const { url } = await createDatabase(t)
    const folder = await folderOf(t)
    const files = ['one', 'two'].map((name) => join(folder, name))
    const put = async (at: number, ...keys: string[]) =>
      writeFile(files[at] ?? '', `${keys.join('\n')}\n`, { mode: 0o600 })
    await put(0, k1)
    await put(1, k1)
    const environment = { DATABASE_URL: url, KONTOR_ADMIN_TOKEN: randomBytes(32).toString('hex') }
    const [one] = await Promise.all(
      files.map((file) => serveKontor(t, { ...environment, KONTOR_KEYS_FILE: file })),
    )
    const holders = () =>
      query(
        url,
        `select array_to_string(keys, ' ') as keys, sealing_key
         from vault_processes order by keys desc`,
      )

    await put(0, k2, k1)
    t.strictSame(
      await until(holders, ([first]) => first?.['keys'] === 'k2 k1'),
      [
        { keys: 'k2 k1', sealing_key: 'k1' },
        { keys: 'k1', sealing_key: 'k1' },
      ],
      'the other process could not open values sealed with k2',
    )
    const early = await runKontor(['key', 'rotate'], {
      ...environment,
      KONTOR_KEYS: `${k2},${k1}`,
    }).catch(() => undefined)
    t.match(early, {
      code: 1,
      stderr: /Not all processes have the key "k2": it is missing in \S+:\d+\./,
    })
    // An invalid file changes nothing and is logged once.
    await put(1, `k1:${newKey()}`)
    await put(0, 'hunter2')
    await until(
      () => one?.output().stderr ?? '',
      (text) => /the key ring of this process has a problem/.test(text),
    )
    t.notMatch(one?.output().stderr, /hunter2/)
    await put(0, k2, k1)
    await put(1, k2, k1)
    await until(holders, (seen) => seen.every((each) => each['sealing_key'] === 'k2'))
    t.equal((await fetch(`${one?.url}/readyz`)).status, 200)
  },
)

t.test(
  'a process that lacks a key in use seals nothing, starts no work and reports not ready',
  async (t) => {
    const kontor = await startKontor(t, { environment: { KONTOR_KEYS: k1 } })
    await kontor.addProvider('north')
    await kontor.addProvider('slow', {
      behaviours: { '*': { mode: 'async', provisionSeconds: 0.1 } },
    })
    const ids = await kontor.find('north', 'db', 'small')
    const slow = await kontor.find('slow', 'db', 'small')
    t.equal(
      (
        await kontor.call('PUT', '/v2/service_instances/a', {
          ...ids,
          ...here,
          parameters: { a: 1 },
        })
      ).status,
      201,
    )
    // As if the process had lost its connection while the others switched to another key.
    await query(kontor.databaseUrl, `insert into vault_keys (id, in_use) values ('k9', true)`)
    await until(
      async () => (await kontor.call('GET', '/readyz')).body,
      ({ reason }) => reason?.startsWith('This process lacks a key that others use') === true,
    )
    const refused = await kontor.call('PUT', '/v2/service_instances/b', {
      ...ids,
      ...here,
      parameters: { a: 1 },
    })
    t.match(
      [refused.status, refused.headers['retry-after'], refused.body.description],
      [503, '5', /lacks a key/],
    )
    t.equal(
      (await kontor.call('GET', '/v2/service_instances/a')).status,
      200,
      'it serves the values that it can open',
    )
    t.equal(
      (
        await kontor.call('PUT', '/v2/service_instances/c?accepts_incomplete=true', {
          ...slow,
          ...here,
        })
      ).status,
      202,
    )
    // The worker polls for due operations four times a second.
    const since = `
      select next_step_at < now() - interval '1 second' as due,
        state, internal_errors, fencing_token
      from operations where instance_id = 'c'`
    t.strictSame(
      await until(
        () => query(kontor.databaseUrl, since),
        ([row]) => row?.['due'] === true || row?.['fencing_token'] !== 1,
      ),
      [{ due: true, state: 'waiting', internal_errors: 0, fencing_token: 1 }],
      'it leaves the operation to other processes',
    )
    await query(kontor.databaseUrl, `update vault_keys set in_use = false where id = 'k9'`)
    await until(
      async () => (await kontor.call('GET', '/readyz')).status,
      (status) => status === 200,
    )
    t.equal(
      (
        await kontor.call('PUT', '/v2/service_instances/b', {
          ...ids,
          ...here,
          parameters: { a: 1 },
        })
      ).status,
      201,
    )
    t.equal((await finished(kontor.call, '/v2/service_instances/c')).body.state, 'succeeded')
  },
)

t.test('an operator can give up a lost key', async (t) => {
  const { url } = await createDatabase(t)
  await open(t, url, k1)
  await run(t, url, `${k1},${k3}`)
  await query(url, `update vault_keys set in_use = true where id = 'k3'`)
  const environment = { DATABASE_URL: url, KONTOR_KEYS: k1 }
  await t.rejects(open(t, url, k1), {
    message: /it lacks the key "k3" \(values sealed with it: 0\)/,
  })
  const status = await runKontor(['key', 'status'], environment)
  t.match(status, {
    code: 0,
    stdout: new RegExp(
      `"k1" is needed\\. Values: ${sealedAtFirst}\\.[^]*"k3" is needed\\. Values: 0\\.`,
    ),
  })
  const forget = (id: string, keys = k1) =>
    runKontor(['key', 'forget', id, '--reason', 'burnt'], {
      ...environment,
      KONTOR_KEYS: keys,
    })
  t.match(await forget('k3', `${k1},${k3}`), {
    code: 1,
    stderr: /"k3" is not lost: it is in the key ring of this command/,
  })
  t.match(await forget('k1'), { code: 1, stderr: /"k1" is not lost/ })
  t.match(await forget('k3'), { code: 0, stdout: /starts without the key "k3"/ })
  await query(
    url,
    `insert into vault_secrets (name, sealed) values ('digest-key-2', '\\x03026b33ff')`,
  )
  t.match(await forget('k3'), {
    code: 1,
    stderr: /"k3" was already given up\. Values sealed with it: 1\./,
  })
  t.match(await forget('k4'), { code: 1, stderr: /does not know a key "k4"/ })
  t.equal((await open(t, url, k1)).digest('x').length, 32, 'with a digest key that is not lost')
  t.match(await query(url, 'select action, object_id, details from audit_events'), [
    { action: 'key.forgotten', object_id: 'k3', details: { reason: 'burnt' } },
  ])
})
