// The providers of the harness: simulators in processes of their own, each of another kind, behind
// a fault proxy. They never die, so they know what really happened.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import type {
  Fault,
  OsbCatalog,
  ServiceBehaviour,
  SimulatorState,
  StandingFault,
} from '../../../tools/simulator/types.ts'
import { basicAuth } from '../../support/basic-auth.ts'
import { catalogOf } from '../../support/catalogs.ts'
import { openFaultProxy, type FaultProxy } from './network-faults.ts'

const entry = fileURLToPath(new URL('../../../tools/simulator/main.ts', import.meta.url))

interface Kind {
  readonly name: string
  readonly behaviour: ServiceBehaviour
  /** Whether its resources can be fetched; default true. */
  readonly isRetrievable?: boolean
}

/** Every way in which the specification allows a provider to work. */
export const kinds: readonly Kind[] = [
  { name: 'direct', behaviour: { mode: 'sync', dashboard: true } },
  { name: 'blind', behaviour: { mode: 'sync' }, isRetrievable: false },
  {
    name: 'later',
    behaviour: {
      mode: 'async',
      provisionSeconds: 0.6,
      updateSeconds: 0.4,
      deprovisionSeconds: 0.4,
    },
  },
  {
    name: 'patient',
    behaviour: {
      mode: 'async',
      provisionSeconds: 1.2,
      updateSeconds: 1,
      deprovisionSeconds: 0.3,
      retryAfterSeconds: 1,
      operationStyle: 'odd',
      goneAfterDelete: false,
    },
  },
  {
    name: 'binding',
    behaviour: {
      mode: 'async',
      asyncBinding: true,
      provisionSeconds: 0.2,
      bindSeconds: 0.5,
      unbindSeconds: 0.3,
      serializeBindings: true,
    },
  },
  {
    name: 'dark',
    behaviour: {
      mode: 'async',
      provisionSeconds: 0.8,
      updateSeconds: 0.5,
      operationStyle: 'none',
      haltOnDelete: false,
    },
    isRetrievable: false,
  },
]

export interface Provider {
  readonly name: string
  readonly isRetrievable: boolean
  readonly isAsync: boolean
  /** The body that registers it at Kontor. */
  readonly registration: object
  readonly journalFile: string
  readonly proxy: FaultProxy
  /**
   * Adds a fault. Leaves out a delay of an endpoint whose next call is delayed already: the simulator
   * adds delays up, and the sum would exceed KONTOR_IN_DOUBT_SECONDS, after which no call may take
   * effect any more.
   */
  add(fault: Fault): Promise<void>
  faults(): Promise<StandingFault[]>
  clearFaults(): Promise<void>
  state(): Promise<SimulatorState>
  stop(): Promise<void>
}

export async function startProvider(
  folder: string,
  kind: Kind,
  timeoutSeconds: number,
): Promise<Provider> {
  const own = join(folder, kind.name)
  await mkdir(own, { recursive: true })
  const catalogFile = join(own, 'catalog.json')
  const journalFile = join(own, 'journal')
  const isRetrievable = kind.isRetrievable ?? true
  await writeFile(
    catalogFile,
    JSON.stringify({ ...catalogFor(kind, isRetrievable), behaviours: { '*': kind.behaviour } }),
  )
  const child = fork(
    entry,
    [
      '--catalog',
      catalogFile,
      '--provider',
      kind.name,
      '--port',
      '0',
      '--state',
      journalFile,
      '--username',
      'kontor',
      '--password',
      'not-a-secret',
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(folder, 'compiled'),
      },
    },
  )
  const port = await readyPort(child)
  const proxy = await openFaultProxy(port)
  const inspect = inspector(port)
  // A repeated PUT must show its second resource, not hide it.
  await inspect('POST', '/settings', { duplicateDetection: false })
  let cleared: StandingFault[] = []
  let adding: Promise<void> = Promise.resolve()
  const addUnlessDelayed = async (fault: Fault): Promise<void> => {
    if ('delayMs' in fault.do && (await listFaults(inspect)).some((other) => delays(other, fault)))
      return
    await inspect('POST', '/faults', fault)
  }
  return {
    name: kind.name,
    isRetrievable,
    isAsync: kind.behaviour.mode === 'async',
    registration: {
      name: kind.name,
      backend: 'osb',
      settings: { url: `http://127.0.0.1:${proxy.port}`, timeoutSeconds, catalogTimeoutSeconds: 5 },
      credentials: { username: 'kontor', password: 'not-a-secret' },
      refreshSeconds: 3600,
    },
    journalFile,
    proxy,
    add(fault) {
      adding = adding.catch(() => {}).then(() => addUnlessDelayed(fault))
      return adding
    },
    async faults() {
      return [...cleared, ...(await listFaults(inspect))]
    },
    async clearFaults() {
      cleared = [...cleared, ...(await listFaults(inspect))]
      await inspect('DELETE', '/faults')
    },
    async state() {
      return (await inspect('GET', '/state')) as SimulatorState
    },
    async stop() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await proxy.close()
    },
  }
}

// Whether the standing fault delays the next call that the other fault would delay, too.
function delays(standing: StandingFault, { on }: Fault): boolean {
  return 'delayMs' in standing.do && standing.on === on && standing.fired === 0
}

type Inspect = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>

async function listFaults(inspect: Inspect): Promise<StandingFault[]> {
  const { faults } = (await inspect('GET', '/faults')) as { faults: StandingFault[] } // tools/simulator/inspect.ts
  return faults
}

function inspector(port: number): Inspect {
  const authorization = basicAuth('kontor', 'not-a-secret')
  return async (method, path, body) => {
    const reply = await request(`http://127.0.0.1:${port}/_simulator${path}`, {
      method,
      headers: {
        authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await reply.body.text()
    if (reply.statusCode >= 300)
      throw new Error(`The simulator answered ${method} ${path} with ${reply.statusCode}: ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

async function readyPort(child: ChildProcess): Promise<number> {
  const failed = once(child, 'exit').then(() => {
    throw new Error('A simulator did not start.')
  })
  const [message] = (await Promise.race([once(child, 'message'), failed])) as [{ port: number }] // tools/simulator/run.ts
  failed.catch(() => {})
  return message.port
}

// The one of the two offerings that can do everything.
function catalogFor(kind: Kind, isRetrievable: boolean): OsbCatalog {
  const [offering] = catalogOf(kind.name).services
  if (offering === undefined) throw new Error('The catalog is empty.')
  return {
    services: [
      { ...offering, instances_retrievable: isRetrievable, bindings_retrievable: isRetrievable },
    ],
  }
}
