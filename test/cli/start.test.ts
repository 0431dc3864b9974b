// A start that fails says why in one sentence: as processes wherever there is a database to start
// on.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, copyFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import t, { type Test } from 'tap'
import { until } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import type { Ended } from '../support/kontor-process.ts'
import { writeOidcFile } from '../support/oidc-file.ts'
import { createDatabase } from '../support/postgres.ts'
import { freePort } from '../support/scripted-upstream.ts'

// About twenty processes, one after the other.
t.setTimeout(110_000)

const program = fileURLToPath(new URL('../../bin/kontor.js', import.meta.url))
const keys = `k1:${randomBytes(32).toString('base64')}`
const token = randomBytes(32).toString('hex')

/** Passes on only PATH: other variables of the test's environment would change the outcome. */
function spawnKontor(args: readonly string[], environment: Record<string, string>) {
  const { PATH = '' } = process.env
  return spawn(process.execPath, [program, ...args], {
    env: { PATH, LOG_LEVEL: 'error', KONTOR_DRAIN_SECONDS: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** A start that has a database may write a log, which only a process shows. */
async function ended(
  t: Test,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Ended> {
  if (args[0] !== 'serve' || environment['DATABASE_URL'] === undefined)
    return runKontor(args, environment)
  const child = spawnKontor(args, environment)
  t.teardown(() => child.kill('SIGKILL'))
  const [stdout, stderr] = [child.stdout, child.stderr].map(async (stream) =>
    Buffer.concat((await stream.toArray()) as Buffer[]).toString(),
  )
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: (await stdout) ?? '', stderr: (await stderr) ?? '' }
}

/** The command ends with code 1 and one sentence on stderr that shows no secret. */
async function refusesToStart(
  t: Test,
  args: readonly string[],
  environment: Record<string, string>,
  says: RegExp,
): Promise<void> {
  const { code, stdout, stderr } = await ended(t, args, environment)
  t.match(stderr, says)
  t.match(stderr, /^kontor: [^\n]+\n$/, 'one line')
  t.notMatch(stderr, /\bat .*:\d+:\d+|hunter2|\[object|undefined/)
  for (const secret of [token, keys.slice(3)]) t.notOk(stderr.includes(secret))
  t.equal(stdout, '')
  t.equal(code, 1)
}

async function openConnections(url: string): Promise<number> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  try {
    const { rows } = await admin.query<{ count: number }>(
      'select count(*)::int as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    return rows[0]?.count ?? -1
  } finally {
    await admin.end()
  }
}

function changed(url: string, change: (parts: URL) => void): string {
  const copy = new URL(url)
  change(copy)
  return copy.href
}

t.test('serve names all missing settings at once', async (t) => {
  await refusesToStart(
    t,
    ['serve'],
    {},
    /kontor serve needs DATABASE_URL .* and KONTOR_KEYS or KONTOR_KEYS_FILE .* and KONTOR_ADMIN_TOKEN/,
  )
  const noOperators = await writeOidcFile(t, {
    issuer: 'https://login.example',
    audience: 'kontor',
  })
  await refusesToStart(
    t,
    ['serve'],
    { KONTOR_OIDC_FILE: noOperators },
    /and KONTOR_ADMIN_TOKEN \(.*\) or, in KONTOR_OIDC_FILE, an issuer whose tokens carry the role operator/,
  )
  await refusesToStart(
    t,
    ['serve'],
    { KONTOR_OIDC_FILE: `${noOperators}.none` },
    /KONTOR_OIDC_FILE \(.*\): it cannot be read \(ENOENT\)/,
  )
  await refusesToStart(
    t,
    ['serve'],
    { DATABASE_URL: '', KONTOR_KEYS: keys, KONTOR_ADMIN_TOKEN: token },
    /needs DATABASE_URL \(.*\)\.\n$/,
  )
  await refusesToStart(
    t,
    ['serve', '--no-http'],
    { DATABASE_URL: 'postgres://h/d' },
    /needs KONTOR_KEYS or KONTOR_KEYS_FILE \([^)]*\)\.\n$/,
  )
  await refusesToStart(t, ['serve', '--no-http', '--no-worker'], {}, /leave nothing to do/)
})

t.test('an invalid value is named before anything starts', async (t) => {
  const good = {
    DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:9/d',
    KONTOR_KEYS: keys,
    KONTOR_ADMIN_TOKEN: token,
  }
  await refusesToStart(t, ['serve'], { ...good, PORT: 'eighty' }, /PORT must be integer/)
  await refusesToStart(
    t,
    ['serve'],
    { ...good, KONTOR_ADMIN_TOKEN: 'hunter2' },
    /KONTOR_ADMIN_TOKEN must be at least 32 characters/,
  )
  await refusesToStart(
    t,
    ['serve'],
    { ...good, DATABASE_URL: 'postgres://u:hunter2@h:port/d' },
    /DATABASE_URL is not a valid URL/,
  )
  await refusesToStart(t, ['serve'], { ...good, LOG_LEVEL: 'loud' }, /LOG_LEVEL must be one of/)
  await refusesToStart(t, ['demo'], { PORT: '-1' }, /PORT must be >= 0/)
  await refusesToStart(t, ['migrate'], {}, /DATABASE_URL is not set/)
  await refusesToStart(t, ['platform', 'create', 'portal'], {}, /DATABASE_URL is not set/)
})

t.test('a start without a usable database names the reason', async (t) => {
  const { url } = await createDatabase(t)
  const port = await freePort()
  const others = { KONTOR_KEYS: keys, KONTOR_ADMIN_TOKEN: token, PORT: '0' }
  const cases: Record<string, readonly [url: string, says: RegExp]> = {
    'not there': [
      `postgres://u:hunter2@127.0.0.1:${port}/d`,
      new RegExp(
        `No database answers at DATABASE_URL \\(127\\.0\\.0\\.1:${port} refuses connections\\)`,
      ),
    ],
    'not there by name': [
      `postgres://u:hunter2@localhost:${port}/d`,
      new RegExp(`No database answers at DATABASE_URL \\(.*:${port} refuses connections\\)`),
    ],
    'unknown host': [
      'postgres://u:hunter2@no-such-host.invalid/d',
      /host in DATABASE_URL cannot be found/,
    ],
    'wrong password': [
      changed(url, (parts) => {
        parts.password = 'hunter2'
      }),
      /does not accept the user or password/,
    ],
    'unknown user': [
      changed(url, (parts) => {
        parts.username = 'unknown'
        parts.password = 'hunter2'
      }),
      /does not accept the user or password/,
    ],
    'unknown database': [
      changed(url, (parts) => {
        parts.pathname = '/no_such_database'
      }),
      /database named in DATABASE_URL does not exist/,
    ],
  }
  for (const [name, [databaseUrl, says]] of Object.entries(cases)) {
    const isOfInterest = ['not there', 'wrong password'].includes(name)
    for (const args of [
      ['serve'],
      ...(isOfInterest ? [['migrate'], ['platform', 'create', 'portal']] : []),
    ]) {
      await t.test(`${name}, ${args.join(' ')}`, async (t) =>
        refusesToStart(t, args, { ...others, DATABASE_URL: databaseUrl }, says),
      )
    }
  }
})

t.test(
  'something else that listens where the database should be does not hold the start up',
  async (t) => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    t.teardown(() => silent.close())
    // A TCP server's address is never a string.
    const { port } = silent.address() as import('node:net').AddressInfo
    await refusesToStart(
      t,
      ['migrate'],
      { DATABASE_URL: `postgres://u:hunter2@127.0.0.1:${port}/d` },
      /does not answer in time/,
    )
  },
)

t.test(
  'keys that are malformed or of another database are refused, and the database stays as it was',
  async (t) => {
    const { url } = await createDatabase(t)
    const serve = (value: string, says: RegExp) =>
      refusesToStart(
        t,
        ['serve'],
        { DATABASE_URL: url, KONTOR_KEYS: value, KONTOR_ADMIN_TOKEN: token, PORT: '0' },
        says,
      )
    await serve('hunter2', /KONTOR_KEYS entry 1 is not of the form id:base64/)
    await serve('k1:hunter2', /KONTOR_KEYS entry 1 \("k1"\) is 5 bytes long; it must be 32/)
    const made = await ended(t, ['platform', 'create', 'first'], {
      DATABASE_URL: url,
      KONTOR_KEYS: keys,
    })
    t.match(made, { code: 0, stderr: '' })
    t.match(JSON.parse(made.stdout), { name: 'first', username: /^first-/, password: /^.{32}$/ })
    for (const other of [
      `k1:${randomBytes(32).toString('base64')}`,
      `k2:${randomBytes(32).toString('base64')}`,
    ]) {
      await serve(
        other,
        /KONTOR_KEYS does not open this database: (it lacks the key "k1" \(values sealed with it: \d+\)|the key "k1" is not the one that the database knows by that id)/,
      )
      await refusesToStart(
        t,
        ['platform', 'create', 'second'],
        { DATABASE_URL: url, KONTOR_KEYS: other },
        /does not open this database/,
      )
    }
    await refusesToStart(
      t,
      ['platform', 'create', 'first'],
      { DATABASE_URL: url, KONTOR_KEYS: keys },
      /"first" exists already/,
    )
    await refusesToStart(
      t,
      ['platform', 'create', 'Not A Name'],
      { DATABASE_URL: url, KONTOR_KEYS: keys },
      /2 to 63 lower case letters/,
    )
    t.equal(
      (await ended(t, ['platform', 'create', 'second'], { DATABASE_URL: url, KONTOR_KEYS: keys }))
        .code,
      0,
      'the right keys still open it',
    )
    t.equal(await openConnections(url), 0)
  },
)

t.test('a port in use stops the start and leaves no connection', async (t) => {
  const { url } = await createDatabase(t)
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  // A TCP server's address is never a string.
  const { port } = taken.address() as import('node:net').AddressInfo
  const environment = {
    DATABASE_URL: url,
    KONTOR_KEYS: keys,
    KONTOR_ADMIN_TOKEN: token,
    PORT: String(port),
  }
  await refusesToStart(t, ['serve'], environment, new RegExp(`Port ${port} is in use`))
  t.equal(
    await until(
      () => openConnections(url),
      (count) => count === 0,
    ),
    0,
  )
  await refusesToStart(
    t,
    ['serve'],
    { ...environment, HOST: '203.0.113.7', PORT: '0' },
    /This machine has no address 203\.0\.113\.7/,
  )
  await refusesToStart(
    t,
    ['serve'],
    { ...environment, HOST: 'no-such-host.invalid', PORT: '0' },
    /HOST is "no-such-host\.invalid", which cannot be found/,
  )
})

t.test(
  'with everything that it needs it serves, and SIGTERM ends it with nothing left',
  async (t) => {
    const { url } = await createDatabase(t)
    const child = spawnKontor(['serve'], {
      DATABASE_URL: url,
      KONTOR_KEYS: keys,
      KONTOR_ADMIN_TOKEN: token,
      PORT: '0',
      LOG_LEVEL: 'info',
    })
    t.teardown(() => child.kill('SIGKILL'))
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    await until(
      () => stderr,
      (seen) => seen.includes('kontor is ready'),
    )
    const address = /"url":"([^"]+)"/.exec(stderr)?.[1] ?? ''
    t.equal((await fetch(`${address}/readyz`)).status, 200)
    t.equal(
      (await fetch(`${address}/api/providers`, { headers: { authorization: `Bearer ${token}` } }))
        .status,
      200,
    )
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number | null]
    t.equal(code, 0, stderr)
    t.equal(
      await until(
        () => openConnections(url),
        (count) => count === 0,
      ),
      0,
    )
    for (const secret of [token, keys.slice(3)]) t.notOk(stderr.includes(secret))
  },
)

t.test('an unknown command is named, with the help', async (t) => {
  t.match(await ended(t, ['server']), { code: 1, stderr: /unknown command 'server'/ })
  t.match(await ended(t, ['serve', '--nothing']), { code: 1, stderr: /unknown option '--nothing'/ })
  t.match(await ended(t, ['--help']), { code: 0, stdout: /serve .*\n.*demo/s })
})

t.test('a start warns of what is unsafe, and refuses a key that others may change', async (t) => {
  const { url } = await createDatabase(t)
  const folder = t.testdir()
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const support = new URL('../support/tls/', import.meta.url)
  for (const [name, file] of [
    ['localhost.pem', cert],
    ['localhost.key', key],
  ] as const) {
    await copyFile(new URL(name, support), file)
    await chmod(file, 0o644)
  }
  const oidc = await writeOidcFile(t, { issuer: 'https://login.example', audience: 'kontor' })
  await chmod(oidc, 0o644)
  const base = { DATABASE_URL: url, KONTOR_KEYS: keys, KONTOR_ADMIN_TOKEN: token, PORT: '0' }
  const warningsOf = async (environment: Record<string, string>, args: string[] = []) => {
    const child = spawnKontor(['serve', ...args], { ...base, LOG_LEVEL: 'info', ...environment })
    t.teardown(() => child.kill('SIGKILL'))
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    await until(
      () => stderr,
      (seen) => seen.includes('kontor is ready') || child.exitCode !== null,
    )
    child.kill('SIGKILL')
    t.notMatch(stderr, /hunter2/)
    return (
      stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { level: number; unsafe?: string; msg: string })
        // These processes serve as the owner of their database, which is another test's matter.
        .filter(({ unsafe }) => unsafe !== undefined && unsafe !== 'database-owner')
        .map(({ level, unsafe, msg }) => `${level} ${unsafe}: ${msg}`)
    )
  }
  const [plain, secure] = await Promise.all([
    warningsOf({
      HOST: '0.0.0.0',
      KONTOR_PROVIDER_NETWORKS: '10.0.0.0/8,0.0.0.0/0,::/0',
      KONTOR_ADMIN_TOKN: 'hunter2',
      KONTOR_DATABASE_URL: 'hunter2',
      KONTOR_SOMETHING: 'hunter2',
      KONTOR_EMPTY: '',
      // What Kubernetes sets for services called kontor and kontor-db.
      KONTOR_SERVICE_HOST: '10.96.0.7',
      KONTOR_SERVICE_PORT: '80',
      KONTOR_SERVICE_PORT_HTTP: '80',
      KONTOR_PORT: 'tcp://10.96.0.7:80',
      KONTOR_PORT_80_TCP: 'tcp://10.96.0.7:80',
      KONTOR_PORT_80_TCP_ADDR: '10.96.0.7',
      KONTOR_DB_SERVICE_HOST: '10.96.0.8',
    }),
    warningsOf({
      HOST: '0.0.0.0',
      KONTOR_TLS_CERT: cert,
      KONTOR_TLS_KEY: key,
      KONTOR_OIDC_FILE: oidc,
    }),
  ])
  t.match(plain, [
    /^40 listens-without-tls: HOST is 0\.0\.0\.0, and Kontor serves no TLS/,
    /^40 networks-all: KONTOR_PROVIDER_NETWORKS holds 0\.0\.0\.0\/0:/,
    /^40 networks-all: KONTOR_PROVIDER_NETWORKS holds ::\/0:/,
    /^40 variable-unknown: KONTOR_ADMIN_TOKN is set, .* Did you mean KONTOR_ADMIN_TOKEN\?$/,
    /^40 variable-unknown: KONTOR_DATABASE_URL is set, .* Did you mean DATABASE_URL\?$/,
    /^40 variable-unknown: KONTOR_SOMETHING is set, [^?]*$/,
  ])
  t.equal(plain.length, 6)
  t.match(secure, [
    /^40 file-readable: KONTOR_OIDC_FILE \(.*\) has mode 0644/,
    /^40 file-readable: KONTOR_TLS_KEY \(.*\) has mode 0644: other users may read the key/,
  ])
  t.equal(secure.length, 2)

  const quiet = spawnKontor(['serve'], { ...base, LOG_LEVEL: 'fatal' })
  t.teardown(() => quiet.kill('SIGKILL'))
  const [line] = (await once(quiet.stderr, 'data')) as [Buffer]
  quiet.kill('SIGKILL')
  t.match(line.toString(), /"checkpoint":"kontor-checkpoint\..*"checkpoint of the audit log"/)

  await chmod(key, 0o620)
  await refusesToStart(
    t,
    ['serve'],
    { ...base, KONTOR_TLS_CERT: cert, KONTOR_TLS_KEY: key },
    /KONTOR_TLS_KEY \(.*\) has mode 0620: other users may change it/,
  )
})
