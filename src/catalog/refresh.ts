import type { Db } from '../db/database.ts'
import type { Log } from '../log.ts'
import type { BackendPool } from '../providers/backend-pool.ts'
import { lookUpProvider } from '../providers/look-up.ts'
import type { OpenProvider } from '../providers/open-provider.ts'
import type { Vault } from '../vault/vault.ts'
import { publishCatalog } from './publish.ts'
import { endQuarantine } from './quarantine/hold.ts'
import { findCatalogState, saveFailure, saveUnchanged } from './readings/store.ts'
import { reportStateOf } from './report-state.ts'

export interface RefreshDeps {
  readonly db: Db
  readonly now: () => Date
  readonly vault: Vault
  readonly backends: BackendPool
  readonly log: Log
}

export type Refreshed = 'changed' | 'unchanged' | 'failed' | 'superseded' | 'held'

/**
 * Reads a provider's catalog and publishes what changed. On any failure the last good copy stays
 * published.
 * @throws BrokerError `not_found` when there is no such provider
 */
export async function refreshCatalog(
  deps: RefreshDeps,
  providerId: string,
  signal: AbortSignal,
): Promise<Refreshed> {
  const { provider, backend } = await openCurrent(deps, providerId)
  const before = await findCatalogState(deps.db, providerId)
  const startedAt = deps.now()
  // While an offering is withheld the catalog is always read in full: its name may be free by now.
  const isWhole = before?.findings.every(({ effect }) => effect !== 'offering_withheld') === true
  const known =
    isWhole && before?.providerRevision === provider.revision ? before.validators : undefined
  const read = await backend.catalog(known, signal)
  const now = deps.now()
  const next = new Date(now.getTime() + provider.refreshSeconds * 1_000)
  const time = { startedAt, endedAt: now, nextAt: next }
  const report = reportStateOf(deps.log, provider, before)
  switch (read.kind) {
    case 'failed':
      // When Kontor stopped the reading, it says nothing about the provider.
      if (signal.aborted) return 'failed'
      await saveFailure(deps.db, providerId, read.description, time)
      report.failed(read.description)
      return 'failed'
    case 'unchanged':
      // The validators are those of the published copy.
      await deps.db.transaction().execute(async (tx) => {
        await saveUnchanged(tx, providerId, time, provider.revision)
        if (await endQuarantine(tx, providerId, now)) report.released()
      })
      report.read()
      return 'unchanged'
    case 'changed':
      return publishCatalog(deps, provider, read, time, report)
    default:
      return read satisfies never
  }
}

// A registration may have changed a moment ago, here or in another process.
async function openCurrent(
  { db, backends }: RefreshDeps,
  providerId: string,
): Promise<OpenProvider> {
  const { revision } = await lookUpProvider(db, 'all', providerId)
  // A failure to open an earlier registration is remembered for a moment.
  const open = await backends.open(providerId).catch(() => undefined)
  if (open?.provider.revision === revision) return open
  await backends.forgetChanged()
  return backends.open(providerId)
}
