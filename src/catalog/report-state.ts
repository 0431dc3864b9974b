import type { Log } from '../log.ts'
import type { Provider } from '../providers/provider.ts'
import type { Doubt } from './quarantine/judge.ts'
import type { CatalogState } from './readings/store.ts'

/**
 * Log lines about a provider's catalog, one at each change of its state, so that a provider that
 * fails for a day does not fill the log.
 */
export interface StateReport {
  failed(error: string): void
  read(): void
  quarantined(doubt: Doubt): void
  released(): void
}

/** @param before  the state before this reading; undefined for the first */
export function reportStateOf(
  log: Log,
  { id: providerId, name: provider }: Provider,
  before: CatalogState | undefined,
): StateReport {
  const about = { providerId, provider }
  const wasStale = before !== undefined && before.error !== null
  return {
    failed(error) {
      if (!wasStale)
        log.warn({ ...about, error }, 'a catalog cannot be read; the last good copy stays')
    },
    read() {
      if (wasStale) log.info(about, 'a catalog can be read again')
    },
    quarantined({ reason, lost, changedIds }) {
      log.warn(
        { ...about, reason, lostPlans: lost.length, changedPlans: changedIds.length },
        'a catalog is quarantined until an operator confirms it; the last good copy stays',
      )
    },
    released() {
      log.info(about, 'a catalog is no longer quarantined')
    },
  }
}
