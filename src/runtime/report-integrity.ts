import type { Log } from '../log.ts'
import { integrityOf } from '../vault/sealed-rows/integrity.ts'
import type { Vault } from '../vault/vault.ts'

// More ids than a log line should have.
const maxListed = 20

/** Logs each change of what is wrong with the protected tables, once. */
export function reportIntegrity(vault: Vault, log: Log): void {
  integrityOf(vault).onChange = (table, failure) => {
    if (failure === undefined) {
      log.info({ table }, 'the rows of a table are as Kontor wrote them again')
      return
    }
    log.error(
      {
        table,
        rows: failure.damaged.slice(0, maxListed),
        damaged: failure.damaged.length,
        isWhole: failure.isWhole,
      },
      'the rows of a table were changed past Kontor: they count for nothing until an operator ' +
        'has looked at them',
    )
  }
}
