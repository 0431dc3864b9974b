import { refreshCatalog, type RefreshDeps } from '../catalog/refresh.ts'
import { coded, type Log } from '../log.ts'
import { catalogQueue, type CatalogJob, type JobLibrary } from '../operations/queue.ts'

export interface CatalogWorkerDeps extends RefreshDeps {
  readonly boss: JobLibrary
  readonly log: Log
}

/** Reads catalogs that are due. A provider that is slow holds up only its own reading. */
export async function workOnCatalogs (deps: CatalogWorkerDeps): Promise<{ stop (): Promise<void> }> {
  const stopping = new AbortController()
  const options = { batchSize: 1, localConcurrency: 4, pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 5 }
  await deps.boss.work<CatalogJob>(catalogQueue, options, async ([job]) => {
    if (job === undefined) return
    const { providerId } = job.data
    try {
      const outcome = await refreshCatalog(deps, providerId, stopping.signal)
      deps.log.debug({ providerId, outcome }, 'catalog read')
    } catch (error) {
      deps.log.warn({ providerId, error: coded(error) }, 'a catalog could not be read')
    }
  })
  return {
    async stop () {
      stopping.abort()
      await deps.boss.offWork(catalogQueue)
    }
  }
}
