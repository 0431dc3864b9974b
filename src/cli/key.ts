import { record } from '../audit/record.ts'
import { readConfig } from '../config.ts'
import { openDatabase, type Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { credentialsDestination } from '../providers/credentials.ts'
import { forgetKey } from '../vault/forget-key.ts'
import { readKeyStatus, type KeyStatus } from '../vault/key-status.ts'
import type { KeyRing } from '../vault/key-ring.ts'
import { readKeys } from '../vault/read-keys.ts'
import type { Damaged } from '../vault/rewrap-all.ts'
import { rotateKeys } from '../vault/rotate.ts'
import type { SealedColumn } from '../vault/sealed-columns.ts'
import { openIncompleteVault, openVault } from '../vault/vault.ts'
import { table } from './print.ts'

/** `kontor key status`. Needs no key, so that it works when one is lost. */
export async function keyStatus(): Promise<void> {
  await withDatabase(async (db) => {
    print(await readKeyStatus(db))
  })
}

export async function keyRotate({ dryRun = false }: { dryRun?: boolean }): Promise<void> {
  await withDatabase(async (db) => {
    const ring = await readKeys(readConfig(process.env))
    // Verifies the ring first: a value sealed under a wrong key is lost.
    await openVault(db, ring)
    if (dryRun) printPlan(await readKeyStatus(db), ring)
    else await rotate(db, ring)
  })
}

async function rotate(db: Db, ring: KeyRing): Promise<void> {
  const { rewrapped, damaged, givenUp, freed } = await db.connection().execute((connection) =>
    rotateKeys({
      connection,
      ring,
      destinationOf: credentialsDestination,
      onRewritten: reportRewritten(ring.current),
      onWait: (sentence) => {
        process.stderr.write(`${sentence}\n`)
      },
      record: (tx, outcome) =>
        record(tx, {
          at: new Date(),
          actor: 'admin',
          action: 'key.rotated',
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
  console.log(`Values sealed anew with the key "${ring.current}": ${rewrapped}`)
  for (const id of freed)
    console.log(
      `The key "${id}" seals nothing any more: remove it from the rings, and keep it as long ` +
        'as you keep older backups.',
    )
  if (givenUp > 0) console.log(`Values that stay closed because their key was given up: ${givenUp}`)
  if (damaged.length > 0) throw new BrokerError('conflict', describeDamaged(damaged))
}

const reportIntervalMs = 1_000

function reportRewritten(id: string): (column: SealedColumn, done: number) => void {
  let reportedAt = 0
  return (column, done) => {
    const now = performance.now()
    if (reportedAt !== 0 && now - reportedAt < reportIntervalMs) return
    reportedAt = now
    process.stderr.write(`${nameOf(column)}: ${done} under "${id}"\n`)
  }
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

function nameOf({ table: name, column }: SealedColumn): string {
  return `${name}.${column}`
}

function sumOf(counts: KeyStatus['keys'][number]['counts']): number {
  return counts.reduce((sum, { values }) => sum + values, 0)
}

function print({ keys, processes, sets }: KeyStatus): void {
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
  if (sets.length > 0)
    console.log(
      table([['SEALED TABLE', 'REVISION'], ...sets.map((set) => [set.table, `${set.revision}`])]),
    )
}

function printPlan({ keys }: KeyStatus, ring: KeyRing): void {
  const values = sumOf(keys.filter(({ id }) => id !== ring.current).flatMap(({ counts }) => counts))
  console.log(`Values to seal anew with the key "${ring.current}": ${values}`)
}
