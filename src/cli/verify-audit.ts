import { createReadStream } from 'node:fs'
import { formatHead, parseHead } from '../audit/chain/head-text.ts'
import { verifyAudit } from '../audit/chain/verify.ts'
import { readNewestCheckpoint } from '../audit/checkpoints/make-checkpoint.ts'
import { verifyCheckpoints } from '../audit/checkpoints/verify-checkpoints.ts'
import { readConfig, type Config } from '../config.ts'
import { openDatabase, type Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { KeyRing } from '../vault/key-ring.ts'
import { findWrongIdentities } from '../instances/seal-identities.ts'
import { readKeys } from '../vault/read-keys.ts'
import { findUnsealed } from '../vault/sealed-rows/find-unsealed.ts'
import { describeFailure, markFailure, verifySealed } from '../vault/sealed-rows/verify-sealed.ts'
import { openVault, vaultOf } from '../vault/vault.ts'

/** `kontor audit verify`: exit code 1 when anything is not as it should be. */
export async function verify({
  head,
  checkpoints = [],
}: {
  head?: string
  checkpoints?: readonly string[]
}): Promise<void> {
  const noted = head === undefined ? undefined : parseHead(head)
  const config = readConfig(process.env)
  const { databaseUrl } = config
  if (databaseUrl === undefined) throw new BrokerError('configuration', 'DATABASE_URL is not set.')
  // Only the keys tell the chain from a forged one.
  const ring = await readKeys(config)
  const db = openDatabase(databaseUrl, { connections: 1, name: 'kontor-audit' })
  try {
    const vault = await openVault(db, ring)
    let findings = 0
    const onFinding = (sentence: string): void => {
      findings += 1
      console.log(sentence)
    }
    const verified = await verifyAudit(db, { noted, onFinding })
    if (checkpoints.length > 0) await compare(db, ring, checkpoints, onFinding)
    const { tables, isMarkRight } = await verifySealed(db)
    const unsealed = await findUnsealed(db)
    const wrongRows = [...tables.flatMap(describeFailure), ...(isMarkRight ? [] : [markFailure])]
    const { keys, lines, digest } = await findWrongIdentities(db, vault)
    wrongRows.push(...describeFailure({ table: 'instances', damaged: keys, isWhole: true }))
    for (const sentence of [...wrongRows, ...lines]) console.log(sentence)
    if (keys.length > 0)
      console.log(`The digest of these instances for "kontor key reseal instances": ${digest}`)
    const beside = [
      ...(verified.waiting > 0 ? [`${verified.waiting} not linked yet`] : []),
      ...(verified.unsealed > 0 ? [`${verified.unsealed} of a release that did not seal`] : []),
    ]
    console.log(
      `${verified.events} events, head ` +
        `${formatHead(verified.head)}${beside.length > 0 ? ` (${beside.join(', ')})` : ''}`,
    )
    if (unsealed.length > 0)
      console.log(
        `Not sealed, so that changes in SQL show nowhere: ${unsealed.join(', ')}. ` +
          'Run "kontor key seal-rows".',
      )
    const problems = [
      ...(findings > 0 ? [`The audit log is not whole: ${counted(findings)}.`] : []),
      ...(wrongRows.length > 0
        ? [`Protected tables are not as Kontor wrote them: ${counted(wrongRows.length)}.`]
        : []),
      ...(unsealed.length > 0 ? await proofsOfSealing(db, config, unsealed) : []),
    ]
    if (problems.length > 0) throw new BrokerError('conflict', problems.join(' '))
  } finally {
    await db.destroy()
  }
}

/** What says that a database which looks unsealed was sealed once; empty: it never was. */
async function proofsOfSealing(
  db: Db,
  { requiresSealed }: Config,
  unsealed: readonly string[],
): Promise<string[]> {
  const checkpoint = await readNewestCheckpoint(db)
  const setBack = checkpoint?.sets.filter(({ table }) => unsealed.includes(table)) ?? []
  return [
    ...(requiresSealed && vaultOf(db).acceptsOldReleases()
      ? ['The database is not sealed, and KONTOR_REQUIRE_SEALED is true.']
      : []),
    ...(checkpoint !== undefined && setBack.length > 0
      ? [
          `Tables are not sealed that were at the checkpoint of ${checkpoint.at.toISOString()}: ` +
            `${setBack.map(({ table }) => table).join(', ')}.`,
        ]
      : []),
  ]
}

async function compare(
  db: Db,
  ring: KeyRing,
  files: readonly string[],
  onFinding: (sentence: string) => void,
): Promise<void> {
  const inputs = files.map((name) => ({
    name: name === '-' ? 'standard input' : name,
    // A stream of bytes gives buffers.
    bytes: (name === '-' ? process.stdin : createReadStream(name)) as AsyncIterable<Buffer>,
  }))
  const { count, newest, torn } = await verifyCheckpoints(db, {
    inputs,
    hasKey: (id) => ring.keys.has(id),
    onFinding,
  })
  const beside = [
    ...(newest === undefined ? [] : [`the newest of ${newest.toISOString()}`]),
    ...(torn === 0 ? [] : [`incomplete lines: ${torn}`]),
  ]
  console.log([`checkpoints: ${count}`, ...beside].join(', '))
}

function counted(findings: number): string {
  return `${findings} ${findings === 1 ? 'finding' : 'findings'}`
}
