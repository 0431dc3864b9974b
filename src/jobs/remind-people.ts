import type { RenewalDeps } from '../bindings/renewal/list-due.ts'
import { coded, type Log } from '../log.ts'
import { remind } from '../orders/reminders/remind.ts'
import { startLoop, type IntervalLoop } from './interval-loop.ts'

const intervalMs = 3_600_000

/** Writes mails of orders that end soon, and of credentials to be renewed. */
export function remindPeople({ log, ...deps }: RenewalDeps & { readonly log: Log }): IntervalLoop {
  return startLoop({
    async round() {
      await remind(deps)
      return intervalMs
    },
    onError(error) {
      log.warn({ error: coded(error) }, 'mails of what ends soon could not be written')
      return intervalMs / 60
    },
  })
}
