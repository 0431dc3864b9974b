// Statements of orders: SQL texts with values, put together without a query builder, which takes
// longer than all else that an order does with them.
import type { DbOrTx } from './database.ts'
import { queryText } from './prepared.ts'

/** SQL, or a piece of it. Between two of its texts stands a value. */
export class Statement {
  declare readonly texts: readonly string[]
  declare readonly values: readonly unknown[]

  constructor(texts: readonly string[], values: readonly unknown[]) {
    this.texts = texts
    this.values = values
  }
}

/**
 * A statement that writes, made by the store that owns its table, to run as part of another one. It
 * ends with the condition `exists (select from gate)`: that the statement it is part of wrote what
 * the part belongs to.
 */
export type Part = Statement

/** Tag of a template: inserts a Statement as it is, and binds everything else as a value. */
export function statement(template: readonly string[], ...inserted: readonly unknown[]): Statement {
  let open = template[0] ?? ''
  const texts: string[] = []
  const values: unknown[] = []
  for (let at = 0; at < inserted.length; at++) {
    const piece = inserted[at]
    const following = template[at + 1] ?? ''
    if (piece instanceof Statement) {
      open += piece.texts[0] ?? ''
      for (let next = 1; next < piece.texts.length; next++) {
        texts.push(open)
        open = piece.texts[next] ?? ''
      }
      values.push(...piece.values)
      open += following
    } else {
      texts.push(open)
      // The driver puts a date together number by number, in local time.
      values.push(piece instanceof Date ? piece.toISOString() : piece)
      open = following
    }
  }
  texts.push(open)
  return new Statement(texts, values)
}

/** Runs a statement. @returns its rows, whose type the caller vouches for */
export function run<Row>(db: DbOrTx, { texts, values }: Statement): Promise<readonly Row[]> {
  let text = texts[0] ?? ''
  for (let at = 1; at < texts.length; at++) text += `$${at}${texts[at]}`
  return queryText(db, text, [...values])
}

/**
 * Writes `gate` and `parts` as one statement: one round trip, and all of it is committed, or
 * nothing. A part writes only if the gate wrote a row. Postgres chooses the order of the parts:
 * none may depend on it, and no other transaction may lock two of their tables in a row and wait.
 * All read the tables as they were when the statement began: no part sees what another one writes.
 * Foreign keys are checked at the end.
 * @param gate  returns the rows that it writes
 * @param answer  a query on `gate`
 * @returns the first row of the answer: without one, the first of the gate, and undefined when the
 *   gate wrote none, and so no part wrote anything
 */
export async function writeTogether<Row>(
  db: DbOrTx,
  gate: Statement,
  parts: readonly Part[],
  answer = statement`select * from gate`,
): Promise<Row | undefined> {
  const texts = ['with gate as (']
  for (const at of parts.keys()) texts.push(`), part${at} as (`)
  const [row] = await run<Row>(db, statement([...texts, ') ', ''], gate, ...parts, answer))
  return row
}

/** Writes a part by itself. */
export async function writePart(db: DbOrTx, part: Part): Promise<void> {
  await run(db, statement`with gate as (select) ${part}`)
}

/**
 * The list of a `set`. A value may be SQL itself.
 * @param values  by column; those that are undefined stay as they are
 */
export function assignments<Table>(values: {
  readonly [Column in keyof Table & string]?: unknown
}): Statement {
  const texts: string[] = []
  const assigned: unknown[] = []
  for (const [column, value] of Object.entries(values)) {
    if (value === undefined) continue
    texts.push(`${texts.length === 0 ? '' : ', '}"${column}" = `)
    assigned.push(value)
  }
  return statement([...texts, ''], ...assigned)
}
