import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { countByKey } from './count-by-key.ts'
import type { KeyRing } from './key-ring.ts'
import { deleteKey, listHolders, listKeys, lockRings, setInUse } from './store.ts'

/** `unknown`: nothing was ever sealed with it, or nothing is any more; its id is free. */
export type Forgotten = 'given up' | 'unknown'

/**
 * Gives a key up that is lost: what is sealed with it stays closed for ever, and Kontor starts without it again. One that
 * nothing is sealed with is not known any more afterwards, so that its id can be given to another key.
 * @param ring  of whoever asks
 * @throws BrokerError `not_found` for a key that this database does not know, `conflict` when somebody has it
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
      `The key "${id}" is not lost: it is in the ring of this command. Use "kontor key rotate".`,
    )
  return db.transaction().execute(async (tx) => {
    await lockRings(tx)
    const key = (await listKeys(tx)).find((each) => each.id === id)
    if (key === undefined)
      throw new BrokerError(
        'not_found',
        `No value is sealed with a key "${id}", as far as this database knows.`,
      )
    const holders = (await listHolders(tx)).filter(({ keys }) => keys.includes(id))
    if (holders.length > 0)
      throw new BrokerError(
        'conflict',
        `The key "${id}" is not lost: ${holders.map(({ name }) => name).join(', ')} has it. Use "kontor key rotate".`,
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
      `The key "${id}" was given up already. Values sealed with it: ${values}.`,
    )
  await deleteKey(tx, id)
}
