import { createHash } from 'node:crypto'
import type { Db, DbOrTx, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { Vault } from '../vault/vault.ts'
import { identityMacOf, identityText, isGenuine, type WithIdentityMac } from './identity.ts'
import { fillIdentityMacs, listIdentities, replaceIdentityMacs } from './identity/store.ts'

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

export interface WrongIdentities {
  readonly keys: readonly string[]
  /** What the rows say, a line for each. */
  readonly lines: readonly string[]
  /** Of what these rows say (SHA-256, in hexadecimal), for `resealIdentities`. */
  readonly digest: string
}

/** Finds the instances that were changed past Kontor. */
export async function findWrongIdentities(db: DbOrTx, vault: Vault): Promise<WrongIdentities> {
  const { digest, rows } = await listWrong(db, vault)
  return { digest, keys: rows.map(({ key }) => key), lines: rows.map(describe) }
}

function describe(identity: WithIdentityMac): string {
  const { key, platformId, instanceId, providerId, organisationId } = identity
  const { offeringId, upstreamId, upstreamServiceId } = identity
  return (
    `The row ${key} says: instance ${JSON.stringify(instanceId)} of the platform ${platformId} ` +
    `and the organisation ${organisationId ?? 'none'}, of the offering ${offeringId}, at the ` +
    `provider ${providerId} as ${JSON.stringify(upstreamId)} of the service ` +
    `${JSON.stringify(upstreamServiceId)}.`
  )
}

/**
 * Accepts the instances that were changed past Kontor as they are, after an operator has looked at
 * them.
 * @param seen  the digest of those that the operator has looked at
 * @param record  called in the transaction
 * @returns the keys of the instances
 * @throws BrokerError `conflict` when they have changed since, or one of them now
 */
export async function resealIdentities(
  db: Db,
  vault: Vault,
  seen: string,
  record: (tx: Tx, keys: readonly string[]) => Promise<void>,
): Promise<readonly string[]> {
  return db.transaction().execute(async (tx) => {
    const { digest, rows } = await listWrong(tx, vault)
    const fresh = rows.map((row) => ({ row, mac: identityMacOf(vault, row) }))
    if (digest !== seen || (await replaceIdentityMacs(tx, fresh)) !== rows.length)
      throw new BrokerError(
        'conflict',
        'The instances have changed since you looked at them. Look again: "kontor audit verify" ' +
          'shows their digest.',
      )
    const keys = rows.map(({ key }) => key)
    await record(tx, keys)
    return keys
  })
}

async function listWrong(
  db: DbOrTx,
  vault: Vault,
): Promise<{ readonly rows: readonly WithIdentityMac[]; readonly digest: string }> {
  const wrong: WithIdentityMac[] = []
  const hash = createHash('sha256')
  for await (const rows of batches(db))
    for (const row of rows.filter((each) => !isGenuine(vault, each))) {
      wrong.push(row)
      hash.update(identityText(row))
    }
  return { rows: wrong, digest: hash.digest('hex') }
}

async function* batches(db: DbOrTx): AsyncGenerator<WithIdentityMac[]> {
  for (let after: string | undefined; ;) {
    const rows = await listIdentities(db, after, batchSize)
    if (rows.length > 0) yield rows
    if (rows.length < batchSize) return
    after = rows.at(-1)?.key
  }
}
