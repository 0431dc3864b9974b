import type { Config } from '../config.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { Log } from '../log.ts'
import { logUnsafe } from '../unsafe-settings.ts'
import { findUnsealed } from '../vault/sealed-rows/find-unsealed.ts'
import { vaultOf } from '../vault/vault.ts'

/**
 * Warns of a database whose rows are not sealed. A copy of the digest key from before they were,
 * put back in SQL, makes a sealed database look like that one.
 * @throws BrokerError `configuration` when the operator has said that it must be sealed, and it
 *   takes what releases up to 0.2 write. Tables that a later release adds are sealed while its
 *   processes run
 */
export async function reportUnsealed(
  db: Db,
  { requiresSealed }: Pick<Config, 'requiresSealed'>,
  log: Log,
): Promise<void> {
  const unsealed = await findUnsealed(db)
  if (unsealed.length === 0) return
  const what = `Kontor cannot tell whether SQL has changed: ${unsealed.join(', ')}.`
  if (requiresSealed && vaultOf(db).acceptsOldReleases())
    throw new BrokerError(
      'configuration',
      `KONTOR_REQUIRE_SEALED is true, and this database is not sealed. ${what} If it was sealed ` +
        'before, something has set it back: look at it. Otherwise run "kontor key seal-rows".',
    )
  logUnsafe(log, {
    name: 'rows-unsealed',
    sentence: `${what} Run "kontor key seal-rows", and then set KONTOR_REQUIRE_SEALED=true.`,
  })
}
