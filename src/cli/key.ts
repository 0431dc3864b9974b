import { findCheckpointKey } from '../audit/checkpoints/make-checkpoint.ts'
import { record } from '../audit/record.ts'
import { readConfig } from '../config.ts'
import { openDatabase, type Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { forgetKey } from '../vault/forget-key.ts'
import { readKeyStatus, type KeyStatus } from '../vault/key-status.ts'
import { readKeys } from '../vault/read-keys.ts'
import type { Damaged } from '../vault/rewrap-all.ts'
import type { SealedColumn } from '../vault/sealed-columns.ts'
import { openIncompleteVault } from '../vault/vault.ts'
import { table } from './print.ts'

/** `kontor key status`. Needs no key, so that it works when one is lost. */
export async function keyStatus(): Promise<void> {
  await withDatabase(async (db) => {
    print(await readKeyStatus(db), await findCheckpointKey(db))
  })
}

const maxListed = 20

export function describeDamaged(damaged: readonly Damaged[]): string {
  const each = damaged
    .slice(0, maxListed)
    .map(({ column, key, reason }) => `  ${nameOf(column)} of ${key}: ${reason}`)
  return (
    'Values that do not open and stay unchanged, so that their keys are still needed: ' +
    `${damaged.length}\n${each.join('\n')}${damaged.length > maxListed ? '\n  ...' : ''}`
  )
}

export async function keyForget(id: string, { reason }: { reason: string }): Promise<void> {
  await withDatabase(async (db) => {
    // The audit event is sealed with one of the other keys.
    const ring = await readKeys(readConfig(process.env))
    await openIncompleteVault(db, ring)
    const forgotten = await forgetKey(db, id, ring, (tx) =>
      record(tx, {
        at: new Date(),
        actor: 'admin',
        action: 'key.forgotten',
        objectKind: 'key',
        objectId: id,
        outcome: 'succeeded',
        details: { reason },
      }),
    )
    console.log(
      forgotten === 'given up'
        ? `Kontor now starts without the key "${id}". What it sealed stays closed.`
        : `The key "${id}" seals nothing, and this database no longer knows it: another key may ` +
            'take its id.',
    )
  })
}

/** Opens the database at DATABASE_URL for one command. */
export async function withDatabase(work: (db: Db) => Promise<void>): Promise<void> {
  const { databaseUrl } = readConfig(process.env)
  if (databaseUrl === undefined) throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  const db = openDatabase(databaseUrl, { connections: 2, name: 'kontor-keys' })
  try {
    await work(db)
  } finally {
    await db.destroy()
  }
}

export function nameOf({ table: name, column }: SealedColumn): string {
  return `${name}.${column}`
}

export function sumOf(counts: KeyStatus['keys'][number]['counts']): number {
  return counts.reduce((sum, { values }) => sum + values, 0)
}

function print(
  { keys, digestKeys, processes, tables }: KeyStatus,
  checkpointKey: string | undefined,
): void {
  const rows = keys.flatMap(({ id, counts }) =>
    counts.map(({ column, values }) => [id, nameOf(column), String(values)]),
  )
  const ofCheckpoint =
    checkpointKey === undefined ? [] : [[checkpointKey, 'audit_checkpoint.token', '1']]
  console.log(table([['KEY', 'SEALS', 'VALUES'], ...rows, ...ofCheckpoint]))
  for (const { id, isInUse, counts } of keys) {
    const values = sumOf(counts)
    console.log(
      isInUse || values > 0
        ? `"${id}" is needed. Values: ${values}.${isInUse ? '' : ' It was given up.'}`
        : `"${id}" can be removed, or was never used.`,
    )
  }
  console.log(
    table([
      ['DIGEST KEY', 'SEALED WITH', 'IS', 'DIGESTS OF'],
      ...digestKeys.map(({ id, sealedWith, isInForce, counts }) => [
        String(id),
        sealedWith,
        isInForce ? 'in force' : 'retired',
        counts.map(({ column, values }) => `${nameOf(column)}: ${values}`).join(', ') || 'nothing',
      ]),
    ]),
  )
  if (processes.length > 0)
    console.log(
      table([
        ['PROCESS', 'HAS', 'SEALS WITH', 'DIGEST KEY'],
        ...processes.map((each) => [
          each.name,
          each.keys.join(' '),
          each.sealingKey ?? 'nothing: it lacks a key',
          String(each.digestKey ?? 1),
        ]),
      ]),
    )
  console.log(
    table([
      ['SEALED TABLE', 'REVISION', 'DIGEST OF ITS ROWS'],
      ...tables.map((each) => [each.table, String(each.revision ?? 'not sealed'), each.digest]),
    ]),
  )
}
