import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { listHolders, listKeys, lockRings, setInUse } from './store.ts'

/**
 * Gives a key up that is lost: what is sealed with it stays closed for ever, and Kontor starts without it again.
 * @throws BrokerError `not_found` for a key that is not in use, `conflict` when a process that runs has it
 */
export async function forgetKey (db: Db, id: string, record: (tx: Tx) => Promise<void>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockRings(tx)
    if (!(await listKeys(tx)).some((key) => key.id === id && key.isInUse)) throw new BrokerError('not_found', `No value is sealed with a key "${id}", as far as this database knows.`)
    const holders = (await listHolders(tx)).filter(({ keys }) => keys.includes(id))
    if (holders.length > 0) throw new BrokerError('conflict', `The key "${id}" is not lost: ${holders.map(({ name }) => name).join(', ')} has it. Use "kontor keys rotate".`)
    await setInUse(tx, [id], false)
    await record(tx)
  })
}
