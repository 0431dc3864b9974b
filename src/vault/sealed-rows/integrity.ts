// What this process knows of the protected tables from one check to the next: what is wrong, and
// the highest revision of each.
import type { Macs } from '../mac.ts'
import type { SealedSet } from './sets/store.ts'
import type { rowTables } from './tables.ts'

/** What is wrong with the rows of a table. */
export interface Failure {
  readonly table: string
  /** Primary keys of rows without a MAC of their own content. */
  readonly damaged: readonly string[]
  /** False: a row is missing, or old, or the set itself is missing, old or changed. */
  readonly isWhole: boolean
}

/** A table as it was when nothing was missing. */
export interface WholeTable {
  readonly set: SealedSet
  /** In hexadecimal, by primary key, of the rows that the set stands for. */
  readonly macs: Map<string, string>
}

export interface Integrity {
  /** The highest revision seen of each table. */
  readonly revisions: Map<string, bigint>
  /** Of the newest mark seen: its removal, or an older one, accepts no row. */
  markedAt: Date | undefined
  /** Tables that a mark has named. */
  readonly sealed: Set<string>
  /** Of each table the last check that found it whole. */
  readonly whole: Map<string, WholeTable>
  /**
   * Of each table whose last check found that it is not whole: the MAC of its set in hexadecimal,
   * empty without a set.
   */
  readonly notWhole: Map<string, string>
  readonly failures: Map<string, Failure>
  /** Called once for each change of what is wrong with a table; `undefined`: nothing any more. */
  onChange: (table: string, failure: Failure | undefined) => void
}

const known = new WeakMap<Macs, Integrity>()

/** @param vault  of this process */
export function integrityOf(vault: Macs): Integrity {
  const integrity = known.get(vault) ?? {
    revisions: new Map(),
    markedAt: undefined,
    sealed: new Set(),
    whole: new Map(),
    notWhole: new Map(),
    failures: new Map(),
    onChange: () => {},
  }
  known.set(vault, integrity)
  return integrity
}

/** Notes what a check has found. */
export function noteCheck(integrity: Integrity, failure: Failure): void {
  const { table, damaged, isWhole } = failure
  const before = integrity.failures.get(table)
  const isRight = damaged.length === 0 && isWhole
  if (isRight ? before === undefined : isSame(before, failure)) return
  if (isRight) integrity.failures.delete(table)
  else integrity.failures.set(table, failure)
  integrity.onChange(table, isRight ? undefined : failure)
}

// A table that was changed as a whole must not make this list as long as the table.
const maxNoted = 1_000

/** Notes what the check of a single row has found, of a table that is not checked as a whole. */
export function noteRow(
  integrity: Integrity,
  table: (typeof rowTables)[number],
  key: string,
  isRight: boolean,
): void {
  const damaged = integrity.failures.get(table)?.damaged ?? []
  if (damaged.includes(key) !== isRight || (!isRight && damaged.length >= maxNoted)) return
  const others = damaged.filter((each) => each !== key)
  noteCheck(integrity, { table, damaged: isRight ? others : [...others, key], isWhole: true })
}

/** How much is wrong with each table of which this process knows anything; 0 for the others. */
export function countFailures(
  integrity: Integrity,
  tables: readonly string[],
): Array<{ readonly table: string; readonly failures: number }> {
  return tables.map((table) => {
    const failure = integrity.failures.get(table)
    const ofSet = failure?.isWhole === false ? 1 : 0
    return { table, failures: (failure?.damaged.length ?? 0) + ofSet }
  })
}

function isSame(one: Failure | undefined, other: Failure): boolean {
  return one?.isWhole === other.isWhole && one.damaged.join() === other.damaged.join()
}
