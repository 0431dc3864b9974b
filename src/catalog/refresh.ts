import type { CatalogRead } from '../backends/backend.ts'
import type { Db } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { BackendPool } from '../providers/backend-pool.ts'
import type { OpenProvider } from '../providers/open-provider.ts'
import type { Provider } from '../providers/provider.ts'
import type { Vault } from '../vault/vault.ts'
import { publishCatalog } from './publish.ts'
import type { Publisher } from './published.ts'
import { lockPublication } from './publication/store.ts'
import { endQuarantine } from './quarantine/quarantine-doubtful.ts'
import { rulesOf } from './reading/caps.ts'
import type { CatalogReader } from './reading/catalog-reader.ts'
import type { Effort } from './reading/rest.ts'
import type { Refreshed } from './reading/task.ts'
import { findCatalogState, saveFailure, saveUnchanged, type ReadingTime } from './readings/store.ts'
import { reportStateOf } from './report-state.ts'
import { trimTombstones } from './trim-tombstones.ts'

export interface RefreshDeps {
  readonly db: Db
  readonly now: () => Date
  readonly vault: Vault
  readonly backends: BackendPool
  readonly log: Log
  readonly catalogReader: CatalogReader
}

export type { Refreshed }

/**
 * Reads a provider's catalog and publishes what changed. On any failure the last good copy stays
 * published. A call that comes while the provider is being read, or rests, waits, and shares the
 * next reading with all others that wait; the time limit of a reading begins with it.
 * @param stop  ends the reading early
 * @throws BrokerError `not_found` when there is no such provider
 */
export function refreshCatalog(
  deps: RefreshDeps,
  providerId: string,
  stop?: AbortSignal,
): Promise<Refreshed> {
  const { turns, caps, rests, readMs } = deps.catalogReader
  const effort: Effort = { bytes: 0, tookMs: 0 }
  const work = async (): Promise<Refreshed> => {
    const limit = AbortSignal.timeout(readMs)
    const signal = stop === undefined ? limit : AbortSignal.any([stop, limit])
    const refreshed = await refresh(deps, providerId, signal, effort)
    if (refreshed === 'unchanged' || refreshed === 'quarantined')
      await trimTombstones(deps.db, providerId, caps, deps.now())
    return refreshed
  }
  return turns.take(
    providerId,
    async () => {
      const startedAtMs = performance.now()
      return work().finally(() => {
        effort.tookMs = performance.now() - startedAtMs
      })
    },
    () => rests.after(providerId, effort),
  )
}

async function refresh(
  deps: RefreshDeps,
  providerId: string,
  signal: AbortSignal,
  effort: Effort,
): Promise<Refreshed> {
  const open = await deps.backends.openCurrent(providerId)
  const readNow = () => read(deps, open, signal, effort)
  return open.isHeld ? deps.catalogReader.heldReadings.during(providerId, readNow) : readNow()
}

async function read(
  deps: RefreshDeps,
  { provider, backend }: OpenProvider,
  signal: AbortSignal,
  effort: Effort,
): Promise<Refreshed> {
  const providerId = provider.id
  const before = await findCatalogState(deps.db, providerId)
  const startedAt = deps.now()
  // While an offering is withheld the catalog is always read in full: its name may be free by now.
  const isWhole = before?.findings.every(({ effect }) => effect !== 'offering_withheld') === true
  const isCurrent =
    before?.providerRevision === provider.revision &&
    before.rules === rulesOf(deps.catalogReader.caps)
  const known = isWhole && isCurrent ? before.validators : undefined
  const answer = await backend.catalog(known, signal)
  effort.bytes = bytesOf(answer)
  const readingTime = (): ReadingTime => {
    const endedAt = deps.now()
    const nextAt = new Date(endedAt.getTime() + provider.refreshSeconds * 1_000)
    return { startedAt, endedAt, nextAt }
  }
  const report = reportStateOf(deps.log, provider, before)
  const fail = async (description: string): Promise<'failed'> => {
    // When Kontor stopped the reading, it says nothing about the provider.
    if (signal.aborted) return 'failed'
    await saveFailure(deps.db, providerId, description, readingTime())
    report.failed(description)
    return 'failed'
  }
  switch (answer.kind) {
    case 'failed':
      return fail(answer.description)
    case 'unchanged': {
      // The validators are those of the published copy.
      const time = readingTime()
      await deps.db.transaction().execute(async (tx) => {
        // A newer reading, which may have quarantined another catalog, commits first or waits.
        await lockPublication(tx)
        const isCurrent = await saveUnchanged(tx, providerId, time, provider.revision)
        if (isCurrent && (await endQuarantine(tx, providerId, time.endedAt))) report.released()
      })
      report.read()
      return 'unchanged'
    }
    case 'changed': {
      const { body, validators } = answer
      const task = { body, publisher: publisherOf(provider) }
      const inspected = await deps.catalogReader.read(providerId, task, signal)
      if (inspected.kind === 'stopped') return 'failed'
      if (inspected.kind === 'unusable') return fail(inspected.description)
      const { catalog } = inspected
      return publishCatalog(deps, provider, catalog, validators, readingTime(), report)
    }
    default:
      return answer satisfies never
  }
}

function bytesOf(answer: CatalogRead): number {
  switch (answer.kind) {
    case 'changed':
      return answer.body.reduce((sum, { length }) => sum + length, 0)
    case 'failed':
      return answer.bytes ?? 0
    case 'unchanged':
      return 0
    default:
      return answer satisfies never
  }
}

function publisherOf({ name, displayName, storeBindingCredentials }: Provider): Publisher {
  return { name, displayName, storeBindingCredentials }
}
