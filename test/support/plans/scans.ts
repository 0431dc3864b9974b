// How Postgres would carry out a statement: what it reads of which table.
import pg from 'pg'
import type { Statement } from './watch-statements.ts'

/** What a plan reads of one table. */
export interface Scan {
  readonly table: string
  /** Undefined: it reads the whole table. */
  readonly index: string | undefined
  /** It reads the index from its beginning on, not what a condition finds in it. */
  readonly isWalk: boolean
  /** It drops rows that it has read. */
  readonly filters: boolean
  /** It ends when it has found enough. */
  readonly isLimited: boolean
  /** It is not begun unless something else is found first, such as a platform of a name. */
  readonly isGated: boolean
  readonly estimatedRows: number
}

interface Node {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Filter?: string
  readonly 'One-Time Filter'?: string
  readonly 'Plan Rows': number
  readonly Plans?: readonly Node[]
}

const isData = /^\s*(?:\/\*[^*]*\*\/)?\s*(?:with|select|insert|update|delete)\b/i
const isPlannedAnew = /^\s*\/\* planned anew \*\//
// Postgres makes a plan for the values that it is given five times, and then decides whether one
// for all values is as good.
const executions = 7

/**
 * The scans of a statement: those of the plan for its values, and those of the plan that a
 * connection keeps in the end. Nothing is executed. Of what has no plan, such as "begin", none.
 */
export async function scansOf(
  client: pg.Client,
  { text, values }: Statement,
): Promise<readonly Scan[]> {
  if (!isData.test(text)) return []
  await client.query(`prepare explained as ${text}`)
  try {
    const literals = values.map(literalOf).join(', ')
    const execute = `execute explained${values.length === 0 ? '' : `(${literals})`}`
    const scans: Scan[] = []
    const times = isPlannedAnew.test(text) ? 1 : executions
    for (let count = 1; count <= times; count++) {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
        `explain (format json) ${execute}`,
      )
      const plan = rows[0]?.['QUERY PLAN'][0].Plan
      if (plan !== undefined && (count === 1 || count === times)) addScans(scans, plan, {})
    }
    return scans
  } finally {
    await client.query('deallocate explained')
  }
}

function literalOf(value: string | Buffer | null): string {
  if (value === null) return 'null'
  return pg.escapeLiteral(typeof value === 'string' ? value : `\\x${value.toString('hex')}`)
}

interface Above {
  readonly isLimited?: boolean
  readonly isGated?: boolean
  /** Of a bitmap of the table. */
  readonly table?: string | undefined
}

function addScans(scans: Scan[], node: Node, above: Above): void {
  const kind = node['Node Type']
  const table = node['Relation Name'] ?? above.table
  const index = node['Index Name']
  const isLimited = above.isLimited === true || kind === 'Limit'
  const isGated = above.isGated === true || node['One-Time Filter'] !== undefined
  if (table !== undefined && (kind === 'Seq Scan' || index !== undefined))
    scans.push({
      table,
      index,
      isLimited,
      isGated,
      isWalk: index !== undefined && node['Index Cond'] === undefined,
      filters: node.Filter !== undefined,
      estimatedRows: node['Plan Rows'],
    })
  // What sorts or groups reads all that there is, whatever is then left out. What merges passes
  // over the rows of one side up to the first of the other: the newest, for what waits.
  const ends = /^(?:Merge Join|Sort|Aggregate|HashAggregate|Hash|WindowAgg|Bitmap Heap Scan)$/.test(
    kind,
  )
  for (const child of node.Plans ?? [])
    addScans(scans, child, {
      isLimited: isLimited && !ends,
      isGated,
      table: kind === 'Bitmap Heap Scan' ? table : above.table,
    })
}
