import type { Db } from '../db/database.ts'
import { lookUpProviders } from '../providers/look-up-provider.ts'

/** Names of all providers that are not removed, by id. */
export async function providerNames(db: Db): Promise<ReadonlyMap<string, string>> {
  return new Map((await lookUpProviders(db, 'all')).map(({ id, name }) => [id, name]))
}
