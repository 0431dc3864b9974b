// What this process keeps in memory of the database, so that requests need no query for it.
import { openKnownQuotas, type KnownQuotas } from '../access/quotas/known-quotas.ts'
import { openVisibility, type Visibility } from '../access/visibility/visibility.ts'
import { openCatalog, type CatalogEvents, type LiveCatalog } from '../catalog/live-catalog.ts'
import { createDialects, type Dialects } from '../catalog/rendering/dialects.ts'
import {
  createUnwritablePlans,
  type UnwritablePlans,
} from '../catalog/rendering/unwritable-plans.ts'
import { reportIncomplete } from '../catalog/report-incomplete.ts'
import { reportUnwritable } from '../catalog/report-unwritable.ts'
import type { Config } from '../config.ts'
import type { Change, Channel } from '../db/channels.ts'
import type { Db } from '../db/database.ts'
import { checkNoted } from '../instances/check-noted.ts'
import { coded, type Log } from '../log.ts'
import { openNetworks } from '../networks.ts'
import { openKnownPeople, type KnownPeople } from '../people/known-people.ts'
import { openKnownTokens, type KnownTokens } from '../people/tokens/known-tokens.ts'
import { createBackendPool, type BackendPool } from '../providers/backend-pool.ts'
import type { DashboardPolicy } from '../providers/dashboard-urls.ts'
import { createDigestRenewals } from '../tenancy/credentials/renew-digests.ts'
import { createSearch, type Search } from '../marketplace/search/search.ts'
import { createShelf, type Shelf } from '../marketplace/shown.ts'
import { openDirectory, type Directory } from '../tenancy/directory.ts'
import { openSignIn, type SignIn } from '../tenancy/sign-in.ts'
import { logError } from './log-error.ts'
import type { OnClose } from './on-close.ts'
import { createRefresh, type Refresh } from './refresh.ts'
import type { Storage } from './storage.ts'

export interface Caches {
  readonly catalog: LiveCatalog
  readonly directory: Directory
  readonly visibility: Visibility
  /** What people see of the catalog. */
  readonly shelf: Shelf
  readonly search: Search
  readonly quotas: KnownQuotas
  readonly signIn: SignIn
  readonly people: KnownPeople
  readonly apiTokens: KnownTokens
  readonly backends: BackendPool
  readonly dashboards: DashboardPolicy
  readonly unwritablePlans: UnwritablePlans
  /** Reads again what changed in the database; by default all that may have. */
  readonly refresh: Refresh
}

export async function openCaches(
  { db, vault, now, lastUsed }: Storage,
  config: Config,
  log: Log,
  onClose: OnClose,
): Promise<Caches> {
  const unwritablePlans = createUnwritablePlans()
  const dialects = openDialects(db, unwritablePlans, config, log, onClose)
  const [catalog, directory, people] = await Promise.all([
    openCatalog(db, catalogEvents(db, config, log)),
    openDirectory(db, config.organisationAnnotation),
    openKnownPeople(db),
  ])
  const renewals = createDigestRenewals(
    db,
    logError(log, 'the digest of a password could not be moved to the newest digest key'),
  )
  onClose('digests of passwords', () => renewals.close())
  const apiTokens = await openKnownTokens({
    db,
    vault,
    now,
    people,
    onError: logError(log, 'the use or the digest of a personal token could not be written'),
  })
  onClose('personal tokens', () => apiTokens.close())
  const signIn = await openSignIn({ db, vault, lastUsed, renewals, directory })
  const visibility = await openVisibility({
    db,
    catalog,
    directory,
    isOpen: config.isCatalogOpen,
    dialects,
  })
  const quotas = await openKnownQuotas(
    db,
    directory,
    logError(log, 'the quotas could not be read again'),
  )
  const networks = openNetworks(config.providerNetworks)
  const dashboards = { networks, allowsHttp: config.allowsHttpDashboards }
  const backends = createBackendPool({
    db,
    vault,
    now,
    log,
    busyMs: config.pollMs,
    networks,
    answerCaps: config.answerCaps,
    dashboards,
  })
  onClose('back ends', () => backends.close())
  const refresh = createRefresh([
    // Visibility reads catalog and directory along with its rules. It comes before the credentials:
    // the first order of a platform that can sign in but is missing in the directory would be for
    // no organisation.
    {
      channels: ['catalog', 'platforms'],
      reload: (changes) => visibility.reload(idsOf(changes, 'platforms')),
    },
    {
      channels: ['platforms'],
      reload: (changes) => signIn.reload(idsOf(changes, 'platforms')),
    },
    { channels: ['people'], reload: () => people.reload() },
    { channels: ['people'], reload: () => apiTokens.reload() },
    { channels: ['quotas'], reload: () => quotas.reload() },
    {
      channels: ['providers'],
      reload: (changes) => backends.forgetChanged(idsOf(changes, 'providers')),
    },
    { channels: ['providers'], reload: () => checkNoted({ db, vault, catalog, backends }) },
  ])
  return {
    catalog,
    directory,
    visibility,
    shelf: createShelf({ catalog, directory, visibility, now }),
    search: createSearch(db),
    quotas,
    signIn,
    people,
    apiTokens,
    backends,
    dashboards,
    unwritablePlans,
    refresh,
  }
}

function catalogEvents(db: Db, { catalogCaps }: Config, log: Log): CatalogEvents {
  return {
    onFaulty: ({ offeringId, error }) => {
      log.error({ offeringId, error: coded(error) }, 'an offering cannot be shown and is withheld')
    },
    onIncomplete: (part) => {
      reportIncomplete(db, part, catalogCaps.findings).catch(
        logError(log, 'a finding about plans that are too large could not be stored'),
      )
    },
  }
}

function openDialects(
  db: Db,
  unwritable: UnwritablePlans,
  { catalogCaps }: Config,
  log: Log,
  onClose: OnClose,
): Dialects {
  const dialects = createDialects({
    onFaulty: (plan, effect) => {
      const { id: planId, target } = plan
      const { providerId } = target
      unwritable.add(plan, effect)
      log.error({ planId, providerId, effect }, 'a plan cannot be written for Cloud Foundry')
    },
    onFaultyPart: (providerId, faulty) => {
      reportUnwritable(db, providerId, faulty, catalogCaps.findings).catch(
        logError(log, 'a finding about plans for Cloud Foundry could not be stored'),
      )
    },
    onOutdated: (providerId) => {
      log.warn({ providerId }, 'Cloud Foundry gets older offerings: the new ones are being written')
    },
    onError: logError(log, 'the catalog cannot be written for Cloud Foundry at present'),
  })
  onClose('dialects of the catalog', () => dialects.close())
  return dialects
}

/** @returns undefined when other rows may have changed, too */
function idsOf(changes: readonly Change[], of: Channel): string[] | undefined {
  const ids = changes.flatMap(({ channel, id }) => (id === undefined || channel !== of ? [] : [id]))
  return ids.length === changes.length ? ids : undefined
}
