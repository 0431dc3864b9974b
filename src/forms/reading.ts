import type { FormBody } from './body.ts'
import type { Spot } from './description.ts'
import type { Blank, ErrorCode, FormError } from './form.ts'
import { own, tokensOf, type Schema, type Work } from './json-schema.ts'

/** One form being read. */
export interface Reading {
  readonly work: Work
  readonly body: FormBody
  /** The value that an update changes; its secrets go on. */
  readonly kept: unknown
  readonly errors: FormError[]
  readonly texts: Map<string, string>
  readonly choices: Map<string, string>
  /** Secrets that were entered; they are not shown again. */
  readonly secrets: string[]
  /** A button was pressed that changes the form, or what was chosen needs another form. */
  isChanged: boolean
  read(schema: Schema, spot: Spot): unknown
}

// A page with more of them helps no one, and is large.
export const maxErrors = 100

export function addError(
  reading: Reading,
  pointer: string,
  code: ErrorCode,
  ...values: readonly (number | string)[]
): void {
  reading.errors.push(values.length === 0 ? { pointer, code } : { pointer, code, values })
}

const blanks: Readonly<Record<Blank, unknown>> = { '""': '', null: null, '[]': [], '{}': {} }

/** What an empty control stands for. */
export function blankAt({ body }: Reading, pointer: string): unknown {
  const blank = body.get(`blank:${pointer}`)
  return blank !== undefined && Object.hasOwn(blanks, blank) ? blanks[blank as Blank] : undefined
}

/** What an update keeps there; nothing in rows, where another one may stand in a row's place. */
export function keptAt({ kept }: Reading, { pointer, isInRow }: Spot): unknown {
  let at = isInRow ? undefined : kept
  for (const token of tokensOf(pointer)) at = own(at, token)
  return at
}
