import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { DbOrTx } from './database.ts'

/**
 * A statement that writes, made by the store that owns its table, to run as part of another one.
 * @param holds  its condition, or one of its conditions: that the statement it is part of wrote
 *   what the part belongs to
 */
export type Part = (holds: RawBuilder<SqlBool>) => RawBuilder<unknown>

const always = sql<SqlBool>`true`
const gateWrote = sql<SqlBool>`exists (select from gate)`

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
  gate: RawBuilder<unknown>,
  parts: readonly Part[],
  answer: RawBuilder<Row> = sql<Row>`select * from gate`,
): Promise<Row | undefined> {
  const named = [sql`gate as (${gate})`]
  for (const part of parts)
    named.push(sql`${sql.raw(`part${named.length}`)} as (${part(gateWrote)})`)
  const { rows } = await sql<Row>`with ${sql.join(named)} ${answer}`.execute(db)
  return rows[0]
}

/** Writes a part by itself. */
export async function writePart(db: DbOrTx, part: Part): Promise<void> {
  await part(always).execute(db)
}

/**
 * The list of a `set`. A value may be SQL itself.
 * @param values  by column; those that are undefined stay as they are
 */
export function assignments<Table>(values: {
  readonly [Column in keyof Table & string]?: unknown
}): RawBuilder<unknown> {
  const assigned: Array<RawBuilder<unknown>> = []
  for (const [column, value] of Object.entries(values))
    if (value !== undefined) assigned.push(sql`${sql.ref(column)} = ${value}`)
  return sql.join(assigned)
}
