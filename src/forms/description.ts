import type { Field } from './form.ts'
import type { Schema, Work } from './json-schema.ts'
import type { Shape } from './shape.ts'
import { helpOf, labelOf } from './words.ts'

// A form deeper than this is edited as JSON from here on, and read so.
export const maxFormDepth = 6

/** What people entered or chose that is no part of a value. */
export interface FormState {
  /** Texts that could not be read, by pointer. */
  readonly texts: ReadonlyMap<string, string>
  /** Chosen branches, by the name of the control. */
  readonly choices: ReadonlyMap<string, string>
  /** Whether one edits all as JSON. */
  readonly isJson: boolean
}

export const freshState: FormState = { texts: new Map(), choices: new Map(), isJson: false }

/** One form being described. */
export interface Description {
  readonly work: Work
  readonly state: FormState
  readonly kept: unknown
  /** How many fields it has by now. */
  fields: number
  /** The field of a part. */
  describe(schema: Schema, value: unknown, spot: Spot): Field
}

/** Where a field stands. */
export interface Spot {
  readonly pointer: string
  readonly isRequired: boolean
  readonly depth: number
  readonly isSecret: boolean
  readonly isInRow: boolean
}

export function commonOf(shape: Shape, { pointer, isRequired }: Spot) {
  const { schema } = shape.flat
  return { pointer, isRequired, label: labelOf(schema, pointer), help: helpOf(schema) }
}
