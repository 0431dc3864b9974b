import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { countByKey } from './count-by-key.ts'
import type { KeyRing } from './key-ring.ts'
import { deleteKey, listKeys, lockKeyRings, setInUse } from './keys/store.ts'
import { listHolders } from './processes/store.ts'

/** `unknown`: no value is sealed with the key, and its id is free for another key. */
export type Forgotten = 'given up' | 'unknown'

/**
 * Gives a lost key up: the values sealed with it stay unreadable, and Kontor starts without it
 * again. A key that no value is sealed with is deleted, so that its id is free for another key.
 * @param ring  of the command that gives the key up
 * @throws BrokerError `not_found` for a key that this database does not know, `conflict` when the
 *   command or a running process has it
 */
export async function forgetKey(
  db: Db,
  id: string,
  ring: KeyRing,
  record: (tx: Tx) => Promise<void>,
): Promise<Forgotten> {
  if (ring.keys.has(id))
    throw new BrokerError(
      'conflict',
      `The key "${id}" is not lost: it is in the key ring of this command. ` +
        'Use "kontor key rotate".',
    )
  return db.transaction().execute(async (tx) => {
    await lockKeyRings(tx)
    const key = (await listKeys(tx)).find((each) => each.id === id)
    if (key === undefined)
      throw new BrokerError(
        'not_found',
        `This database does not know a key "${id}": no value is sealed with it.`,
      )
    const holders = (await listHolders(tx)).filter(({ keys }) => keys.includes(id))
    if (holders.length > 0)
      throw new BrokerError(
        'conflict',
        `The key "${id}" is not lost: ${holders.map(({ name }) => name).join(', ')} has it. ` +
          'Use "kontor key rotate".',
      )
    const forgotten = key.isInUse ? 'given up' : 'unknown'
    if (key.isInUse) await setInUse(tx, [id], false)
    else await deleteUnused(tx, id)
    await record(tx)
    return forgotten
  })
}

async function deleteUnused(tx: Tx, id: string): Promise<void> {
  const values = (await countByKey(tx)).reduce(
    (sum, count) => sum + (count.keyId === id ? count.values : 0),
    0,
  )
  if (values > 0)
    throw new BrokerError(
      'conflict',
      `The key "${id}" was already given up. Values sealed with it: ${values}.`,
    )
  await deleteKey(tx, id)
}
