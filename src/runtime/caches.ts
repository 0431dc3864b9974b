// What this process keeps in memory of the database, so that requests need no query for it.
import { openVisibility, type Visibility } from '../access/visibility/visibility.ts'
import { openCatalog, type LiveCatalog } from '../catalog/live-catalog.ts'
import type { OnFaultyOffering } from '../catalog/rendering/sections.ts'
import type { Config } from '../config.ts'
import { coded, type Log } from '../log.ts'
import { openNetworks } from '../networks.ts'
import { createBackendPool, type BackendPool } from '../providers/backend-pool.ts'
import type { DashboardPolicy } from '../providers/dashboard-urls.ts'
import { openDirectory, type Directory } from '../tenancy/directory.ts'
import { openSignIn, type SignIn } from '../tenancy/sign-in.ts'
import type { OnClose } from './on-close.ts'
import { createRefresh, type Refresh } from './refresh.ts'
import type { Storage } from './storage.ts'

export interface Caches {
  readonly catalog: LiveCatalog
  readonly directory: Directory
  readonly visibility: Visibility
  readonly signIn: SignIn
  readonly backends: BackendPool
  readonly dashboards: DashboardPolicy
  /** Reads again what changed in the database; by default of all channels. */
  readonly refresh: Refresh
}

export async function openCaches(
  { db, vault, now, lastUsed }: Storage,
  config: Config,
  log: Log,
  onClose: OnClose,
): Promise<Caches> {
  const onFaulty: OnFaultyOffering = ({ offeringId, error }) => {
    log.error({ offeringId, error: coded(error) }, 'an offering cannot be shown and is withheld')
  }
  const [catalog, signIn, directory] = await Promise.all([
    openCatalog(db, onFaulty),
    openSignIn(db, vault, lastUsed),
    openDirectory(db, config.organisationAnnotation),
  ])
  const visibility = await openVisibility({
    db,
    catalog,
    directory,
    isOpen: config.isCatalogOpen,
    onFaulty,
  })
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
    { channels: ['catalog', 'platforms'], reload: () => visibility.reload() },
    { channels: ['platforms'], reload: () => signIn.reload() },
    { channels: ['providers'], reload: () => backends.forgetChanged() },
  ])
  return { catalog, directory, visibility, signIn, backends, dashboards, refresh }
}
