import { readConfig } from '../config.ts'
import { openDatabase } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { createPlatform } from '../tenancy/create-platform.ts'
import { parseKeyRing } from '../vault/keyring.ts'
import { openVault } from '../vault/vault.ts'

export async function createPlatformCommand (name: string): Promise<void> {
  const { databaseUrl, keys } = readConfig(process.env)
  if (databaseUrl === undefined) throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  if (keys === undefined) throw new BrokerError('configuration', 'KONTOR_KEYS is not set.')
  const db = openDatabase(databaseUrl, { connections: 2, name: 'kontor-cli' })
  try {
    const vault = await openVault(db, parseKeyRing(keys))
    const platform = await createPlatform({ db, vault, now: () => new Date() }, name)
    console.log(JSON.stringify(platform, null, 2))
  } finally {
    await db.destroy()
  }
}
