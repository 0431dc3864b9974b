import { readConfig } from '../config.ts'
import { BrokerError } from '../errors.ts'
import { migrateToLatest } from '../migrate.ts'

export async function migrate(): Promise<void> {
  const { databaseUrl } = readConfig(process.env)
  if (databaseUrl === undefined) throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  const done = await migrateToLatest(databaseUrl)
  console.log(
    done.length === 0 ? 'The database is at the newest schema.' : `Migrated: ${done.join(', ')}`,
  )
}
