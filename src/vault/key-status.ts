import type { Db } from '../db/database.ts'
import { countByKey, type KeyCount } from './count-by-key.ts'
import { listHolders, listKeys, type KeyHolder } from './store.ts'

export interface KeyStatus {
  readonly keys: ReadonlyArray<{
    readonly id: string
    readonly isInUse: boolean
    readonly counts: readonly KeyCount[]
  }>
  readonly processes: readonly KeyHolder[]
}

/** What is sealed with which key, and which process that runs has which. */
export async function readKeyStatus(db: Db): Promise<KeyStatus> {
  const counts = await countByKey(db)
  const [known, processes] = [await listKeys(db), await listHolders(db)]
  const ids = [...new Set([...known.map(({ id }) => id), ...counts.map(({ keyId }) => keyId)])]
  return {
    keys: ids.map((id) => ({
      id,
      isInUse: known.some((key) => key.id === id && key.isInUse),
      counts: counts.filter(({ keyId }) => keyId === id),
    })),
    processes,
  }
}
