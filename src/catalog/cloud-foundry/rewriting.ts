// What the parts of the rewriting of one schema share.
import type { Draft } from '../draft.ts'

export type Schema = Record<string, unknown>

const drafts: readonly Draft[] = ['draft-04', 'draft-06', 'draft-07', '2019-09', '2020-12']

/** One schema on its way to an older draft. */
export interface Rewriting {
  /** The whole schema as it came. */
  readonly root: Schema
  readonly draft: Draft
  readonly target: 'draft-04' | 'draft-06'
  /** Where anchors are: the tokens of their JSON pointers. */
  readonly anchors: ReadonlyMap<string, readonly string[]>
  /** How many more schemas it may hold: `if` doubles what is below it. */
  left: number
  /** The first thing that the target cannot express; once set, the result is worth nothing. */
  problem: string | undefined
}

/** A part that is being built, and what must hold beside it. */
export interface Building {
  readonly rewriting: Rewriting
  /** As it came. */
  readonly given: Schema
  readonly built: Schema
  /** Becomes further members of `allOf`: what has no keyword of its own, or one that is taken. */
  readonly beside: Schema[]
  readonly rewrite: (part: unknown) => Schema
}

/** Whether the schema's own draft is that draft or a later one. */
export function isSince({ draft }: Pick<Rewriting, 'draft'>, first: Draft): boolean {
  return drafts.indexOf(draft) >= drafts.indexOf(first)
}

/** @returns a schema, so that the caller can go on */
export function refuse(rewriting: Rewriting, problem: string): Schema {
  rewriting.problem ??= problem
  return {}
}

export function isSchema(value: unknown): value is Schema {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Equal for equal values, whatever the order of their keys. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isSchema(part)
      ? Object.fromEntries(
          Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)),
        )
      : part,
  )
}
