import { execFile, fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import t from 'tap'
import { simulateCommand } from '../../src/cli/simulate.ts'
import { startSimulator } from '../../tools/simulator/start.ts'
import type { SimulatorState } from '../../tools/simulator/types.ts'
import { at, bindingAt, callAt, catalog, order, query } from './support.ts'
import { basicAuth } from '../support/basic-auth.ts'

const main = new URL('../../tools/simulator/main.ts', import.meta.url).pathname
const demo = new URL('../../demo/catalog.yaml', import.meta.url).pathname

interface Ready {
  ready: true
  url: string
  port: number
}

async function forkSimulator(
  t: { teardown: (fn: () => unknown) => unknown },
  args: string[],
): Promise<{ child: ChildProcess; url: string; port: number }> {
  const child = fork(main, args, { silent: true })
  t.teardown(() => child.kill('SIGKILL'))
  const [message] = (await once(child, 'message')) as [Ready]
  return { child, url: message.url, port: message.port }
}

async function refuse(args: string[]): Promise<{ code: number; stderr: string }> {
  try {
    await promisify(execFile)(process.execPath, [main, ...args], { timeout: 10_000 })
    return { code: 0, stderr: '' }
  } catch (error) {
    return error as { code: number; stderr: string }
  }
}

t.test('the journal survives kill -9, a crash fault and a torn last line', async (t) => {
  const dir = t.testdir({ 'catalog.json': JSON.stringify(catalog) })
  const args = ['--catalog', `${dir}/catalog.json`, '--state', `${dir}/state.jsonl`]
  const first = await forkSimulator(t, args)
  for (const id of ['a', 'b', 'c'])
    t.equal((await callAt(first.url, 'PUT', at(id), order.sync)).status, 201)
  const bound = await callAt(first.url, 'PUT', bindingAt('a', 'x'), {
    service_id: 'svc-sync',
    plan_id: 'plan-s',
  })
  await callAt(first.url, 'DELETE', `${at('c')}?${query.sync}`)
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  appendFileSync(`${dir}/state.jsonl`, '[{"put":"instance","inst')

  const second = await forkSimulator(t, [...args, '--port', String(first.port)])
  t.equal(second.port, first.port)
  t.strictSame(
    (await callAt(second.url, 'GET', bindingAt('a', 'x'))).body['credentials'],
    bound.body['credentials'],
  )
  await callAt(second.url, 'POST', '/_simulator/faults', { on: 'provision', do: { crash: true } })
  await t.rejects(callAt(second.url, 'PUT', at('d'), order.sync))
  const [, signal] =
    second.child.exitCode === null && second.child.signalCode === null
      ? await once(second.child, 'exit')
      : [null, second.child.signalCode]
  t.equal(signal, 'SIGKILL')

  const third = await forkSimulator(t, args)
  const state = (await callAt(third.url, 'GET', '/_simulator/state'))
    .body as unknown as SimulatorState
  t.strictSame(state.instances.map((instance) => instance.instance_id).sort(), ['a', 'b', 'd'])
  t.strictSame(state.effects, {
    provisioned: 4,
    updated: 0,
    deprovisioned: 1,
    bound: 1,
    unbound: 0,
  })
  t.equal((await callAt(third.url, 'DELETE', `${at('c')}?${query.sync}`)).status, 410)
})

t.test('an operation goes on over a restart', async (t) => {
  const stateFile = `${t.testdir()}/state.jsonl`
  let clock = 1_000_000
  const options = {
    catalog,
    stateFile,
    now: () => clock,
    behaviours: { '*': { mode: 'async' as const, provisionSeconds: 10 } },
  }
  const first = await startSimulator(options)
  await callAt(first.url, 'PUT', `${at('i')}?accepts_incomplete=true`, order.sync)
  await first.stop()
  clock += 6000
  const second = await startSimulator(options)
  t.match((await callAt(second.url, 'GET', `${at('i')}/last_operation`)).body, {
    state: 'in progress',
    description: 'provision is running: 60 %',
  })
  clock += 6000
  t.match((await callAt(second.url, 'GET', `${at('i')}/last_operation`)).body, {
    state: 'succeeded',
  })
  await second.stop()
  const lines = readFileSync(stateFile, 'utf8').trimEnd().split('\n')
  t.ok(lines.every((line) => Array.isArray(JSON.parse(line))))
  const third = await startSimulator(options)
  t.teardown(() => third.stop())
  t.match(third.state(), { instances: [{ state: 'ready' }], effects: { provisioned: 1 } })
})

t.test('a demo provider starts by its key, says so and ends on SIGTERM', async (t) => {
  const { child, url } = await forkSimulator(t, [
    '--catalog',
    demo,
    '--provider',
    'nordwolke',
    '--seconds',
    '0',
  ])
  const services = (await callAt(url, 'GET', '/v2/catalog')).body['services'] as Array<{
    name: string
  }>
  t.ok(services.some((service) => service.name === 'dmessenger'))
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  t.equal(code, 0)
  t.equal(output, `Simulator "nordwolke" speaks OSB 2.17 at ${url}\n`)
})

t.test('a forked simulator ends with its parent', async (t) => {
  const { child } = await forkSimulator(t, ['--catalog', demo, '--provider', 'moorwolke'])
  child.disconnect()
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
})

t.test('credentials come from the options or the environment', async (t) => {
  process.env['KONTOR_SIMULATOR_PASSWORD'] = 'from-env'
  t.teardown(() => {
    delete process.env['KONTOR_SIMULATOR_PASSWORD']
  })
  const { url } = await forkSimulator(t, [
    '--catalog',
    demo,
    '--provider',
    'moorwolke',
    '--username',
    'u',
  ])
  t.equal((await callAt(url, 'GET', '/v2/catalog')).status, 401)
  const Authorization = basicAuth('u', 'from-env')
  t.equal((await callAt(url, 'GET', '/v2/catalog', undefined, { Authorization })).status, 200)
})

t.test('bad input is one sentence on stderr and exit code 1', async (t) => {
  const dir = t.testdir({
    'broken.yaml': 'a: [1\nb: }',
    'none.yaml': 'a: 1',
    'odd.json': '{"services":[{"id":1}]}',
    'ok.json': JSON.stringify(catalog),
  })
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  for (const [args, words] of [
    [['--catalog', `${dir}/missing.yaml`], /cannot be read: there is no such file\./],
    [['--catalog', dir], /it is a directory/],
    [['--catalog', `${dir}/broken.yaml`], /neither JSON nor YAML/],
    [['--catalog', `${dir}/none.yaml`], /has no list "services"/],
    [['--catalog', `${dir}/odd.json`], /services\[0\]\.id must be a non-empty string/],
    [['--catalog', demo], /choose one with --provider \(nordwolke/],
    [['--catalog', demo, '--provider', 'dataport'], /has no provider "dataport"/],
    [['--catalog', `${dir}/ok.json`, '--username', 'u'], /needs a password/],
    [['--catalog', `${dir}/ok.json`, '--port', String(port)], /is in use/],
    [['--catalog', `${dir}/ok.json`, '--port', 'x'], /--port/],
    [['--catalog', `${dir}/ok.json`, '--nonsense'], /nonsense/],
    [[], /--catalog/],
  ] as Array<[string[], RegExp]>) {
    const { code, stderr } = await refuse(args)
    t.equal(code, 1, args.join(' '))
    t.match(stderr, words)
    t.equal(stderr.trimEnd().split('\n').length, 1, stderr)
  }
})

t.test('the command knows its options', async (t) => {
  const command = simulateCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  t.equal(command.name(), 'simulate')
  await t.rejects(
    command.parseAsync(['--catalog', 'x', '--port', '99999'], { from: 'user' }),
    /from 0 to 65535/,
  )
})
