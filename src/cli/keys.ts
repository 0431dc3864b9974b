import { record } from '../audit/record.ts'
import { readConfig } from '../config.ts'
import { openDatabase, type Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { forgetKey } from '../vault/forget-key.ts'
import { keyStatus, type KeyStatus } from '../vault/key-status.ts'
import type { KeyRing } from '../vault/key-ring.ts'
import { readKeys } from '../vault/read-keys.ts'
import { rotateKeys, type Damaged } from '../vault/rotate.ts'
import type { SealedColumn } from '../vault/sealed-columns.ts'
import { openIncompleteVault, openVault } from '../vault/vault.ts'
import { table } from './print.ts'

/** Needs no key: it tells what is there, also when a key is lost. */
export async function keysStatus(): Promise<void> {
  await withDatabase(async (db) => {
    print(await keyStatus(db))
  })
}

export async function keysRotate({ dryRun = false }: { dryRun?: boolean }): Promise<void> {
  await withDatabase(async (db) => {
    const ring = await readKeys(readConfig(process.env))
    // Proves the ring first: what is brought under a wrong key is lost.
    await openVault(db, ring)
    if (dryRun) printPlan(await keyStatus(db), ring)
    else await rotate(db, ring)
  })
}

async function rotate(db: Db, ring: KeyRing): Promise<void> {
  const { rewrapped, damaged, givenUp, freed } = await db.connection().execute((connection) =>
    rotateKeys({
      connection,
      ring,
      onProgress: reportFromTimeToTime(ring.current),
      onWait: (sentence) => {
        process.stderr.write(`${sentence}\n`)
      },
      record: (tx, outcome) =>
        record(tx, {
          at: new Date(),
          actor: 'admin',
          action: 'rotate keys',
          objectKind: 'key',
          objectId: ring.current,
          outcome: outcome.damaged.length === 0 ? 'succeeded' : 'incomplete',
          details: {
            rewrapped: outcome.rewrapped,
            damaged: outcome.damaged.length,
            givenUp: outcome.givenUp,
            freed: outcome.freed.join(','),
          },
        }),
    }),
  )
  console.log(`Values brought under the key "${ring.current}": ${rewrapped}`)
  for (const id of freed)
    console.log(
      `Nothing is sealed with the key "${id}" any more: take it out of the rings, and keep it as long as a backup from before is kept.`,
    )
  if (givenUp > 0)
    console.log(`Values that stay closed, because their key was given up: ${givenUp}`)
  if (damaged.length > 0) throw new BrokerError('conflict', told(damaged))
}

const reportIntervalMs = 1_000

function reportFromTimeToTime(id: string): (column: SealedColumn, done: number) => void {
  let reportedAt = 0
  return (column, done) => {
    const now = performance.now()
    if (reportedAt !== 0 && now - reportedAt < reportIntervalMs) return
    reportedAt = now
    process.stderr.write(`${nameOf(column)}: ${done} under "${id}"\n`)
  }
}

const maxTold = 20

function told(damaged: readonly Damaged[]): string {
  const each = damaged
    .slice(0, maxTold)
    .map(({ column, key, reason }) => `  ${nameOf(column)} of ${key}: ${reason}`)
  return `Values that do not open, and stay as they are, so that their keys are still needed: ${damaged.length}\n${each.join('\n')}${damaged.length > maxTold ? '\n  ...' : ''}`
}

export async function keysForget(id: string, { reason }: { reason: string }): Promise<void> {
  await withDatabase(async (db) => {
    // The record of it is sealed with what the other keys open.
    const ring = await readKeys(readConfig(process.env))
    await openIncompleteVault(db, ring)
    const forgotten = await forgetKey(db, id, ring, (tx) =>
      record(tx, {
        at: new Date(),
        actor: 'admin',
        action: 'forget key',
        objectKind: 'key',
        objectId: id,
        outcome: 'succeeded',
        details: { reason },
      }),
    )
    console.log(
      forgotten === 'given up'
        ? `Kontor starts without the key "${id}" from now on. What is sealed with it stays closed.`
        : `Nothing is sealed with the key "${id}", and this database does not know it any more: another key may have its id.`,
    )
  })
}

async function withDatabase(work: (db: Db) => Promise<void>): Promise<void> {
  const { databaseUrl } = readConfig(process.env)
  if (databaseUrl === undefined) throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  const db = openDatabase(databaseUrl, { connections: 2, name: 'kontor-keys' })
  try {
    await work(db)
  } finally {
    await db.destroy()
  }
}

function nameOf({ table: name, column }: SealedColumn): string {
  return `${name}.${column}`
}

function sumOf(counts: KeyStatus['keys'][number]['counts']): number {
  return counts.reduce((sum, { values }) => sum + values, 0)
}

function print({ keys, processes }: KeyStatus): void {
  const rows = keys.flatMap(({ id, counts }) =>
    counts.map(({ column, values }) => [id, nameOf(column), String(values)]),
  )
  console.log(table([['KEY', 'SEALS', 'VALUES'], ...rows]))
  for (const { id, isInUse, counts } of keys) {
    const values = sumOf(counts)
    console.log(
      isInUse || values > 0
        ? `"${id}" is needed. Values: ${values}.${isInUse ? '' : ' It was given up.'}`
        : `"${id}" can be removed, or was never used.`,
    )
  }
  if (processes.length > 0)
    console.log(
      table([
        ['PROCESS', 'HAS', 'SEALS WITH'],
        ...processes.map((each) => [
          each.name,
          each.keys.join(' '),
          each.sealingKey ?? 'nothing: it lacks a key',
        ]),
      ]),
    )
}

function printPlan({ keys }: KeyStatus, ring: KeyRing): void {
  const values = sumOf(keys.filter(({ id }) => id !== ring.current).flatMap(({ counts }) => counts))
  console.log(`Values that would be brought under the key "${ring.current}": ${values}`)
}
