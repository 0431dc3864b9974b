import type { TableCheck } from './read-sealed.ts'

export type RowsByKey<Row> = ReadonlyMap<string, Row>

/**
 * The rows of a whole table that count: those that are right, and in place of one that was altered
 * the row that was known before. All by primary key.
 * @param before  what was known; undefined: nothing
 */
export function keepKnown<Row>(
  rows: RowsByKey<Row>,
  before: RowsByKey<Row> | undefined,
  { damaged, altered }: Pick<TableCheck, 'damaged' | 'altered'>,
): RowsByKey<Row> {
  if (damaged.size === 0) return rows
  const kept = new Map(rows)
  for (const id of damaged) {
    const known = altered.has(id) ? before?.get(id) : undefined
    if (known === undefined) kept.delete(id)
    else kept.set(id, known)
  }
  return kept
}
