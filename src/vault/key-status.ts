import type { Db } from '../db/database.ts'
import { countByKey, countDigests, type KeyCount } from './count-by-key.ts'
import { idOf, isInForce } from './digest-keys/digest-key.ts'
import { listKeys } from './keys/store.ts'
import { listHolders, type KeyHolder } from './processes/store.ts'
import { keyIdOf } from './seal.ts'
import { listSecrets } from './secrets/store.ts'
import { digestOfRows } from './sealed-rows/digest-of-rows.ts'
import { listSealedSets } from './sealed-rows/list-sealed-sets.ts'
import { sealedTables } from './sealed-rows/tables.ts'

export interface KeyStatus {
  readonly keys: ReadonlyArray<{
    readonly id: string
    readonly isInUse: boolean
    readonly counts: readonly KeyCount[]
  }>
  readonly digestKeys: ReadonlyArray<{
    readonly id: number
    /** The key of the ring that seals it. */
    readonly sealedWith: string
    /** Whether digests and seals are made with it; otherwise it verifies those of before. */
    readonly isInForce: boolean
    readonly counts: readonly KeyCount[]
  }>
  readonly processes: readonly KeyHolder[]
  /** The tables whose rows carry MACs. */
  readonly tables: ReadonlyArray<{
    readonly table: string
    /** Of its set; undefined: it has none, so that its rows are not sealed. */
    readonly revision: bigint | undefined
    /** See digest-of-rows.ts. */
    readonly digest: string
  }>
}

/** How much is under each key, which keys each running process has, and what is sealed. */
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
    digestKeys: await listDigestKeys(db),
    processes,
    tables: await readTables(db),
  }
}

async function listDigestKeys(db: Db): Promise<KeyStatus['digestKeys']> {
  const counts = await countDigests(db)
  return (await listSecrets(db))
    .flatMap(({ name, sealed, version }) => {
      const id = idOf(name)
      return id === undefined
        ? []
        : [
            {
              id,
              sealedWith: keyIdOf(sealed),
              isInForce: isInForce(name, version),
              counts: counts.filter(({ keyId }) => keyId === String(id)),
            },
          ]
    })
    .toSorted((a, b) => a.id - b.id)
}

async function readTables(db: Db): Promise<KeyStatus['tables']> {
  const revisions = new Map(
    (await listSealedSets(db)).map(({ table, revision }) => [table, revision]),
  )
  const tables: Array<KeyStatus['tables'][number]> = []
  for (const { table } of sealedTables)
    tables.push({
      table,
      revision: revisions.get(table),
      digest: await digestOfRows(db, table),
    })
  return tables
}
