import { refreshCatalog, type RefreshDeps } from '../catalog/refresh.ts'
import { coded, type Log } from '../log.ts'
import { catalogQueue, type CatalogJob, type JobLibrary } from '../operations/queue.ts'

export interface CatalogWorkerDeps extends RefreshDeps {
  readonly boss: JobLibrary
  readonly log: Log
}

/** Reads catalogs that are due. A job is done when the reading has begun: a slow provider holds up only its own. */
export async function workOnCatalogs(deps: CatalogWorkerDeps): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController()
  const underWay = new Map<string, Promise<void>>()

  const read = async (providerId: string): Promise<void> => {
    try {
      const outcome = await refreshCatalog(deps, providerId, stopping.signal)
      deps.log.debug({ providerId, outcome }, 'catalog read')
    } catch (error) {
      deps.log.warn({ providerId, error: coded(error) }, 'a catalog could not be read')
    } finally {
      underWay.delete(providerId)
    }
  }

  const options = {
    batchSize: 20,
    localConcurrency: 1,
    pollingIntervalSeconds: 2,
    notifyPollingIntervalSeconds: 5,
  }
  await deps.boss.work<CatalogJob>(catalogQueue, options, async (jobs) => {
    for (const {
      data: { providerId },
    } of jobs) {
      if (!underWay.has(providerId)) underWay.set(providerId, read(providerId))
    }
  })
  return {
    async stop() {
      await deps.boss.offWork(catalogQueue)
      stopping.abort()
      await Promise.all(underWay.values())
    },
  }
}
