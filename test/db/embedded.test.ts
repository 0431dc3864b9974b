import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import tap, { type Test } from 'tap'
import { makeTemporaryFolder } from '../../scripts/temporary-folder.ts'
import {
  type EmbeddedOptions,
  type EmbeddedPostgres,
  startPostgres,
} from '../../tools/embedded-postgres/start.ts'

const isRoot = process.geteuid?.() === 0
let usedFolder: Promise<string> | undefined
const source = new URL('../../tools/embedded-postgres/start.ts', import.meta.url).href

tap.setTimeout(110_000)

tap.test(
  'the first start creates a private database, reachable only by loopback TCP',
  async (t) => {
    const folder = await makeFolder(t)
    const server = await start(t, { folder: join(folder, 'a/b') })
    t.match(server.url, /^postgres:\/\/kontor:[\w-]{43}@127\.0\.0\.1:\d+\/kontor$/)
    t.equal((await stat(join(folder, 'a/b/password'))).mode & 0o777, 0o600)
    const [row] = await query(
      server.url,
      `select current_setting('listen_addresses') as addresses,
    current_setting('unix_socket_directories') as sockets,
    current_setting('data_checksums') as checksums,
    current_setting('server_encoding') as encoding,
    (select datlocprovider from pg_database where datname = 'kontor') as provider,
    (select rolpassword like 'SCRAM-SHA-256$1:%' from pg_authid where rolname = 'kontor') as cheap`,
    )
    t.strictSame(row, {
      addresses: '127.0.0.1',
      sockets: '',
      checksums: 'on',
      encoding: 'UTF8',
      provider: 'b',
      cheap: true,
    })
    await t.rejects(query(server.url.replace(/:[\w-]{43}@/, ':wrong@'), 'select 1'), {
      code: '28P01',
    })
  },
)

tap.test('a second start serves the same data on the same port', async (t) => {
  const folder = await makeUsedFolder(t)
  const first = await start(t, { folder })
  await query(first.url, 'create table kept as select 1 as n')
  await first.stop()
  t.notOk(await isAlive(first.pid))
  const second = await start(t, { folder })
  t.equal(second.url, first.url)
  t.strictSame(await query(second.url, 'select n from kept'), [{ n: 1 }])
})

tap.test('a start chooses a new port when another process has taken the former one', async (t) => {
  const folder = await makeUsedFolder(t)
  const first = await start(t, { folder })
  await first.stop()
  const occupier = createServer().listen(first.port, '127.0.0.1')
  await once(occupier, 'listening')
  t.teardown(() => {
    occupier.close()
  })
  const second = await start(t, { folder })
  t.not(second.port, first.port)
  await second.stop()
  await t.rejects(
    startPostgres({ folder, port: first.port }),
    /Port \d+ on 127\.0\.0\.1.* is taken/,
  )
})

tap.test('after kill -9 of the server the same URL works again', async (t) => {
  const server = await start(t, { folder: await makeUsedFolder(t), durable: true })
  await query(server.url, 'create table kept as select 1 as n')
  const killed = server.pid
  process.kill(killed, 'SIGKILL')
  t.strictSame(await eventually(() => query(server.url, 'select n from kept')), [{ n: 1 }])
  t.not(server.pid, killed)
})

tap.test(
  'after kill -9 of Kontor the next start ends the old server and keeps the data',
  async (t) => {
    const folder = await makeUsedFolder(t)
    const { child, server } = await startInChildProcess(t, folder)
    await query(server.url, 'create table kept as select 1 as n')
    await kill(child)
    t.ok(await isAlive(server.pid), 'the old server still runs')
    const next = await start(t, { folder })
    t.notOk(await isAlive(server.pid))
    t.equal(next.url, server.url)
    t.strictSame(await query(next.url, 'select n from kept'), [{ n: 1 }])
  },
)

tap.test('after kill -9 of both the next start recovers the data', async (t) => {
  const folder = await makeUsedFolder(t)
  const { child, server } = await startInChildProcess(t, folder, true)
  await query(server.url, 'create table kept as select 1 as n')
  child.kill('SIGSTOP') // prevents it from restarting the server
  process.kill(server.pid, 'SIGKILL')
  await kill(child)
  const next = await start(t, { folder })
  t.strictSame(await query(next.url, 'select n from kept'), [{ n: 1 }])
})

tap.test('a start on a folder that another Kontor uses fails and names its pid', async (t) => {
  const folder = await makeUsedFolder(t)
  const { child, server } = await startInChildProcess(t, folder)
  await t.rejects(
    startPostgres({ folder }),
    new RegExp(`Another Kontor process \\(pid ${child.pid}\\) is using ${folder}`),
  )
  t.strictSame(await query(server.url, 'select 1 as n'), [{ n: 1 }], 'the other server still works')
})

tap.test('a first start interrupted by kill -9 does not break the next start', async (t) => {
  const folder = await makeFolder(t)
  const child = spawnStart(t, folder)
  const drafts = () =>
    readdir(folder).then((names) => names.filter((name) => name.startsWith('data.init-')))
  await eventually(async () => {
    const [draft = ''] = await drafts()
    await stat(join(folder, draft, 'pg_wal'))
  })
  await kill(child)
  const server = await start(t, { folder })
  t.strictSame(await query(server.url, 'select 1 as n'), [{ n: 1 }])
  t.strictSame(await drafts(), [])
})

tap.test(
  'a stale postmaster.pid with the pid of another process does not block the start',
  async (t) => {
    const folder = await makeUsedFolder(t)
    const first = await start(t, { folder })
    await first.stop()
    const { uid, gid } = await stat(join(folder, 'data'))
    const unrelated = spawn('sleep', ['1000'], isRoot ? { uid, gid } : {})
    t.teardown(() => kill(unrelated))
    await writeFile(
      join(folder, 'data/postmaster.pid'),
      `${unrelated.pid}\n${folder}/data\n0\n${first.port}\n\n127.0.0.1\n\nready   \n`,
    )
    const second = await start(t, { folder })
    t.strictSame(await query(second.url, 'select 1 as n'), [{ n: 1 }])
    t.ok(await isAlive(unrelated.pid ?? 0), 'the other process still runs')
  },
)

tap.test('a start gives up on a server that keeps crashing and frees its folder', async (t) => {
  const folder = await makeUsedFolder(t)
  const server = await start(t, { folder })
  await rename(join(folder, 'data'), join(folder, 'data.away'))
  process.kill(server.pid, 'SIGKILL')
  await t.rejects(server.closed, /keeps crashing/)
  await server.stop()
  await rename(join(folder, 'data.away'), join(folder, 'data'))
  const next = await start(t, { folder })
  t.strictSame(await query(next.url, 'select 1 as n'), [{ n: 1 }])
})

tap.test('a stop during a restart leaves no server running', async (t) => {
  const folder = await makeUsedFolder(t)
  const server = await start(t, { folder })
  process.kill(server.pid, 'SIGKILL')
  await server.stop()
  t.notOk(await isAlive(server.pid))
  // Not checked by its port, which another test's server may have taken since. A process that the
  // postmaster has just forked ends by itself when it notices that the postmaster is gone.
  for (let tries = 0; tries < 500 && (await listServersOf(folder)).length > 0; tries++)
    await delay(20)
  t.strictSame(await listServersOf(folder), [])
})

tap.test('after stop no handle keeps the process alive and no exit handler is left', async (t) => {
  const child = spawnStart(
    t,
    await makeUsedFolder(t),
    'await server.stop(); console.log(process.listenerCount("exit"))',
  )
  const [[code], text] = await Promise.all([once(child, 'exit'), readAll(child)])
  t.equal(code, 0)
  t.match(text, /\n0\n$/)
})

tap.test('process.exit without stop also ends the server', async (t) => {
  const child = spawnStart(t, await makeUsedFolder(t), 'process.exit(3)')
  const [[code], text] = await Promise.all([once(child, 'exit'), readAll(child)])
  t.equal(code, 3)
  const { pid } = JSON.parse(text) as { pid: number }
  await eventually(async () => {
    if (await isAlive(pid)) throw new Error('still alive')
  })
})

tap.test('a lost password file is reported, not replaced', async (t) => {
  const folder = await makeUsedFolder(t)
  await (await start(t, { folder })).stop()
  await rm(join(folder, 'password'))
  await t.rejects(startPostgres({ folder }), /password is missing/)
})

tap.test(
  'started by root, the server runs as an ordinary user, in a public and below a private folder',
  { skip: !isRoot },
  async (t) => {
    for (const mode of [0o755, 0o700]) {
      const folder = await makeFolder(t)
      await chmod(folder, mode) // mktemp -d creates 0700
      const inner = join(folder, 'inner')
      await mkdir(inner)
      const server = await start(t, { folder: inner })
      const status = await readFile(`/proc/${server.pid}/status`, 'utf8')
      t.notMatch(status, /^Uid:\s+0/m)
      // At most one capability, to traverse folders (dac_read_search or dac_override), because the
      // project itself may lie in a private folder.
      t.match(status, mode === 0o700 ? /^CapEff:\s+0{15}[24]$/m : /^CapEff:\s+0{15}[024]$/m)
    }
  },
)

async function makeFolder(t: { teardown: Test['teardown'] }): Promise<string> {
  const folder = await makeTemporaryFolder('embedded')
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

// A folder with an initialised database: created once for all tests and copied with its owners.
async function makeUsedFolder(t: Test): Promise<string> {
  usedFolder ??= makeFolder(tap).then(async (folder) => {
    await (await startPostgres({ folder, durable: false })).stop()
    return folder
  })
  const folder = await makeFolder(t)
  const copy = spawn('cp', ['-a', `${await usedFolder}/.`, folder], { stdio: 'inherit' })
  await once(copy, 'exit')
  return folder
}

async function start(t: Test, options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const server = await startPostgres({ durable: false, ...options })
  t.teardown(() => server.stop())
  return server
}

function spawnStart(
  t: Test,
  folder: string,
  then = 'await server.closed',
  durable = false,
): ChildProcess {
  const code = `import { startPostgres } from ${JSON.stringify(source)}
    const server = await startPostgres({ folder: ${JSON.stringify(folder)}, durable: ${durable} })
    console.log(JSON.stringify({ url: server.url, pid: server.pid }))
    ${then}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => kill(child))
  return child
}

async function startInChildProcess(
  t: Test,
  folder: string,
  durable = false,
): Promise<{ child: ChildProcess; server: { url: string; pid: number } }> {
  const child = spawnStart(t, folder, undefined, durable)
  // Reads the first chunk, which is one line: the output ends only with the process.
  const [line] = child.stdout ? await once(child.stdout, 'data') : []
  return { child, server: JSON.parse(String(line)) as { url: string; pid: number } }
}

async function readAll(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout ?? []) text += chunk
  return text
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

// A zombie process has no command line: it is dead, but its parent has not reaped it yet.
async function isAlive(pid: number): Promise<boolean> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) !== ''
}

/**
 * The command lines of servers that were started on this folder's data; children of a postmaster
 * show no arguments.
 */
async function listServersOf(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  )
  return commands.filter((command) => command.includes('postgres') && command.includes(folder))
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 20_000
  while (true) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await delay(5)
    }
  }
}

async function query(url: string, statement: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {}) // a killed server makes an idle client emit an error
  await client.connect()
  return client
    .query<object>(statement)
    .then(({ rows }) => rows)
    .finally(() => client.end())
}
