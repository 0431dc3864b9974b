// Composition root of the job side.
import type { House } from './house.ts'
import { workOnCatalogs } from './jobs/refresh-catalog.ts'
import { workOnOperations } from './jobs/run-operation.ts'
import { sweep } from './jobs/sweep.ts'

export interface Worker { stop (): Promise<void> }

/** Starts working on jobs: steps of operations, catalogs that are due, and whatever fell through. */
export async function startWorker (house: House): Promise<Worker> {
  const operations = await workOnOperations(house)
  const catalogs = await workOnCatalogs(house)
  const sweeping = sweep({ ...house, runStep: operations.run })
  return {
    async stop () {
      sweeping.stop()
      await Promise.all([operations.stop(), catalogs.stop()])
    }
  }
}
