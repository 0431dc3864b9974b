import { linkAll, sealEnd } from '../audit/chain/seal-end.ts'
import { signAgain } from '../audit/checkpoints/make-checkpoint.ts'
import { record } from '../audit/record.ts'
import { redigestBindings } from '../bindings/digests/redigest.ts'
import { readConfig } from '../config.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import {
  redigestIdentities,
  redigestInstances,
  redigestUpdates,
} from '../instances/digests/redigest.ts'
import { endSessionsOfOldKeys } from '../people/sessions/end.ts'
import { credentialsDestination } from '../providers/credentials.ts'
import { readKeyStatus, type KeyStatus } from '../vault/key-status.ts'
import type { KeyRing } from '../vault/key-ring.ts'
import { readKeys } from '../vault/read-keys.ts'
import { rotateKeys, type Renewal } from '../vault/rotate.ts'
import type { SealedColumn } from '../vault/sealed-columns.ts'
import { openVault } from '../vault/vault.ts'
import { defaultMaxWaitMs, type Pass } from '../vault/wait-for-transactions.ts'
import { describeDamaged, nameOf, sumOf, withDatabase } from './key.ts'

export interface RotateOptions {
  readonly dryRun?: boolean
  /** Also seals values again, and changes the digest key. */
  readonly all?: boolean
  /** With `all`: retires the digest key though the audit log is not as Kontor wrote it. */
  readonly acceptDamagedLog?: boolean
  /** Seconds. */
  readonly wait?: number
}

export async function keyRotate(options: RotateOptions): Promise<void> {
  await withDatabase(async (db) => {
    const ring = await readKeys(readConfig(process.env))
    // Verifies the ring first: a value sealed under a wrong key is lost.
    await openVault(db, ring)
    if (options.dryRun === true) printPlan(await readKeyStatus(db), ring)
    else await rotate(db, ring, options)
  })
}

async function rotate(
  db: Db,
  ring: KeyRing,
  { all = false, acceptDamagedLog = false, wait }: RotateOptions,
): Promise<void> {
  const { rewrapped, redigested, damaged, givenUp, freed } = await db
    .connection()
    .execute((connection) =>
      rotateKeys({
        connection,
        ring,
        destinationOf: credentialsDestination,
        onRewritten: reportRewritten(ring.current),
        onWait: (sentence) => {
          process.stderr.write(`${sentence}\n`)
        },
        maxWaitMs: wait === undefined ? defaultMaxWaitMs : wait * 1_000,
        renewal: all ? renewalOf(ring, acceptDamagedLog) : undefined,
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
              ...(all ? { all, redigested: outcome.redigested } : {}),
            },
          }),
      }),
    )
  console.log(`Values sealed anew with the key "${ring.current}": ${rewrapped}`)
  if (all) console.log(`Digests of requests made again: ${redigested}`)
  for (const id of freed)
    console.log(
      `The key "${id}" seals nothing any more: remove it from the rings, and keep it as long ` +
        'as you keep older backups.',
    )
  if (givenUp > 0) console.log(`Values that stay closed because their key was given up: ${givenUp}`)
  if (damaged.length > 0) throw new BrokerError('conflict', describeDamaged(damaged))
}

function renewalOf(ring: KeyRing, acceptsDamage: boolean): Renewal {
  return {
    reopen: async (connection) => {
      await openVault(connection, ring)
    },
    redigest: async (connection, prefix) =>
      sumOfPasses([
        await redigestInstances(connection, prefix),
        await redigestIdentities(connection, prefix),
        await redigestBindings(connection, prefix),
        await redigestUpdates(connection, prefix),
        await endSessionsOfOldKeys(connection, prefix),
      ]),
    linkAll: (connection, maxWaitMs) =>
      linkAll(connection, maxWaitMs).catch((error: unknown) => {
        if (!acceptsDamage) throw notRetired(error)
      }),
    sealEnd: async (tx) => {
      await signAgain(tx)
      return sealEnd(tx, acceptsDamage).catch((error: unknown) => {
        throw notRetired(error)
      })
    },
  }
}

function notRetired(cause: unknown): BrokerError {
  return new BrokerError(
    'conflict',
    `${cause instanceof Error ? cause.message : 'The audit log cannot be linked.'} All values ` +
      'are sealed again, but the old digest key stays in force. If the log cannot be put right, ' +
      '--accept-damaged-log retires the key at the last event that is linked.',
    { cause },
  )
}

function sumOfPasses<Finding>(passes: ReadonlyArray<Pass<Finding>>): Pass<Finding> {
  return {
    rewrapped: passes.reduce((sum, { rewrapped }) => sum + rewrapped, 0),
    skipped: passes.reduce((sum, { skipped }) => sum + skipped, 0),
    damaged: passes.flatMap(({ damaged }) => damaged),
  }
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

function printPlan({ keys }: KeyStatus, ring: KeyRing): void {
  const values = sumOf(keys.filter(({ id }) => id !== ring.current).flatMap(({ counts }) => counts))
  console.log(`Values to seal anew with the key "${ring.current}": ${values}`)
}
