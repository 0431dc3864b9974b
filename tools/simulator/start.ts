import { answerRequest } from './answer.ts'
import type { EntryPoint } from './answer.ts'
import type { Desk } from './call.ts'
import { createShelf, replaceCatalog, setCatalogMode } from './catalog.ts'
import { createFaults } from './fault.ts'
import type { Inspected } from './inspect.ts'
import { openJournal } from './journal.ts'
import type { Journal } from './journal.ts'
import { listen } from './listen.ts'
import type { Listener } from './listen.ts'
import { settleInstance } from './operation.ts'
import type {
  RequestRecord,
  Settings,
  Simulator,
  SimulatorOptions,
  SimulatorState,
} from './types.ts'
import { listBindings } from './world.ts'

/** A provider that speaks OSB 2.17 over real HTTP: correct by default, wrong on demand. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const journal = openJournal(options.stateFile)
  const ending = new AbortController()
  let listener: Listener | undefined
  let closing: Promise<void> | undefined
  const stop = () => {
    ending.abort()
    closing ??= listener?.close() ?? Promise.resolve()
    journal.close()
    return closing
  }
  const entryPoint = createEntryPoint(options, journal, {
    signal: ending.signal,
    readUrl: () => listener?.url ?? '',
    crash:
      options.onCrash ??
      (() => {
        void stop()
      }),
  })
  try {
    listener = await listen(options, (req, res) => {
      void answerRequest(entryPoint, req, res)
    })
  } catch (error) {
    journal.close()
    throw error
  }
  const { faults, state, configure, setCatalog } = entryPoint.inspected
  return { url: listener.url, port: listener.port, faults, state, configure, setCatalog, stop }
}

function createEntryPoint(
  options: SimulatorOptions,
  journal: Journal,
  outside: { signal: AbortSignal; readUrl: () => string; crash: () => void },
): EntryPoint {
  const shelf = createShelf(options.catalog)
  const settings: Settings = {
    duplicateDetection: true,
    catalogMode: 'normal',
    catalogWithout: [],
    inventoryPageSize: 100,
    nulls: false,
    behaviours: { ...options.behaviours },
  }
  const desk: Desk = { world: journal.world, shelf, settings, readUrl: outside.readUrl }
  const faults = createFaults()
  const now = options.now ?? Date.now
  const requests: Record<string, number> = {}
  const lastRequests: RequestRecord[] = []
  const inspected: Inspected = {
    faults,
    settings,
    state: () =>
      readState({
        journal,
        provider: options.provider ?? 'simulator',
        now: now(),
        requests,
        lastRequests,
      }),
    configure(change) {
      Object.assign(settings, change, {
        behaviours: { ...settings.behaviours, ...change.behaviours },
      })
      setCatalogMode(shelf, settings.catalogMode, settings.catalogWithout)
    },
    setCatalog: (catalog) => replaceCatalog(shelf, catalog),
  }
  const count = (endpoint: string) => {
    requests[endpoint] = (requests[endpoint] ?? 0) + 1
  }
  return {
    options,
    counter: { desk, journal, faults, signal: outside.signal, now, crash: outside.crash, count },
    inspected,
    lastRequests,
  }
}

interface StateSource {
  journal: Journal
  provider: string
  now: number
  requests: Record<string, number>
  lastRequests: RequestRecord[]
}

function readState({
  journal,
  provider,
  now,
  requests,
  lastRequests,
}: StateSource): SimulatorState {
  const { world } = journal
  for (const id of world.running.keys()) journal.commit(settleInstance(world, id, now))
  // A copy: what a test holds must not move while it compares.
  return structuredClone({
    provider,
    instances: [...world.instances.values()].map((instance) => ({
      ...instance,
      bindings: listBindings(world, instance.instance_id),
    })),
    operations: [...world.operations.values()],
    effects: world.effects,
    duplicates: world.duplicates,
    requests,
    lastRequests,
  })
}
