// What the HTTP side and the job side share: one database, one vault, one catalog, one engine per
// process.
import type { Config } from '../config.ts'
import type { OrderDeps } from '../instances/order.ts'
import type { Log } from '../log.ts'
import type { HitFailpoint } from '../operations/failpoints.ts'
import { openCaches, type Caches } from './caches.ts'
import { openExecution, type Execution } from './execution.ts'
import { followChanges } from './follow-changes.ts'
import { closeWith } from './on-close.ts'
import { openStorage, type Storage } from './storage.ts'

export interface Runtime extends Omit<OrderDeps, 'backends'>, Storage, Caches, Execution {
  readonly config: Config
  readonly log: Log
  /** Whether a mail server is set. */
  readonly sendsMail: boolean
  /** `wake` is called when a job has fallen due before its time. */
  onDue(wake: () => void): void
  /** Lets work under way end, then closes everything in the reverse order of its opening. */
  close(): Promise<void>
}

export interface RuntimeOptions {
  readonly config: Config
  readonly log: Log
  /** Called at each named point in the life of an operation; for the fault harness. */
  readonly hitFailpoint?: HitFailpoint | undefined
}

/**
 * Opens the runtime on a database that is migrated.
 * @throws BrokerError `configuration` for a missing or wrong setting; the driver's error when the
 *   database is away
 */
export async function openRuntime({ config, log, hitFailpoint }: RuntimeOptions): Promise<Runtime> {
  // Closes what is open so far when a later part fails to open.
  await using opening = new AsyncDisposableStack()
  const onClose = closeWith(opening, log)
  const storage = await openStorage(config, log, onClose)
  const caches = await openCaches(storage, config, log, onClose)
  const parts = await openExecution({ config, log, storage, caches, hitFailpoint }, onClose)
  const wakes: Array<() => void> = []
  await followChanges(
    {
      url: storage.databaseUrl,
      log,
      refresh: caches.refresh,
      exchange: () => parts.durations.exchange(),
      onDue: () => {
        for (const wake of wakes) wake()
      },
    },
    onClose,
  )
  const opened = opening.move()
  return {
    config,
    log,
    sendsMail: config.mail !== undefined,
    ...storage,
    ...caches,
    ...parts,
    orderTimes: {
      inlineMs: config.inlineMs,
      leaseMs: config.leaseMs,
      maxPollingMs: config.maxPollingMs,
    },
    onDue: (wake) => {
      wakes.push(wake)
    },
    close: () => opened.disposeAsync(),
  }
}
