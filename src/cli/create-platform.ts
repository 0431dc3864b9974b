import { readConfig } from '../config.ts'
import { openDatabase } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { commandLineCaller } from '../tenancy/caller.ts'
import { createPlatform } from '../tenancy/create-platform.ts'
import { readKeys } from '../vault/read-keys.ts'
import { openVault } from '../vault/vault.ts'

/** @param more  options that need the management API */
export async function createPlatformCommand(name: string, more: object): Promise<void> {
  if (Object.keys(more).length > 0)
    throw new BrokerError(
      'configuration',
      'KONTOR_URL is not set: without it `kontor platform create` takes a name and no options.',
    )
  const config = readConfig(process.env)
  const { databaseUrl } = config
  if (databaseUrl === undefined) throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  const ring = await readKeys(config)
  const db = openDatabase(databaseUrl, { connections: 2, name: 'kontor-cli' })
  try {
    const vault = await openVault(db, ring)
    const platform = await createPlatform(
      { db, vault, now: () => new Date() },
      commandLineCaller('cli'),
      name,
    )
    console.log(JSON.stringify(platform, null, 2))
  } finally {
    await db.destroy()
  }
}
