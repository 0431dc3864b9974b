import { openDatabase, type Db } from '../../src/db/database.ts'
import type { TestKontor } from './kontor.ts'
import type { Teardown } from './teardown.ts'

/** The database of a Kontor as a superuser, for what the role that serves may not do. */
export function asOwner(t: Teardown, { databaseUrl }: Pick<TestKontor, 'databaseUrl'>): Db {
  const db = openDatabase(databaseUrl, { connections: 2, name: 'test-owner' })
  t.teardown(() => db.destroy())
  return db
}
