// kontor key rotate, as an operator runs it, while two real processes take orders.
import { randomBytes } from 'node:crypto'
import { writeFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { macColumns } from '../../src/vault/mac-columns.ts'
import { sealedColumns } from '../../src/vault/sealed-columns.ts'
import { listSealed, replaceSealed } from '../../src/vault/sealed-values/store.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { caller, here, startKontor, until, type Call, type Reply } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import { serveKontor, spawnKontor } from '../support/kontor-process.ts'
import { createDatabase } from '../support/postgres.ts'

t.setTimeout(170_000)

const newKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`

async function connect(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

const keyIdOf = (column: string) =>
  `encode(substring(${column} from 3 for get_byte(${column}, 1)), 'escape')`

/** How many values and MACs are under each key, over all columns. */
async function sealedWith(client: pg.Client): Promise<Record<string, number>> {
  const all = [...sealedColumns, ...macColumns]
    .map(
      ({ table, column }) =>
        `select ${keyIdOf(column)} as id from ${table} where ${column} is not null`,
    )
    .join(' union all ')
  const { rows } = await client.query<{ id: string; values: number }>(
    `select id, count(*)::int as values from (${all}) as every group by id order by id`,
  )
  return Object.fromEntries(rows.map(({ id, values }) => [id, values]))
}

const platform = (url: string, authorization: string): Call =>
  caller(url, { 'x-broker-api-version': '2.17', authorization })

interface Load {
  readonly replies: ReadonlyArray<{ readonly what: string; readonly reply: Reply }>
  stop(): Promise<void>
}

/**
 * Provisions, updates, binds and fetches through both processes until it is stopped, in a few
 * sequences at the same time.
 */
function load(calls: readonly Call[], ids: { service_id: string; plan_id: string }): Load {
  const replies: Array<{ what: string; reply: Reply }> = []
  let stopped = false
  const runSequence = async (name: string): Promise<void> => {
    for (let at = 0; !stopped; at++) {
      const I = `/v2/service_instances/${name}-${at}`
      const B = `${I}/service_bindings/${name}-${at}`
      const steps: Array<[string, string, unknown?]> = [
        ['PUT', I, { ...ids, ...here, parameters: { name, at } }],
        ['PUT', I, { ...ids, ...here, parameters: { name, at } }],
        ['PUT', B, { ...ids, parameters: { role: name } }],
        ['PATCH', I, { service_id: ids.service_id, parameters: { more: at } }],
        ['GET', B],
        ['GET', I],
        ['PUT', B, { ...ids, parameters: { role: name } }],
        // Deletes every second binding.
        ...(at % 2 === 0
          ? []
          : [['DELETE', `${B}?${new URLSearchParams(ids).toString()}`] as [string, string]]),
      ]
      for (const [turn, [method, path, body]] of steps.entries()) {
        const reply = await calls[(at + turn) % calls.length]?.(method, path, body)
        if (reply !== undefined) replies.push({ what: `${method} ${path}`, reply })
      }
    }
  }
  const sequences = Promise.all(['w', 'x', 'y', 'z'].map(runSequence))
  return {
    replies,
    stop: async () => {
      stopped = true
      await sequences
    },
  }
}

t.test(
  'all rotates under load: no request fails, the old key is freed, and every value opens',
  async (t) => {
    const { url, servingUrl } = await createDatabase(t)
    const [k1, k2] = [newKey('k1'), newKey('k2')]
    const folder = await mkdtemp(join(tmpdir(), 'kontor-rotation-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'keys')
    const put = (...keys: string[]) => writeFile(file, `${keys.join('\n')}\n`, { mode: 0o600 })
    await put(k1)
    // Registers the provider and the platform, and stops before the two server processes start.
    const helper = await startKontor(t, {
      databaseUrl: servingUrl,
      worker: false,
      environment: { KONTOR_KEYS: k1 },
    })
    await helper.addProvider('north')
    const ids = await helper.find('north', 'db', 'small')
    const environment = {
      ...helper.environment,
      KONTOR_KEYS: '',
      KONTOR_KEYS_FILE: file,
      LOG_LEVEL: 'info',
    }
    const made = JSON.parse(
      (await runKontor(['platform', 'create', 'second'], environment)).stdout,
    ) as { username: string; password: string }
    const authorization = basicAuth(made.username, made.password)
    await helper.running.stop()
    const processes = await Promise.all([serveKontor(t, environment), serveKontor(t, environment)])
    const calls = processes.map((each) => platform(each.url, authorization))
    const client = await connect(t, url)

    const during = load(calls, ids)
    t.teardown(() => during.stop().catch(() => {}))
    await until(
      () => sealedWith(client),
      ({ k1: values = 0 }) => values > 100,
    )
    await put(k2, k1)
    const rotated = await runKontor(['key', 'rotate', '--all'], environment)
    t.match(rotated, {
      code: 0,
      stdout: /^Values .* "k2": \d+\nDigests .*: [1-9]\d*\nThe key "k1" seals nothing any more/,
    })
    t.strictSame(
      Object.keys(await sealedWith(client)),
      ['k2'],
      'also values sealed during the rotation',
    )
    await put(k2)
    await until(
      async () => (await client.query<{ keys: string[] }>('select keys from vault_processes')).rows,
      (seen) => seen.length === 2 && seen.every(({ keys }) => keys.join() === 'k2'),
    )
    // Of two platforms one has signed in since.
    await until(
      () => client.query(`select from platform_credentials where length(password_digest) = 32`),
      ({ rowCount }) => rowCount === 1,
    )
    const before = during.replies.length
    await until(
      () => during.replies.length,
      (now) => now > before + 50,
    )
    await during.stop()

    const failed = during.replies.filter(({ reply }) => reply.status >= 300)
    t.strictSame(
      failed.slice(0, 5).map(({ what, reply }) => `${what}: ${reply.status} ${reply.text}`),
      [],
      `of ${during.replies.length} requests`,
    )
    t.comment(`${during.replies.length} requests, ${rotated.stdout.split('\n')[0]}`)
    const bound = during.replies.filter(({ what }) => /^PUT .*[02468]\/service_bindings/.test(what))
    t.ok(bound.length > 10)
    for (const { what, reply } of bound) {
      const got = await calls[0]?.('GET', what.slice(4))
      t.match([got?.status, got?.body.credentials], [200, reply.body.credentials], what)
      const [, name = '', at = ''] = /([w-z])-(\d+)$/.exec(what) ?? []
      const instance = await calls[1]?.('GET', `/v2/service_instances/${name}-${at}`)
      t.strictSame(
        instance?.body.parameters,
        { name, at: Number(at), more: Number(at) },
        'no change was overwritten',
      )
    }
    const { rows } = await client.query<{ details: unknown }>(
      `select details from audit_events where action = 'key.rotated'`,
    )
    t.match(rows, [{ details: { damaged: 0, freed: 'k1' } }])
    const status = await runKontor(['key', 'status'], environment)
    t.match(status, { code: 0, stdout: /"k1" can be removed/ })
    t.match(status.stdout, /\n1 +k2 +retired +platform_credentials\.password_digest: 1\n/)
    t.match(
      status?.stdout,
      /\n2 +k2 +in force +platform_c.*: 1, inst.*_mac: \d+, bindings.*, operations/,
    )
    t.match(await runKontor(['audit', 'verify'], environment), {
      code: 0,
      stdout: /^\d+ events, head /,
    })
    for (const served of processes) t.notMatch(served.output().stderr, /"level":(50|60)/)
    // A new process starts with the new key alone.
    const fresh = await serveKontor(t, environment)
    t.equal(
      (await platform(fresh.url, authorization)('GET', bound[0]?.what.slice(4) ?? '')).status,
      200,
    )
  },
)

t.test(
  'a killed rotation of all goes on, a concurrent one is refused, and updated_at does not change',
  async (t) => {
    const [k1, k2] = [newKey('k1'), newKey('k2')]
    const kontor = await startKontor(t, { environment: { KONTOR_KEYS: k1 } })
    await kontor.addProvider('north')
    const ids = await kontor.find('north', 'db', 'small')
    for (const name of ['a', 'b', 'c']) {
      await kontor.call('PUT', `/v2/service_instances/${name}`, {
        ...ids,
        ...here,
        parameters: { size: 1 },
      })
      await kontor.call('PUT', `/v2/service_instances/${name}/service_bindings/${name}`, ids)
    }
    await kontor.running.stop()
    const client = await connect(t, kontor.databaseUrl)
    const environment = { ...kontor.environment, KONTOR_KEYS: `${k2},${k1}` }
    const times = async () =>
      (
        await client.query(
          `select id, updated_at from bindings
           union all select id, updated_at from instances order by id`,
        )
      ).rows
    const before = await times()
    const sealed = await sealedWith(client)
    t.match(
      (await runKontor(['key', 'rotate', '--dry-run'], environment)).stdout,
      new RegExp(`^Values to seal anew with the key "k2": ${sealed['k1']}\n`),
    )
    t.strictSame(await sealedWith(client), sealed)

    // The rotation waits for a locked row and is killed there.
    await client.query('begin')
    await client.query(`select from bindings for update`)
    const killed = spawnKontor(t, ['key', 'rotate', '--all'], environment)
    const watcher = await connect(t, kontor.databaseUrl)
    await until(
      () => sealedWith(watcher),
      (now) => (now['k2'] ?? 0) > 0,
    )
    t.match(await runKontor(['key', 'rotate'], environment), {
      code: 1,
      stderr: /Another rotation is running/,
    })
    killed.child.kill('SIGKILL')
    await killed.ended()
    t.ok((await sealedWith(watcher))['k1'], 'the locked value is unchanged')
    await client.query('rollback')

    const less = () => runKontor(['key', 'rotate'], environment)
    t.match(await until(less, ({ stderr }) => !/Another rotation/.test(stderr)), {
      code: 1,
      stderr: /was interrupted\. End it: "kontor key rotate --all"/,
    })
    const again = () => runKontor(['key', 'rotate', '--all'], environment)
    t.match(await again(), { code: 0, stdout: /The key "k1" seals nothing any more/ })
    t.strictSame(await sealedWith(client), { k2: (sealed['k1'] ?? 0) + 1 }, 'and a digest key')
    t.match(await again(), { code: 0, stdout: /^Values sealed anew with the key "k2": 0\n/ })
    t.strictSame(await times(), before, 'reconciliation relies on updated_at')
  },
)

t.test('a value that changed since it was read is not replaced', async (t) => {
  const kontor = await startKontor(t, { worker: false })
  const column = {
    table: 'vault_secrets',
    column: 'sealed',
    key: 'name',
    keyType: 'text',
    row: 'name',
  } as const
  const { db } = kontor.running.runtime
  const [row] = await listSealed(db, column, { keyId: '' }, undefined, 10)
  const put = (before: Buffer) =>
    replaceSealed(db, column, [{ key: 'digest-key', before, after: Buffer.from('x') }])
  t.equal(await put(Buffer.from('an earlier value')), 0)
  t.equal(
    (await listSealed(db, column, { keyId: '' }, undefined, 10))[0]?.sealed?.equals(
      row?.sealed ?? Buffer.of(),
    ),
    true,
  )
  t.equal(await put(row?.sealed ?? Buffer.of()), 1)
})

t.test(
  'the error names a value that does not open; its key stays in use, and the rest is rewrapped',
  async (t) => {
    const [k1, k2] = [newKey('k1'), newKey('k2')]
    const kontor = await startKontor(t, { environment: { KONTOR_KEYS: k1 } })
    await kontor.addProvider('north')
    const ids = await kontor.find('north', 'db', 'small')
    for (const name of ['a', 'b'])
      await kontor.call('PUT', `/v2/service_instances/${name}`, {
        ...ids,
        ...here,
        parameters: { secret: 'hunter2' },
      })
    await kontor.running.stop()
    const client = await connect(t, kontor.databaseUrl)
    const damage = async (text: string) =>
      (
        await client.query<{ id: string }>(
          `update instances set parameters = ${text} where instance_id = 'a' returning id`,
        )
      ).rows[0]?.id ?? ''
    const key = await damage(
      `set_byte(parameters, length(parameters) - 1,
       get_byte(parameters, length(parameters) - 1) # 1)`,
    )
    const environment = { ...kontor.environment, KONTOR_KEYS: `${k2},${k1}` }
    const rotate = () => runKontor(['key', 'rotate'], environment)
    const rotated = await rotate()
    t.match(rotated, {
      code: 1,
      stderr: new RegExp(
        `Values that do not open.*: 1\n  instances\\.parameters of ${key}: ` +
          '.*does not open with the key "k1"',
      ),
    })
    t.notMatch(rotated.stdout, /Nothing is sealed/)
    t.equal((await sealedWith(client))['k1'], 1)
    t.match(await spawnKontor(t, ['serve'], { ...environment, KONTOR_KEYS: k2 }).ended(), {
      code: 1,
      stderr: /lacks the key "k1" \(values sealed with it: 1\)/,
    })
    // Values too short to be an envelope.
    for (const text of [`'\\x'`, `'\\x01'`, `'\\x01ff41'`]) {
      await damage(text)
      t.match(
        await rotate(),
        { code: 1, stderr: new RegExp(`instances\\.parameters of ${key}`) },
        text,
      )
    }
    await damage('null')
    t.match(await rotate(), { code: 0 })
  },
)
