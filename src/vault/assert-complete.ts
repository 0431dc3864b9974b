import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { AdoptedRing } from './adopt-key-ring.ts'
import { countByKey } from './count-by-key.ts'

/**
 * @throws BrokerError `configuration` that names the keys which a ring lacks, and how many values
 *   are sealed with each
 */
export async function assertComplete(db: Db, { missing }: AdoptedRing): Promise<void> {
  if (missing.length === 0) return
  const counts = await countByKey(db)
  const valuesOf = (id: string) =>
    counts.reduce((sum, { keyId, values }) => sum + (keyId === id ? values : 0), 0)
  throw new BrokerError(
    'configuration',
    missingKeysMessage(missing, (id) => ` (values sealed with it: ${valuesOf(id)})`),
  )
}

/** The error text for keys that a ring lacks. @param detail  added after each key */
export function missingKeysMessage(
  missing: readonly string[],
  detail: (id: string) => string = () => '',
): string {
  const keys = missing.map((id) => `"${id}"${detail(id)}`)
  return (
    `KONTOR_KEYS does not open this database: it lacks the key ${keys.join(' and the key ')}. ` +
    'Remove a key only after "kontor key rotate" has said that it can be removed; give up a ' +
    'lost key with "kontor key forget".'
  )
}
