// What controls can hold, and as which text.
import type { Blank, FieldOption, Limits } from './form.ts'
import { isSame } from './fits.ts'
import { isObject, type Schema, type Work } from './json-schema.ts'
import { shapeOf, type Shape } from './shape.ts'
import { optionLabel } from './words.ts'

// Browsers drop or change these on the way, and HTML has no NUL.
const unshowable = /[\p{Cc}--[\n\t]]/v

/** A text that a browser sends back as it was. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && !unshowable.test(value) && value.isWellFormed()
}

// read() leaves longer names alone.
const maxName = 200

/** Whether a browser sends back the key as part of a control's name. */
export function isName(key: string): boolean {
  return isText(key) && !key.includes('\n') && key.length <= maxName
}

/** The text that a control sends for a value: itself, or JSON where that would be lost. */
export function optionText(value: unknown): string {
  const isPlain = isText(value) && value !== '' && !/^["[{]|\n/.test(value)
  return isPlain && !isJsonWord(value) ? value : JSON.stringify(value)
}

// The text `1` would be taken for the number.
function isJsonWord(text: string): boolean {
  return /^(-?\d.*|true|false|null)$/.test(text)
}

export function fieldOption(value: unknown, words: Schema): FieldOption {
  return { text: optionText(value), label: optionLabel(value, words) }
}

// read() refuses more; a longer list is edited as JSON.
export const maxLines = 1_000

/** What an empty control means beside this value; undefined if it is not shown as an empty one. */
export function blankOf(value: unknown): Blank | undefined {
  if (value === '') return '""'
  if (value === null) return 'null'
  return Array.isArray(value) && value.length === 0 ? '[]' : undefined
}

/** Whether the shape's control can show the value so that it comes back the same. */
export function isShowable(shape: Shape, value: unknown): boolean {
  if (value === undefined) return true
  switch (shape.kind) {
    case 'const':
      return isSame(value, shape.value)
    case 'choice':
      return shape.options.some((option) => isSame(option.value, value))
    case 'boolean':
      return typeof value === 'boolean'
    case 'number':
      return typeof value === 'number'
    case 'text':
      return isText(value)
    case 'lines':
      return (
        Array.isArray(value) &&
        value.length <= maxLines &&
        value.every((each) => isLine(shape.isNumeric, each))
      )
    default:
      return false
  }
}

function isLine(isNumeric: boolean, value: unknown): boolean {
  if (isNumeric) return typeof value === 'number'
  return isText(value) && value.trim() !== '' && !value.includes('\n')
}

/** The values that each line may have; none if they are free. */
export function linesOf(work: Work, item: Schema): readonly FieldOption[] {
  const shape = shapeOf(work, item)
  if (shape.kind !== 'choice') return []
  return shape.options.map(({ value, words }) => ({
    text: String(value),
    label: optionLabel(value, words),
  }))
}

const numeric = ['minimum', 'maximum', 'multipleOf', 'minLength', 'maxLength'] as const

export function limitsOf(schema: Schema): Limits {
  return Object.fromEntries(
    numeric.flatMap((keyword) => {
      const limit = schema[keyword]
      return typeof limit === 'number' ? [[keyword, limit] as const] : []
    }),
  )
}

/** Keys of a value that the form has no field for. */
export function otherEntries(value: unknown, known: ReadonlySet<string>): Schema | undefined {
  if (!isObject(value)) return undefined
  const others = Object.entries(value).filter(([key]) => !known.has(key))
  return others.length === 0 ? undefined : Object.fromEntries(others)
}
