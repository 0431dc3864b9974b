import { record } from '../audit/record.ts'
import { readConfig } from '../config.ts'
import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { credentialsDestination } from '../providers/credentials.ts'
import { resealIdentities, sealIdentities } from '../instances/seal-identities.ts'
import type { KeyRing } from '../vault/key-ring.ts'
import { readKeys } from '../vault/read-keys.ts'
import { parseSealedTable, resealTable } from '../vault/sealed-rows/reseal.ts'
import { sealRows } from '../vault/sealed-rows/seal-rows.ts'
import { useNewestFormat } from '../vault/use-newest-format.ts'
import { openVault, vaultOf } from '../vault/vault.ts'
import { describeDamaged, withDatabase } from './key.ts'

/** `kontor key seal-rows` */
export async function keySealRows(): Promise<void> {
  await withVault(async (db, ring) => {
    const sealed = await sealRows(db, (tx, tables) =>
      record(tx, {
        at: new Date(),
        actor: 'admin',
        action: 'rows.sealed',
        objectKind: 'key',
        objectId: 'rows',
        outcome: 'succeeded',
        details: Object.fromEntries(tables.map(({ table, rows }) => [table, rows])),
      }),
    )
    for (const { table, rows } of sealed) console.log(`${table}: ${rows} rows sealed`)
    console.log(
      sealed.length === 0
        ? 'All rows were sealed already.'
        : 'From now on a row that Kontor did not write counts for nothing.',
    )
    await sealInNewestFormat(db, ring)
  })
}

// After the mark: its place in the newest format is what shows that there was one.
async function sealInNewestFormat(db: Db, ring: KeyRing): Promise<void> {
  const { resealed, damaged } = await db.connection().execute((connection) =>
    useNewestFormat({
      connection,
      ring,
      destinationOf: credentialsDestination,
      onRewritten: () => {},
      sealRows: () => sealIdentities(connection, vaultOf(connection)),
    }),
  )
  console.log(`Values sealed in the newest format: ${resealed}`)
  if (damaged.length > 0) throw new BrokerError('conflict', describeDamaged(damaged))
}

/** `kontor key reseal` */
export async function keyReseal(
  name: string,
  { reason, digest }: { reason: string; digest: string },
): Promise<void> {
  const table = name === 'instances' ? name : parseSealedTable(name)
  const recorded = (tx: Tx, rows: number, fresh: readonly string[]) =>
    record(tx, {
      at: new Date(),
      actor: 'admin',
      action: 'rows.resealed',
      objectKind: 'key',
      objectId: table,
      outcome: 'succeeded',
      details: { reason, digest, rows, accepted: fresh.length, ids: listed(fresh) },
    })
  await withVault(async (db) => {
    const { rows, fresh } =
      table === 'instances'
        ? await resealInstances(db, digest, recorded)
        : await resealTable(db, table, digest, (tx, sealed) =>
            recorded(tx, sealed.rows, sealed.fresh),
          )
    for (const key of fresh) console.log(`${table}: the row ${key} is accepted as it is`)
    console.log(`${table}: ${rows} rows sealed`)
  })
}

/** Only those that were changed: the others keep their MACs. */
async function resealInstances(
  db: Db,
  digest: string,
  recorded: (tx: Tx, rows: number, fresh: readonly string[]) => Promise<void>,
) {
  const fresh = await resealIdentities(db, vaultOf(db), digest, (tx, keys) =>
    recorded(tx, keys.length, keys),
  )
  return { rows: fresh.length, fresh }
}

// An event must stay readable when a table was changed as a whole.
const maxListed = 100

function listed(ids: readonly string[]): string {
  return ids.slice(0, maxListed).join(' ') + (ids.length > maxListed ? ' ...' : '')
}

async function withVault(work: (db: Db, ring: KeyRing) => Promise<void>): Promise<void> {
  await withDatabase(async (db) => {
    const ring = await readKeys(readConfig(process.env))
    await openVault(db, ring)
    await work(db, ring)
  })
}
