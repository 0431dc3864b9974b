import { readConfig } from '../config.ts'
import { BrokerError } from '../errors.ts'
import { migrateToLatest } from '../migrate.ts'

export async function migrate({ servingRole }: { servingRole?: string }): Promise<void> {
  const { databaseUrl } = readConfig(process.env)
  if (databaseUrl === undefined) throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  const granted: string[] = []
  const done = await migrateToLatest(databaseUrl, {
    servingRole,
    onGranted(role, tooMuch) {
      granted.push(`The role "${role}" has the rights to serve, and no other on the tables.`)
      if (tooMuch !== undefined) granted.push(tooMuch)
    },
    onLeft(role) {
      granted.push(
        `The role "${role}" has the rights of the role that owns the tables by now, so its own ` +
          'are left as they are.',
      )
    },
  })
  console.log(
    done.length === 0 ? 'The database is at the newest schema.' : `Migrated: ${done.join(', ')}`,
  )
  for (const sentence of granted) console.log(sentence)
}
