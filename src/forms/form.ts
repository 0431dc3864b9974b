// A form as a tree: what describe() makes of a schema and a value, and render() draws.
import type { Words } from './words.ts'

interface Common {
  /** JSON pointer to the value, and the name of the control. */
  readonly pointer: string
  readonly label: Words
  readonly help: Words | undefined
  readonly isRequired: boolean
}

/** What people should know before they type. */
export interface Limits {
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
  readonly minLength?: number
  readonly maxLength?: number
}

export interface FieldOption {
  /** What the control sends: a text as it is, else JSON. */
  readonly text: string
  readonly label: Words
}

/** What an empty control stands for: without it, for no value. */
export type Blank = '""' | 'null' | '[]' | '{}'

export interface TextField extends Common {
  readonly kind: 'text'
  readonly input: 'text' | 'email' | 'uri' | 'date' | 'password'
  readonly isMultiline: boolean
  /** Empty for a secret, which is never shown. */
  readonly text: string
  readonly isSecret: boolean
  /** Left empty, the secret stays as it is. */
  readonly isKept: boolean
  readonly blank: Blank | undefined
  readonly limits: Limits
}

export interface NumberField extends Common {
  readonly kind: 'number'
  readonly isInteger: boolean
  /** As a text: one that could not be read is shown again. */
  readonly value: number | string | undefined
  readonly blank: Blank | undefined
  readonly limits: Limits
}

export interface ChoiceField extends Common {
  readonly kind: 'choice'
  readonly options: readonly FieldOption[]
  readonly chosen: string | undefined
  readonly blank: Blank | undefined
}

export interface BooleanField extends Common {
  readonly kind: 'boolean'
  /** Otherwise one chooses between yes, no, and neither where that is allowed. */
  readonly isCheckbox: boolean
  readonly value: boolean | undefined
  readonly blank: Blank | undefined
}

/** A value that cannot be another. */
export interface ConstField extends Common {
  readonly kind: 'const'
  readonly option: FieldOption
}

/** A list of texts or numbers, each on a line. */
export interface LinesField extends Common {
  readonly kind: 'lines'
  readonly lines: readonly (string | number)[] | string
  readonly allowed: readonly FieldOption[]
  readonly blank: Blank | undefined
}

export interface JsonField extends Common {
  readonly kind: 'json'
  /** Of the control. */
  readonly name: string
  readonly text: string
  readonly isSecret: boolean
  readonly isKept: boolean
}

export interface GroupField extends Common {
  readonly kind: 'group'
  readonly state: 'open' | 'removable' | 'closed' | 'fixed'
  readonly choices: readonly Alternatives[]
  readonly fields: readonly Field[]
  /** Which conditions are met, for the reader of the form. */
  readonly shown: string
  /** For entries that have no field. */
  readonly more: JsonField | undefined
}

/** A choice between the branches of a `oneOf` or `anyOf`. */
export interface Alternatives {
  /** The control's name. */
  readonly name: string
  readonly options: readonly FieldOption[]
  readonly chosen: string
}

/** A list of objects. */
export interface RowsField extends Common {
  readonly kind: 'rows'
  readonly rows: readonly Field[]
  readonly mayAdd: boolean
  readonly blank: Blank | undefined
}

export type Field =
  | TextField
  | NumberField
  | ChoiceField
  | BooleanField
  | ConstField
  | LinesField
  | JsonField
  | GroupField
  | RowsField

export interface Form {
  readonly root: GroupField | JsonField
  /** Whether one may edit it as JSON, and as fields again. */
  readonly switch: 'to_json' | 'to_fields' | 'none'
}

/** Why a value cannot be ordered so. */
export interface FormError {
  readonly pointer: string
  readonly code: ErrorCode
  /** What the sentence names: a limit, or the two readings of a number. */
  readonly values?: readonly (number | string)[]
}

export type ErrorCode =
  | 'required'
  | 'not_offered'
  | 'no_number'
  | 'no_integer'
  | 'inexact'
  | 'ambiguous_number'
  | 'bad_character'
  | 'no_json'
  | 'no_object'
  | 'too_small'
  | 'too_large'
  | 'not_above'
  | 'not_below'
  | 'no_multiple'
  | 'too_short'
  | 'too_long'
  | 'too_few'
  | 'too_many'
  | 'other_type'
  | 'other_pattern'
  | 'unknown_entry'
  | 'repeated'
  | 'invalid'
  | 'enter_again'
