// What the HTTP side and the job side share: one database, one vault, one catalog, one engine per process.
import { openVisibility } from './access/visibility/visibility.ts'
import { countUnlinked } from './audit/chain/unlinked.ts'
import { bindHandler } from './bindings/bind-handler.ts'
import { bindingsOfInstance } from './bindings/bindings-of-instance.ts'
import { unbindHandler } from './bindings/unbind-handler.ts'
import { openCatalog, type LiveCatalog } from './catalog/live-catalog.ts'
import { createParameterChecks } from './catalog/parameters.ts'
import type { Config } from './config.ts'
import { channels, listen, type Channel } from './db/channels.ts'
import { openClock } from './db/clock.ts'
import { openDatabase } from './db/database.ts'
import { BrokerError } from './errors.ts'
import { deprovisionHandler } from './instances/deprovision-handler.ts'
import { readInstances, type HandlerDeps } from './instances/load.ts'
import type { OrderDeps } from './instances/order.ts'
import { provisionHandler } from './instances/provision-handler.ts'
import { updateHandler } from './instances/update-handler.ts'
import { coded, type Log } from './log.ts'
import { openNetworks } from './networks.ts'
import type { OperationHandlers } from './operations/operation-handler.ts'
import { openDurations, type Durations } from './operations/durations/durations.ts'
import { createEngine } from './operations/engine.ts'
import { countParked } from './operations/parked.ts'
import type { HitFailpoint } from './operations/failpoints.ts'
import { countOpenOrphans } from './orphans/record.ts'
import { createRemoval, type Removal } from './orphans/run.ts'
import { createBackendPool, type BackendPool } from './providers/backend-pool.ts'
import { countOpenFindings } from './reconciliation/look-up.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'
import { addProviderMetrics } from './telemetry/provider-metrics.ts'
import { openDirectory, type Directory } from './tenancy/directory.ts'
import { createLastUsed, type LastUsed } from './tenancy/last-used.ts'
import { openSignIn, type SignIn } from './tenancy/sign-in.ts'
import { openLiveKeyRing } from './vault/live-key-ring.ts'
import { readKeys } from './vault/read-keys.ts'

export interface Runtime extends OrderDeps {
  readonly config: Config
  readonly log: Log
  readonly backends: BackendPool
  readonly removal: Removal
  readonly handlers: OperationHandlers
  readonly signIn: SignIn
  readonly lastUsed: LastUsed
  readonly directory: Directory
  /** `wake` is called when a job has fallen due before its time. */
  onDue(wake: () => void): void
  readonly metrics: Metrics
  readonly durations: Durations
  /** false: this process lacks a key that others use, or could not make itself known, so it works on nothing. */
  hasAllKeys(): boolean
  /** Lets what is under way end, then closes everything. */
  close(): Promise<void>
}

export interface RuntimeOptions {
  readonly config: Config
  readonly log: Log
  /** Called at each named point of an operation's way; for the fault harness. */
  readonly hitFailpoint?: HitFailpoint | undefined
}

const refreshIntervalMs = 30_000

/**
 * Opens the house on a database that is migrated.
 * @throws BrokerError `configuration` when something is missing or wrong; the driver's error when the database is away
 */
export async function openRuntime({ config, log, hitFailpoint }: RuntimeOptions): Promise<Runtime> {
  if (config.databaseUrl === undefined)
    throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  const url = config.databaseUrl
  const onError = (what: string) => (error: Error) => {
    log.warn({ error: coded(error) }, what)
  }
  const db = openDatabase(url, {
    connections: config.databaseConnections,
    name: 'kontor-serve',
    onIdleError: onError('an idle database connection broke'),
  })
  const closers: Array<() => Promise<void>> = [() => db.destroy()]
  try {
    const clock = await openClock(db, onError('the time of the database could not be read'))
    closers.unshift(async () => {
      clock.close()
    })
    const { now } = clock
    const keys = await openLiveKeyRing({ db, log, read: () => readKeys(config) })
    closers.unshift(() => keys.close())
    const { vault } = keys
    const lastUsed = createLastUsed(db, now, onError('when credentials were used was not written'))
    closers.unshift(() => lastUsed.close())
    const [catalog, credentials, directory, durations] = await Promise.all([
      openCatalog(db),
      openSignIn(db, vault, lastUsed),
      openDirectory(db, config.organisationAnnotation),
      openDurations(db),
    ])
    const visibility = await openVisibility({
      db,
      catalog,
      directory,
      isOpen: config.isCatalogOpen,
    })
    // Whoever can sign in must be known to the directory, which visibility reads with it, or his first order would be for nobody.
    const signIn: SignIn = {
      ...credentials,
      reload: async () => {
        await visibility.reload()
        await credentials.reload()
      },
    }
    // Whoever waits for the new catalog is shown it by its own date, too.
    const shownCatalog: LiveCatalog = {
      ...catalog,
      reload: async () => {
        await catalog.reload()
        await visibility.reload()
      },
    }
    // What was learned since the last time is kept.
    closers.unshift(() => durations.exchange())
    const backends = createBackendPool({
      db,
      vault,
      now,
      log,
      busyMs: config.pollMs,
      networks: openNetworks(config.providerNetworks),
    })
    closers.unshift(() => backends.close())
    const parameters = createParameterChecks({
      db,
      now,
      onSetAside: (about) => {
        log.warn(about, 'a parameter schema is not used for a while')
      },
      onError: onError('a catalog finding was not written'),
    })
    closers.unshift(() => parameters.close())
    const metrics = createMetrics({
      parked: () => countParked(db),
      orphans: () => countOpenOrphans(db),
      findings: () => countOpenFindings(db),
      unlinked: () => countUnlinked(db),
    })
    addProviderMetrics(
      metrics.registry,
      () => backends.figures(),
      () => backends.certificates(),
    )
    const calling = {
      db,
      now,
      log,
      hitFailpoint,
      openBackend: (id: string) => backends.open(id), // What it cannot open others can.
      freeSlots: async () => (keys.isComplete() ? backends.freeSlots() : []),
    }
    const removal = createRemoval({ ...calling, times: { pollMs: config.pollMs } })
    const handlers = operationHandlers({
      db,
      vault,
      now,
      instances: readInstances(db),
      ...catalogFacts(catalog),
    })
    const engine = createEngine({
      ...calling,
      metrics,
      durations,
      times: {
        leaseMs: config.leaseMs,
        pollMs: config.pollMs,
        maxPollMs: config.maxPollMs,
        inDoubtMs: config.inDoubtMs,
        maxRetryMs: 300_000,
        retriesBeforeParking: config.retriesBeforeParking,
      },
      handlers,
    })
    closers.unshift(() => engine.drain(config.drainMs))
    const onDue = new Set<() => void>()
    const listener = await listen(url, {
      onMessage: (channel, payload) => onNotification(channel, payload),
      onConnected: () => {
        for (const channel of channels) onNotification(channel, '')
      },
      onError: onError('the connection that listens for changes broke'),
    })
    closers.unshift(() => listener.close())
    // What changed between the first reading and the first message must be known before anything is served.
    await signIn.reload()
    // A connection can be dead for long without anybody noticing, so what is told is also looked up from time to time.
    const refreshing = setInterval(() => {
      Promise.all([signIn.reload(), backends.forgetChanged(), durations.exchange()]).catch(
        onError('could not look for changes'),
      )
    }, refreshIntervalMs)
    refreshing.unref()
    closers.unshift(async () => {
      clearInterval(refreshing)
    })

    function onNotification(channel: Channel, payload: string): void {
      if (channel === 'due') for (const wake of onDue) wake()
      if (channel === 'providers') backends.forget(payload === '' ? undefined : payload)
      const reload =
        channel === 'catalog'
          ? visibility.reload()
          : channel === 'platforms'
            ? signIn.reload()
            : undefined
      reload?.catch(onError(`could not read ${channel} anew`))
    }

    return {
      config,
      log,
      db,
      now,
      vault,
      hasAllKeys: () => keys.isComplete(),
      catalog: shownCatalog,
      visibility,
      parameters,
      signIn,
      lastUsed,
      directory,
      engine,
      handlers,
      removal,
      backends,
      metrics,
      durations,
      orderTimes: {
        inlineMs: config.inlineMs,
        leaseMs: config.leaseMs,
        maxPollingMs: config.maxPollingMs,
      },
      onDue: (wake) => {
        onDue.add(wake)
      },
      openBackend: (id) => backends.open(id),
      close: () => closeAll(closers, log),
    }
  } catch (error) {
    await closeAll(closers, log)
    throw error
  }
}

function operationHandlers(deps: HandlerDeps): OperationHandlers {
  return {
    provision: provisionHandler(deps),
    update: updateHandler(deps),
    deprovision: deprovisionHandler(deps, bindingsOfInstance(deps)),
    bind: bindHandler(deps),
    unbind: unbindHandler(deps),
    // Each effect's result is made and read by that effect alone; the engine only carries it between its methods.
  } as OperationHandlers
}

function catalogFacts(
  catalog: LiveCatalog,
): Pick<
  HandlerDeps,
  'isInstanceRetrievable' | 'isBindingRetrievable' | 'requiresOf' | 'maintenanceVersionOf'
> {
  const offeringOf = (offeringId: string) => catalog.current().offerings.get(offeringId)
  return {
    isInstanceRetrievable: (offeringId) =>
      offeringOf(offeringId)?.upstreamFlags.instancesRetrievable ?? false,
    isBindingRetrievable: (offeringId) =>
      offeringOf(offeringId)?.upstreamFlags.bindingsRetrievable ?? false,
    // catalog/inspect.ts let only a list of names through
    requiresOf: (offeringId) =>
      (offeringOf(offeringId)?.body['requires'] as readonly string[] | undefined) ?? [],
    maintenanceVersionOf: (planId) => catalog.current().plans.get(planId)?.maintenanceVersion,
  }
}

async function closeAll(closers: ReadonlyArray<() => Promise<void>>, log: Log): Promise<void> {
  for (const close of closers) {
    await close().catch((error: unknown) => {
      log.warn({ error: coded(error) }, 'something did not close well')
    })
  }
}
