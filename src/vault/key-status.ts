import type { Db } from '../db/database.ts'
import { countByKey, type KeyCount } from './count-by-key.ts'
import { listKeys } from './keys/store.ts'
import { listHolders, type KeyHolder } from './processes/store.ts'
import { listSealedSets, type SealedSet } from './sealed-rows/list-sealed-sets.ts'

export interface KeyStatus {
  readonly keys: ReadonlyArray<{
    readonly id: string
    readonly isInUse: boolean
    readonly counts: readonly KeyCount[]
  }>
  readonly processes: readonly KeyHolder[]
  /** Of the tables whose rows are sealed. */
  readonly sets: readonly SealedSet[]
}

/** How many values each key seals, which keys each running process has, and what is sealed. */
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
    sets: await listSealedSets(db),
  }
}
