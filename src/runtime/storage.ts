import type { Config } from '../config.ts'
import { openClock } from '../db/clock.ts'
import { openDatabase, type Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { Log } from '../log.ts'
import { createLastUsed, type LastUsed } from '../tenancy/last-used.ts'
import { openLiveKeyRing } from '../vault/live-key-ring.ts'
import { readKeys } from '../vault/read-keys.ts'
import type { Vault } from '../vault/vault.ts'
import { logError } from './log-error.ts'
import type { OnClose } from './on-close.ts'
import { reportIntegrity } from './report-integrity.ts'
import { reportUnsealed } from './report-unsealed.ts'

/** The database, its clock, and the keys that seal secrets in it. */
export interface Storage {
  readonly databaseUrl: string
  readonly db: Db
  readonly now: () => Date
  readonly vault: Vault
  readonly lastUsed: LastUsed
  /**
   * false: this process lacks a key that others use, or could not register itself, so it works on
   * nothing.
   */
  hasAllKeys(): boolean
}

/**
 *
 * @throws BrokerError `configuration` without a URL, with keys that do not fit, or for a database
 *   that must be sealed and is not; the driver's error when the database is away
 */
export async function openStorage(config: Config, log: Log, onClose: OnClose): Promise<Storage> {
  const { databaseUrl } = config
  if (databaseUrl === undefined) throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  const db = openDatabase(databaseUrl, {
    connections: config.databaseConnections,
    name: 'kontor-serve',
    onIdleError: logError(log, 'an idle database connection broke'),
  })
  onClose('database', () => db.destroy())
  const clock = await openClock(db, logError(log, "the database's time could not be read"))
  onClose('clock', () => {
    clock.close()
  })
  const keys = await openLiveKeyRing({ db, log, read: () => readKeys(config) })
  onClose('key ring', () => keys.close())
  reportIntegrity(keys.vault, log)
  await reportUnsealed(db, config, log)
  const lastUsed = createLastUsed(
    db,
    clock.now,
    logError(log, 'the time at which credentials were last used could not be written'),
  )
  onClose('last use of credentials', () => lastUsed.close())
  return {
    databaseUrl,
    db,
    now: clock.now,
    vault: keys.vault,
    lastUsed,
    hasAllKeys: keys.isComplete,
  }
}
