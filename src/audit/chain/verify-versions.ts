import type { Db } from '../../db/database.ts'
import type { OnFinding } from './verify-links.ts'
import { listInstanceVersions, listProviderVersions } from './versions/store.ts'

const batchSize = 2_000

/** Looks for rows that are older than their last recorded change: they were set back as a whole. */
export async function verifyVersions(db: Db, onFinding: OnFinding): Promise<void> {
  for (const { name, version, recorded } of await listProviderVersions(db))
    if (recorded !== null && version < recorded)
      onFinding(
        `Set back: the provider ${name} has revision ${version}, ` +
          `and its last recorded change led to ${recorded}.`,
      )
  for (let after: string | undefined; ;) {
    const rows = await listInstanceVersions(db, after, batchSize)
    for (const { id, name, version, recorded } of rows)
      if (recorded !== null && version < recorded)
        onFinding(
          `Set back: the instance ${name} (key ${id}) has parameters of version ${version}, ` +
            `and its last recorded update led to ${recorded}.`,
        )
    if (rows.length < batchSize) return
    after = rows.at(-1)?.id
  }
}
