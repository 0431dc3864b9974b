import type { Db } from '../../db/database.ts'
import { listGenuineSets } from '../../vault/sealed-rows/list-sealed-sets.ts'
import { vaultOf } from '../../vault/vault.ts'
import { findHead } from '../chain/head/store.ts'
import { findTokens, keyIdOf, mentionsToken, readToken, type Checkpoint } from './checkpoint.ts'
import { describeOlderSets, describeOtherHead } from './compare.ts'
import { readLines } from './read-lines.ts'
import { createSetHistory } from './set-history.ts'
import { findDatabaseId, findLinks } from './store.ts'

export interface VerifiedCheckpoints {
  /** How many are genuine and of this database. */
  readonly count: number
  readonly newest: Date | undefined
  /** How many lines hold the beginning of a checkpoint: a process was killed while it wrote. */
  readonly torn: number
}

export interface VerifyCheckpointsOptions {
  /** Files or logs; everything in them but checkpoints is ignored. */
  readonly inputs: ReadonlyArray<{ readonly name: string; readonly bytes: AsyncIterable<Buffer> }>
  /** Whether the key ring has this key. */
  readonly hasKey: (id: string) => boolean
  readonly onFinding: (sentence: string) => void
}

const batchSize = 500
const maxOfAKind = 10

/**
 * Compares checkpoints that were kept elsewhere with the database, within bounded memory. Reads
 * the database after them, so it may run while orders go on and checkpoints are written.
 */
export async function verifyCheckpoints(
  db: Db,
  { inputs, hasKey, onFinding }: VerifyCheckpointsOptions,
): Promise<VerifiedCheckpoints> {
  const vault = vaultOf(db)
  const database = await findDatabaseId(db)
  if (database === undefined) onFinding('Removed: the row of audit_checkpoint is gone.')
  const report = createReport(onFinding)
  const comparison = createComparison(db, report)
  let torn = 0
  for (const { name, bytes } of inputs) {
    for await (const line of readLines(bytes)) {
      const tokens = findTokens(line.text)
      if (tokens.length === 0 && mentionsToken(line.text)) torn += 1
      for (const token of tokens) {
        const read = readToken(vault, token)
        const at = `line ${line.number} of ${name}`
        if (typeof read === 'object') {
          if (read.database === database) await comparison.add(read)
          else report('of another database', `${at} is a checkpoint of another database.`)
        } else if (read === 'other version') {
          report(read, `${at} is a checkpoint of a newer release: verify it with that.`)
        } else {
          const key = keyIdOf(token)
          if (key === undefined && line.text.endsWith(token)) torn += 1
          else if (key === undefined || hasKey(key))
            report(read, `Forged: ${at} is no checkpoint of Kontor.`)
          else
            report('unknown key', `${at} is a checkpoint with the key "${key}", not in the ring.`)
        }
      }
    }
  }
  const { count, newest } = await comparison.end()
  report.end()
  if (count === 0) onFinding('There is no checkpoint of this database.')
  return { count, newest, torn }
}

type Report = ((kind: string, sentence: string) => void) & { end(): void }

/** Reports the first findings of each kind, and counts the others. */
function createReport(onFinding: (sentence: string) => void): Report {
  const counts = new Map<string, number>()
  const report = (kind: string, sentence: string): void => {
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    if (count <= maxOfAKind) onFinding(sentence)
  }
  return Object.assign(report, {
    end() {
      for (const [kind, count] of counts)
        if (count > maxOfAKind) onFinding(`... and ${count - maxOfAKind} more: ${kind}.`)
    },
  })
}

interface Comparison {
  add(checkpoint: Checkpoint): Promise<void>
  end(): Promise<Pick<VerifiedCheckpoints, 'count' | 'newest'>>
}

function createComparison(db: Db, report: Report): Comparison {
  let batch: Checkpoint[] = []
  let count = 0
  let newest: Date | undefined
  // Of those beyond the end of the chain, the furthest; one sentence says it for all of them.
  let furthest: Checkpoint | undefined
  const history = createSetHistory()

  const compare = async (): Promise<void> => {
    const checkpoints = batch
    batch = []
    const links = await findLinks(
      db,
      checkpoints.map(({ head }) => head.position),
    )
    const { last } = await findHead(db)
    for (const checkpoint of checkpoints) {
      const { position } = checkpoint.head
      const problem = describeOtherHead(checkpoint, links.get(position), last)
      if (problem === undefined) continue
      if (links.has(position) || position <= last) report('other positions', problem)
      else if (furthest === undefined || position > furthest.head.position) furthest = checkpoint
    }
  }
  return {
    async add(checkpoint) {
      const { at } = checkpoint
      count += 1
      if (newest === undefined || at > newest) newest = at
      history.add(checkpoint)
      batch.push(checkpoint)
      if (batch.length >= batchSize) await compare()
    },
    async end() {
      await compare()
      if (furthest !== undefined) {
        const { last } = await findHead(db)
        const problem = describeOtherHead(furthest, undefined, last)
        if (problem !== undefined) report('cut off', problem)
      }
      for (const problem of history.contradictions()) report('contradictions', problem)
      const now = await listGenuineSets(db, vaultOf(db))
      for (const problem of describeOlderSets(history.newest(), now)) report('sets', problem)
      return { count, newest }
    },
  }
}
