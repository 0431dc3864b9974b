import { listen, type Change } from '../db/channels.ts'
import type { Log } from '../log.ts'
import { logError } from './log-error.ts'
import type { OnClose } from './on-close.ts'
import type { Refresh } from './refresh.ts'

// A connection can be dead for long before TCP notices it, so caches are also refreshed without a
// notification.
const intervalMs = 30_000

export interface FollowOptions {
  readonly url: string
  readonly log: Log
  readonly refresh: Refresh
  /** Called every 30 s along with the refresh. */
  exchange(): Promise<void>
  /** A job has fallen due before its time. */
  onDue(): void
}

/**
 * Refreshes the caches on each notification of another process, after each loss of the connection
 * that listens, and every 30 s. When it resolves, the caches hold what was committed before.
 */
export async function followChanges(
  { url, log, refresh, exchange, onDue }: FollowOptions,
  onClose: OnClose,
): Promise<void> {
  const onError = logError(log, 'the caches could not be refreshed')
  const onNotification = (change: Change): void => {
    if (change.channel === 'due') onDue()
    else refresh([change]).catch(onError)
  }
  const listener = await listen(url, {
    onNotification,
    onConnected() {
      onDue()
      refresh().catch(onError)
    },
    onError: logError(log, 'the connection that listens for changes broke'),
  })
  onClose('listener', () => listener.close())
  await refresh()
  const interval = setInterval(() => {
    Promise.all([refresh(), exchange()]).catch(onError)
  }, intervalMs)
  interval.unref()
  onClose('refresh interval', () => {
    clearInterval(interval)
  })
}
