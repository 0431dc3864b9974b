// Which statements read more of a large table than they should.
import type pg from 'pg'
import type { Scan } from './scans.ts'

/** Tables that grow with the orders that there ever were. */
const growing = new Set([
  'instances',
  'orders',
  'instance_labels',
  'operations',
  'bindings',
  'orphans',
  'audit_events',
  'audit_links',
  'ledger_entries',
  'ledger_balances',
])
// Of a million, such as the operations that failed.
const maxRows = 10_000

/** Indexes of a part of their table that stays small, such as what is unfinished. */
export async function findSmallIndexes(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class join pg_index on indexrelid = pg_class.oid
    where indpred is not null and reltuples < $1`,
    [maxRows],
  )
  return new Set(rows.map(({ name }) => name))
}

/** Whether a request names what does not exist, so that no gate of its statements opens. */
export function keepsGates(step: string): boolean {
  return step.includes('=unknown')
}

/**
 * Whether a scan takes longer the more rows the table has.
 * @param keeps  no gate opens
 */
export function grows(
  { table, index, isWalk, filters, isLimited, isGated, estimatedRows }: Scan,
  smallIndexes: ReadonlySet<string>,
  keeps: boolean,
): boolean {
  if (!growing.has(table) || (isGated && keeps)) return false
  if (index === undefined) return true
  if (smallIndexes.has(index)) return false
  // From a walk the first rows are taken; one that filters may go on to the end.
  if (isLimited) return isWalk && filters
  return estimatedRows > maxRows
}

/** `table by index`, each once. */
export function describeScans(scans: readonly Scan[]): string[] {
  const described = scans
    .filter(({ table }) => growing.has(table))
    .map((scan) => {
      if (scan.index === undefined) return `${scan.table}, all of it`
      return `${scan.table} by ${scan.index}${scan.isWalk ? ', walked' : ''}`
    })
  return [...new Set(described)].toSorted()
}
