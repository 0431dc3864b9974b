import type { Db } from '../db/database.ts'
import type { Vault } from '../vault/vault.ts'
import { identityMacOf, isGenuine, type WithIdentityMac } from './identity.ts'
import { fillIdentityMacs, listIdentities } from './identity/store.ts'

const batchSize = 500

/**
 * Gives all instances that have none their MAC, as they are. Once all processes write MACs and none
 * is missing, those without one can be refused.
 */
export async function sealIdentities(db: Db, vault: Vault): Promise<void> {
  for await (const rows of batches(db)) {
    const without = rows.filter(({ identityMac }) => identityMac === null)
    if (without.length > 0)
      await fillIdentityMacs(
        db,
        without.map((row) => ({ key: row.key, mac: identityMacOf(vault, row) })),
      )
  }
}

/** Finds the instances that were changed past Kontor. @param onFinding  called for each */
export async function verifyIdentities(
  db: Db,
  vault: Vault,
  onFinding: (instance: WithIdentityMac) => void,
): Promise<void> {
  for await (const rows of batches(db))
    for (const row of rows) if (!isGenuine(vault, row)) onFinding(row)
}

async function* batches(db: Db): AsyncGenerator<WithIdentityMac[]> {
  for (let after: string | undefined; ;) {
    const rows = await listIdentities(db, after, batchSize)
    if (rows.length > 0) yield rows
    if (rows.length < batchSize) return
    after = rows.at(-1)?.key
  }
}
