// The one place, beside jobs/ and worker.ts, that knows the job library. Steps of operations are no jobs: an operation's
// row says itself when its turn is (jobs/run-due.ts). Jobs carry ids only; one that is lost, doubled or late does no harm.
import { PgBoss, fromKysely } from 'pg-boss'
import type { DbOrTx } from '../db/database.ts'

/** The job library itself, for the composition roots. */
export type JobLibrary = PgBoss

export const catalogQueue = 'catalog-refresh'
export const reconciliationQueue = 'reconciliation'

export interface CatalogJob {
  readonly providerId: string
}
export interface ReconciliationJob {
  readonly runId: string
}

export interface Queue {
  /** Plans a reading of a provider's catalog; one that is planned already is not planned twice. */
  enqueueRefresh(db: DbOrTx, providerId: string): Promise<void>
  /** Hands a run on to whoever is free; one that is planned already is not planned twice. */
  enqueueReconciliation(db: DbOrTx, runId: string): Promise<void>
}

export function queueOf(boss: PgBoss): Queue {
  return {
    async enqueueRefresh(db, providerId) {
      const job: CatalogJob = { providerId }
      await boss.send(catalogQueue, job, { singletonKey: providerId, db: fromKysely(db) })
    },
    async enqueueReconciliation(db, runId) {
      const job: ReconciliationJob = { runId }
      await boss.send(reconciliationQueue, job, { singletonKey: runId, db: fromKysely(db) })
    },
  }
}

export interface BossOptions {
  readonly url: string
  readonly connections: number
  /** Whether this process looks after the queue (expiry, clean-up), as every worker should. */
  readonly supervise: boolean
  readonly onError: (error: Error) => void
}

/** A started job library on `url`. */
export async function startBoss(options: BossOptions): Promise<PgBoss> {
  const boss = new PgBoss({
    connectionString: options.url,
    max: options.connections,
    application_name: 'kontor-jobs',
    migrate: false,
    createSchema: false,
    schedule: false,
    supervise: options.supervise,
    useListenNotify: options.supervise,
    reindex: false,
    monitorVacuum: false,
  })
  boss.on('error', options.onError)
  await boss.start()
  return boss
}

/** Creates or upgrades the job library's own schema and our queues. */
export async function installJobSchema(url: string): Promise<void> {
  const boss = new PgBoss({ connectionString: url, max: 1, supervise: false, schedule: false })
  boss.on('error', () => {})
  await boss.start()
  try {
    // A reading that fails is due again by its row, so the library itself never repeats one.
    const queue = {
      retryLimit: 0,
      expireInSeconds: 300,
      retentionSeconds: 86_400,
      deleteAfterSeconds: 600,
      notify: true,
    }
    await boss.createQueue(catalogQueue, { ...queue, policy: 'exclusive' })
    await boss.createQueue(reconciliationQueue, { ...queue, policy: 'exclusive' })
  } finally {
    await boss.stop({ graceful: false })
  }
}
