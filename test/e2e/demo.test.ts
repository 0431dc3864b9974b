// `npm start` as a newcomer runs it: the real command, its nine data centres and its database,
// killed and started again.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { request } from 'undici'
import type { SimulatorState } from '../../tools/simulator/types.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { caller, finished, here, until, type Call } from '../support/kontor.ts'

t.setTimeout(110_000)

const entry = fileURLToPath(new URL('../../bin/kontor.js', import.meta.url))
const ai = 'accepts_incomplete=true'
const at = (id: string) => `/v2/service_instances/${id}`

interface DemoFile {
  readonly url: string
  readonly platforms: ReadonlyArray<{ name: string; username: string; password: string }>
  readonly admin: { readonly token: string }
  readonly people: ReadonlyArray<{
    name: string
    email: string
    roles: readonly string[]
    organisation: string
    token: string
  }>
  readonly providers: ReadonlyArray<{ name: string; url: string; pid: number }>
}
interface Started {
  readonly child: ChildProcess
  readonly pid: number
  readonly exited: Promise<{ code: number | null; signal: string | null }>
  readonly file: DemoFile
  readonly call: Call
  readonly readyMs: number
  output(): string
}

const base = await mkdtemp(join(tmpdir(), 'kontor-demo-'))
await chmod(base, 0o711)
t.teardown(() => rm(base, { recursive: true, force: true }))
const folder = join(base, 'data')
t.teardown(() => killAll(folder))

const tenants = {
  organisations: ['musterstadt kommune below musterland', 'musterland land', 'musterbund bund'],
  platforms: ['kubernetes-demo of musterbund', 'cloudfoundry-demo of musterland'],
  mappings: ['musterstadt to musterstadt'],
}

await t.test(
  'the first start, one instance of each kind of life, and what a person may do wrong',
  async (t) => {
    const demo = await start(folder)
    t.comment(`first start: ready after ${demo.readyMs} ms`)

    await t.test('demo.json lists all addresses, readable by its owner only', async (t) => {
      t.equal((await stat(join(folder, 'demo.json'))).mode & 0o777, 0o600)
      for (const name of ['secrets.json', 'env', 'keys'])
        t.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name)
      t.match(demo.file, { url: /^http:\/\/127\.0\.0\.1:\d+$/, admin: { token: /^\w{32,}$/ } })
      t.equal(demo.file.providers.length, 9)
      t.equal(new Set(demo.file.platforms.map(({ username }) => username)).size, 2)
      t.equal((await demo.call('GET', '/v2/catalog')).body.services.length, 44)
      t.equal((await platformCall(demo.file, 1)('GET', '/v2/catalog')).body.services.length, 44)
    })

    await t.test('its people sign in, and have tokens for the management API', async (t) => {
      t.strictSame(
        demo.file.people.map(({ name, roles, organisation }) => [name, ...roles, organisation]),
        [
          ['Erika Muster', 'agency', 'Stadt Musterstadt'],
          ['Linus Land', 'agency', 'Land Musterland'],
          ['Nora Wolke', 'provider', 'Nordwolke AöR'],
          ['Otto Betrieb', 'operator', 'Kontor'],
          ['Rita Revision', 'auditor', 'Kontor'],
          ['Nina Neu', 'Gemeinde Neuental'],
        ],
      )
      const [erika] = demo.file.people
      const call = caller(demo.file.url, { authorization: `Bearer ${erika?.token}` })
      t.match((await call('GET', '/api/people/me')).body, {
        name: 'Erika Muster',
        email: 'erika.muster@kontor.example',
        roles: [{ organisation: { name: 'musterstadt' }, role: 'administrator' }],
      })
      const begun = await caller(demo.file.url, { accept: 'text/html' })('GET', '/sign-in')
      t.match(begun, { status: 303, headers: { location: /^http:\/\/127\.0\.0\.1:\d+\/auth\?/ } })
      const there = await fetch(String(begun.headers['location']), { redirect: 'manual' })
      t.match(there.headers.get('location'), /^\/choose\//, 'one may choose there')
    })

    await t.test('its platforms belong to different organisations', async (t) =>
      t.strictSame(await tenantsOf(demo), tenants),
    )

    t.jobs = 4
    await Promise.all([
      t.test(
        'the order that it prints: dmessenger, about ten seconds, with a changing description',
        { buffered: true },
        async (t) => {
          const [, path] = /-X PUT "\$KONTOR([^"]+)"/.exec(demo.output()) ?? []
          const [, body] = /-d '([^']+)'/.exec(demo.output()) ?? []
          const [, user] = /AUTH="([^"]+)"/.exec(demo.output()) ?? []
          t.match(demo.output(), /order "nordwolke-dmessenger"/)
          const call = caller(demo.file.url, {
            'x-broker-api-version': '2.17',
            authorization: basicAuth(user ?? ''),
          })
          const began = performance.now()
          const ordered = await call('PUT', path ?? '', body)
          t.equal(ordered.status, 202, ordered.text)
          t.match(await stateOf(demo, 'nordwolke'), { instances: [{ state: 'creating' }] })
          const descriptions = new Set<string>()
          await until(
            async () => {
              const { body: report } = await call('GET', `${at('my-first')}/last_operation`)
              if (report.state === 'in progress') descriptions.add(report.description)
              return report.state
            },
            (state) => state !== 'in progress',
            30_000,
          )
          const seconds = (performance.now() - began) / 1_000
          t.ok(seconds > 7 && seconds < 16, `it took ${seconds.toFixed(1)} s`)
          t.ok(descriptions.size >= 3, [...descriptions].join(' | '))
          t.equal((await call('GET', at('my-first'))).status, 200)
          t.match(await stateOf(demo, 'nordwolke'), {
            instances: [{ state: 'ready', organization_guid: 'musterstadt' }],
          })
        },
      ),

      t.test(
        'a service that can be bound: order, bind, change the plan, unbind, delete',
        { buffered: true },
        async (t) => {
          const { call } = demo
          const {
            offering,
            provider,
            plans: [plan, other],
          } = await findOffering(
            demo,
            (one) => one.bindable && one.plan_updateable && one.plans.length > 1,
          )
          const ids = { service_id: offering.id, plan_id: plan?.id }
          const done = async (method: string, path: string, body?: object) => {
            const reply = await call(method, `${path}${path.includes('?') ? '&' : '?'}${ai}`, body)
            t.ok(reply.status < 300, `${method} ${path}: ${reply.text}`)
            const [bare = ''] = path.split('?')
            if (reply.status === 202)
              t.match(await finished(call, bare, reply.body.operation), {
                body: { state: 'succeeded' },
              })
          }
          const held = async () =>
            (await stateOf(demo, provider)).instances.filter(
              ({ organization_guid: guid }) => guid === 'org',
            )
          await done('PUT', at('bound'), { ...ids, ...here })
          t.match(await held(), [{ state: 'ready', bindings: { length: 0 } }])
          await done('PUT', `${at('bound')}/service_bindings/b`, ids)
          t.type(
            (await call('GET', `${at('bound')}/service_bindings/b`)).body.credentials,
            'object',
          )
          t.match(await held(), [{ bindings: [{ state: 'ready' }] }])
          const [before] = await held()
          await done('PATCH', at('bound'), { service_id: offering.id, plan_id: other?.id })
          t.not((await held())[0]?.plan_id, before?.plan_id)
          t.match(await call('GET', at('bound')), { body: { plan_id: other?.id } })
          const query = `?service_id=${offering.id}&plan_id=${other?.id}`
          await done('DELETE', `${at('bound')}/service_bindings/b${query}`)
          t.match(await held(), [{ bindings: { length: 0 } }])
          await done('DELETE', `${at('bound')}${query}`)
          t.strictSame(await held(), [])
          t.equal((await call('GET', at('bound'))).status, 404)
        },
      ),

      t.test(
        'a second start on the same folder is refused, and harms nothing',
        { buffered: true },
        async (t) => {
          const before = await readFile(join(folder, 'secrets.json'), 'utf8')
          const second = await runToEnd({ KONTOR_DATA: folder, PORT: '0' })
          t.equal(second.code, 1)
          t.match(
            second.stderr,
            /^kontor: Another Kontor process \(pid \d+\) is using .*KONTOR_DATA/,
          )
          t.equal(second.stderr.trim().split('\n').length, 1, 'one sentence')
          t.equal(await readFile(join(folder, 'secrets.json'), 'utf8'), before)
          t.equal(
            (await processesWith(folder)).length,
            11,
            'no other data centre was started beside ours',
          )
        },
      ),

      t.test(
        'a port in use is refused before anything is started',
        { buffered: true },
        async (t) => {
          const taken = createServer().listen(0, '127.0.0.1')
          await once(taken, 'listening')
          // A TCP server's address is never a string.
          const { port } = taken.address() as AddressInfo
          const refused = await runToEnd({ KONTOR_DATA: join(base, 'never'), PORT: String(port) })
          taken.close()
          t.match(refused, { code: 1, stderr: new RegExp(`^kontor: Port ${port} is in use`) })
          t.notOk(existsSync(join(base, 'never')))
        },
      ),
    ])

    await t.test(
      'a data centre that is killed: its offerings stay, an order to it is answered clearly',
      async (t) => {
        const {
          offering,
          provider,
          plans: [plan],
        } = await findOffering(demo, ({ name }) => !name.startsWith('nordwolke'))
        process.kill(demo.file.providers.find(({ name }) => name === provider)?.pid ?? 0, 'SIGKILL')
        await until(
          () => demo.output(),
          (text) => text.includes(`data centre ${provider} has ended`),
        )
        const reply = await demo.call('PUT', `${at('nowhere')}?${ai}`, {
          service_id: offering.id,
          plan_id: plan?.id,
          ...here,
        })
        t.match(reply, { status: 502, body: { description: /could not be reached/ } })
        t.equal((await demo.call('GET', at('nowhere'))).status, 404)
        t.equal((await demo.call('GET', '/v2/catalog')).body.services.length, 44)
        t.equal((await demo.call('GET', at('my-first'))).status, 200)
      },
    )

    await t.test('kill -9 of everything, during an order', async (t) => {
      const ordered = await demo.call('PUT', `${at('under-way')}?${ai}`, await sameAsFirst(demo))
      t.equal(ordered.status, 202, ordered.text)
      await killAll(folder)
      t.strictSame(await processesWith(folder), [])
    })
  },
)

await t.test(
  'the next start, in a shell that has read env, finds all data and goes on with the order; ' +
    'Ctrl-C leaves nothing running',
  async (t) => {
    const former = JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8')) as DemoFile
    const demo = await start(folder, [
      'bash',
      '-c',
      `. ${folder}/env; exec ${process.execPath} ${entry} demo`,
    ])
    t.comment(
      `second start, after kill -9 of everything: ready after ${demo.readyMs} ms; ` +
        `${await residentMb(demo.pid)} MB resident`,
    )
    t.strictSame(demo.file.platforms, former.platforms, 'the same credentials')
    t.strictSame(await tenantsOf(demo), tenants)
    t.equal((await demo.call('GET', '/v2/catalog')).body.services.length, 44)
    const kept = await demo.call('GET', at('my-first'))
    t.equal(kept.status, 200, kept.text)
    const query = `?${ai}&service_id=${kept.body.service_id}&plan_id=${kept.body.plan_id}`
    const removed = await demo.call('DELETE', `${at('my-first')}${query}`)
    t.equal(removed.status, 202, removed.text)
    t.match(await finished(demo.call, at('my-first'), removed.body.operation), {
      body: { state: 'succeeded' },
    })
    t.match(await finished(demo.call, at('under-way')), { body: { state: 'succeeded' } })
    t.match((await stateOf(demo, 'nordwolke')).instances, {
      length: 1,
      0: { state: 'ready', organization_guid: 'musterstadt' },
    })
    t.comment(`${await residentMb(demo.pid)} MB resident at rest`)
    demo.child.kill('SIGINT')
    t.strictSame(await demo.exited, { code: 0, signal: null })
    t.strictSame(await processesWith(folder), [])
  },
)

await t.test('a signal during the start leaves nothing running either', async (t) => {
  const child = launch({ KONTOR_DATA: folder, PORT: '0' })
  const exited = once(child, 'exit')
  await until(
    () => processesWith(folder),
    (found) => found.some(({ command }) => command.includes('postgres')) && found.length >= 4,
  )
  child.kill('SIGINT')
  await exited
  t.strictSame(await processesWith(folder), [])
})

await t.test('an ordinary user can start it as well', { skip: whyNotAsNobody() }, async (t) => {
  const home = await mkdtemp(join(base, 'home-'))
  await chown(home, 65_534, 65_534)
  await chmod(base, 0o755)
  const data = join(home, 'data')
  t.teardown(() => killAll(data))
  const demo = await start(data, [
    'su',
    'nobody',
    '-s',
    '/bin/sh',
    '-c',
    `exec ${process.execPath} ${entry} demo`,
  ])
  t.comment(`first start as nobody: ready after ${demo.readyMs} ms`)
  t.equal((await demo.call('GET', '/v2/catalog')).body.services.length, 44)
  t.equal((await stat(join(data, 'demo.json'))).uid, 65_534)
  demo.child.kill('SIGTERM')
  await demo.exited
  t.strictSame(
    await until(
      () => processesWith(data),
      (found) => found.length === 0,
    ),
    [],
  )
})

/** The body of an order like that of `my-first`, which takes some seconds. */
async function sameAsFirst({ call }: Started): Promise<object> {
  const { body } = await call('GET', at('my-first'))
  return {
    service_id: body.service_id,
    plan_id: body.plan_id,
    organization_guid: 'musterstadt',
    space_guid: 'space',
  }
}

function launch(
  environment: Record<string, string>,
  command: readonly string[] = [process.execPath, entry, 'demo'],
): ChildProcess {
  const [file = '', ...args] = command
  return spawn(file, args, {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
  })
}

async function start(data: string, command?: readonly string[]): Promise<Started> {
  const began = performance.now()
  const child = launch({ KONTOR_DATA: data, PORT: '0' }, command)
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }))
  let output = ''
  const ready = new Promise<number>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes('Ctrl-C stops everything')) resolve(Math.round(performance.now() - began))
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    void exited.then(() => {
      reject(new Error(`The demo ended: ${output}`))
    })
  })
  const readyMs = await ready
  const file = JSON.parse(await readFile(join(data, 'demo.json'), 'utf8')) as DemoFile
  return {
    child,
    pid: child.pid ?? 0,
    exited,
    file,
    call: platformCall(file, 0),
    readyMs,
    output: () => output,
  }
}

async function runToEnd(
  environment: Record<string, string>,
): Promise<{ code: number | null; stderr: string }> {
  const child = launch(environment)
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stderr }
}

function platformCall(file: DemoFile, index: number): Call {
  const platform = file.platforms[index]
  return caller(file.url, {
    'x-broker-api-version': '2.17',
    authorization: basicAuth(platform?.username ?? '', platform?.password),
  })
}

async function tenantsOf({ file }: Started): Promise<typeof tenants> {
  interface Item {
    name: string
    level: string
    parent?: { name: string }
    organisation: { name: string }
    externalId: string
  }
  const list = async (path: string, format: (item: Item) => string) => {
    const { body } = await caller(file.url, { authorization: `Bearer ${file.admin.token}` })(
      'GET',
      `/api/${path}`,
    )
    return (body.items as Item[]).map(format)
  }
  return {
    organisations: await list(
      'organisations',
      ({ name, level, parent }) =>
        `${name} ${level}${parent == null ? '' : ` below ${parent.name}`}`,
    ),
    platforms: await list(
      'platforms',
      ({ name, organisation }) => `${name} of ${organisation.name}`,
    ),
    mappings: await list(
      'platforms/cloudfoundry-demo/mappings',
      ({ externalId, organisation }) => `${externalId} to ${organisation.name}`,
    ),
  }
}

async function stateOf({ file }: Started, provider: string): Promise<SimulatorState> {
  const reply = await request(
    `${file.providers.find(({ name }) => name === provider)?.url}/_simulator/state`,
  )
  return (await reply.body.json()) as SimulatorState // the simulator's own shape
}

interface Offering {
  id: string
  name: string
  bindable: boolean
  plan_updateable?: boolean
  plans: Array<{ id: string; name: string }>
}

async function findOffering({ call, file }: Started, isRight: (offering: Offering) => unknown) {
  const { body } = await call('GET', '/v2/catalog')
  const offering = (body.services as Offering[]).find(isRight)
  const provider = file.providers.find(({ name }) => offering?.name.startsWith(`${name}-`))?.name
  if (offering === undefined || provider === undefined)
    throw new Error('There is no such offering.')
  return { offering, provider, plans: offering.plans }
}

/** The folder's processes: broker (by its environment), database, data centres (by arguments). */
async function processesWith(data: string): Promise<Array<{ pid: number; command: string }>> {
  const found = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    const [command, environment] = await Promise.all(
      ['cmdline', 'environ'].map((part) =>
        readFile(`/proc/${name}/${part}`, 'latin1').catch(() => ''),
      ),
    )
    const isOurs =
      command?.includes(`${data}/`) === true ||
      environment?.split('\0').includes(`KONTOR_DATA=${data}`) === true
    // A zombie has no command line; the database's children have a title instead of arguments.
    if (isOurs && command !== '' && command?.startsWith('postgres: ') !== true)
      found.push({ pid: Number(name), command: (command ?? '').replaceAll('\0', ' ').trim() })
  }
  return found
}

async function killAll(data: string): Promise<void> {
  // The broker first, so that it cannot restart the others.
  const first = await processesWith(data)
  for (const { pid } of first.toSorted(
    (a, b) => Number(b.command.includes('kontor.js')) - Number(a.command.includes('kontor.js')),
  )) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // A data centre exits when its parent is gone.
    }
  }
  await until(
    () => processesWith(data),
    (found) => found.length === 0,
  )
}

async function residentMb(pid: number): Promise<number> {
  const [, kb] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kb) / 1024)
}

/** Other users cannot run a checkout below a folder of root's: there the test proves nothing. */
function whyNotAsNobody(): string | false {
  if (process.geteuid?.() !== 0) return 'this whole file ran as one'
  const { status } = spawnSync('su', [
    'nobody',
    '-s',
    '/bin/sh',
    '-c',
    `test -x '${process.execPath}' && test -r '${entry}'`,
  ])
  return status === 0 ? false : 'this checkout lies where an ordinary user cannot go'
}
