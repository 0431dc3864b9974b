// What carries orders out: parameter checks, the engine with its handlers, the removal of orphans,
// and their figures.
import { countUnlinked } from '../audit/chain/unlinked.ts'
import { bindHandler } from '../bindings/bind-handler.ts'
import { bindingsOfInstance } from '../bindings/bindings-of-instance.ts'
import { unbindHandler } from '../bindings/unbind-handler.ts'
import { countCatalogs } from '../catalog/figures.ts'
import type { LiveCatalog } from '../catalog/live-catalog.ts'
import { createParameterChecks, type ParameterChecks } from '../catalog/parameters.ts'
import { createCatalogReader, type CatalogReader } from '../catalog/reading/catalog-reader.ts'
import type { Config } from '../config.ts'
import { deprovisionHandler } from '../instances/deprovision-handler.ts'
import { readInstances, type HandlerDeps } from '../instances/load.ts'
import { provisionHandler } from '../instances/provision-handler.ts'
import { updateHandler } from '../instances/update-handler.ts'
import { countUnposted } from '../ledger/post.ts'
import type { Log } from '../log.ts'
import { openDurations, type Durations } from '../operations/durations/durations.ts'
import { createEngine, type Engine } from '../operations/engine.ts'
import type { HitFailpoint } from '../operations/failpoints.ts'
import type { OperationHandlers } from '../operations/operation-handler.ts'
import { countMails } from '../mail/read.ts'
import { countParked } from '../operations/parked.ts'
import { delayedOrders } from '../orders/delayed.ts'
import { countOpenOrphans } from '../orphans/record.ts'
import { createRemoval, type Removal } from '../orphans/run.ts'
import { countOpenFindings } from '../reconciliation/look-up-run.ts'
import { addCatalogMetrics, addUnwritableMetrics } from '../telemetry/catalog-metrics.ts'
import { addIntegrityMetrics } from '../telemetry/integrity-metrics.ts'
import { defineCounter } from '../telemetry/counter.ts'
import { addMailMetrics } from '../telemetry/mail-metrics.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import { addProviderMetrics } from '../telemetry/provider-metrics.ts'
import { addVaultMetrics } from '../telemetry/vault-metrics.ts'
import { countFailures, integrityOf } from '../vault/sealed-rows/integrity.ts'
import { reportedTables } from '../vault/sealed-rows/tables.ts'
import type { Caches } from './caches.ts'
import { logError } from './log-error.ts'
import type { OnClose } from './on-close.ts'
import type { Storage } from './storage.ts'

const parameterChecksRefused = defineCounter(
  'kontor_parameter_checks_refused_total',
  'Orders refused because their parameters could not be checked in time.',
)

export interface Execution {
  readonly parameters: ParameterChecks
  readonly catalogReader: CatalogReader
  readonly durations: Durations
  readonly metrics: Metrics
  readonly handlers: OperationHandlers
  readonly removal: Removal
  readonly engine: Engine
}

export interface ExecutionOptions {
  readonly config: Config
  readonly log: Log
  readonly storage: Storage
  readonly caches: Pick<Caches, 'catalog' | 'backends' | 'unwritablePlans'>
  readonly hitFailpoint: HitFailpoint | undefined
}

export async function openExecution(
  { config, log, storage, caches, hitFailpoint }: ExecutionOptions,
  onClose: OnClose,
): Promise<Execution> {
  const { db, now } = storage
  const { backends, catalog } = caches
  const durations = await openDurations(db)
  // Writes what was learned since the last exchange.
  onClose('durations', () => durations.exchange())
  const metrics = openMetrics(storage, caches)
  const parameters = openParameterChecks(storage, config, metrics, log, onClose)
  const catalogReader = createCatalogReader(config.catalogCaps)
  onClose('reader of catalogs', () => catalogReader.close())
  const calling = {
    db,
    now,
    log,
    hitFailpoint,
    backends,
    hasAllKeys: storage.hasAllKeys,
  }
  const removal = createRemoval({ ...calling, times: { pollMs: config.pollMs } })
  const handlers = openHandlers(storage, catalog)
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
  onClose('engine', () => engine.drain(config.drainMs))
  return { parameters, catalogReader, durations, metrics, handlers, removal, engine }
}

function openParameterChecks(
  { db, now }: Storage,
  { catalogCaps }: Config,
  metrics: Metrics,
  log: Log,
  onClose: OnClose,
): ParameterChecks {
  const parameters = createParameterChecks({
    db,
    now,
    maxFindings: catalogCaps.findings,
    onUnusable: (about) => {
      log.warn(about, 'a parameter schema cannot check parameters')
    },
    onBusy: (providerId) => {
      metrics.count(parameterChecksRefused)
      log.debug({ providerId }, 'parameters could not be checked in time')
    },
    onError: logError(log, 'parameters could not be checked, or a finding not be written'),
  })
  onClose('parameter checks', () => parameters.close())
  return parameters
}

function openMetrics(
  { db, vault, now }: Storage,
  { backends, unwritablePlans }: Pick<Caches, 'backends' | 'unwritablePlans'>,
): Metrics {
  const metrics = createMetrics({
    parked: () => countParked(db),
    orphans: () => countOpenOrphans(db),
    findings: () => countOpenFindings(db),
    unlinked: () => countUnlinked(db),
    unposted: () => countUnposted(db),
    delayed: () => delayedOrders(db, now()),
  })
  addMailMetrics(metrics.registry, () => countMails(db, now()))
  addVaultMetrics(metrics.registry, () => vault.unopened)
  addCatalogMetrics(metrics.registry, () => countCatalogs(db, now()))
  addUnwritableMetrics(metrics.registry, () => unwritablePlans.figures())
  const integrity = integrityOf(vault)
  addIntegrityMetrics(metrics.registry, () => countFailures(integrity, reportedTables))
  addProviderMetrics(
    metrics.registry,
    () => backends.figures(),
    () => backends.certificates(),
    () => backends.registrations(),
  )
  return metrics
}

function openHandlers({ db, vault, now }: Storage, catalog: LiveCatalog): OperationHandlers {
  const deps: HandlerDeps = {
    db,
    vault,
    now,
    instances: readInstances(db),
    catalog,
  }
  return {
    provision: provisionHandler(deps),
    update: updateHandler(deps),
    deprovision: deprovisionHandler(deps, bindingsOfInstance(deps)),
    bind: bindHandler(deps),
    unbind: unbindHandler(deps),
    // Only the handler that made a result reads it; the engine merely carries it between the
    // handler's methods.
  } as OperationHandlers
}
