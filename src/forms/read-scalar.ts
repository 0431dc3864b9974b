// Values of single controls.
import { isText, maxLines, optionText } from './controls.ts'
import type { Spot } from './description.ts'
import { isMultiple, isSame } from './fits.ts'
import { readNumber } from './numbers.ts'
import { addError, blankAt, keptAt, maxErrors, type Reading } from './reading.ts'
import { shapeOf, type Option, type Shape } from './shape.ts'
import type { Schema } from './json-schema.ts'

type Of<Kind extends Shape['kind']> = Extract<Shape, { kind: Kind }>

/** Undefined: nothing was entered. Says so where something must be. */
export function readScalar(reading: Reading, shape: Shape, spot: Spot): unknown {
  const { pointer, isRequired } = spot
  const text = reading.body.get(pointer)
  if (shape.kind === 'const' && isRequired) return shape.value
  if (text === undefined || text === '') {
    const kept = spot.isSecret ? keptAt(reading, spot) : undefined
    if (kept !== undefined) return kept
    const blank = blankAt(reading, pointer)
    if (blank !== undefined) return blank
    if (shape.kind === 'lines' && isRequired) return checkedList(reading, shape, [], pointer)
    if (isRequired && shape.isNullable) return null
    const isChosen = shape.kind === 'choice' || shape.kind === 'boolean'
    if (isRequired) addError(reading, pointer, isChosen ? 'not_offered' : 'required')
    return undefined
  }
  if (spot.isSecret) reading.secrets.push(pointer)
  const before = reading.errors.length
  const value = valueOf(reading, shape, text, pointer)
  if (reading.errors.length > before && !spot.isSecret) reading.texts.set(pointer, text)
  return value
}

function valueOf(reading: Reading, shape: Shape, text: string, pointer: string): unknown {
  switch (shape.kind) {
    case 'const':
      return chosen(reading, [{ value: shape.value, words: {} }], text, pointer)
    case 'choice':
      return chosen(reading, shape.options, text, pointer)
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true'
      addError(reading, pointer, 'not_offered')
      return undefined
    case 'number':
      return numberOf(reading, shape, text, pointer)
    case 'text':
      return checkedText(reading, shape, text, pointer)
    case 'lines':
      return checkedList(reading, shape, text.split('\n'), pointer)
    default:
      return undefined
  }
}

function chosen(reading: Reading, options: readonly Option[], text: string, pointer: string) {
  const option = options.find(({ value }) => optionText(value) === text)
  if (option === undefined) addError(reading, pointer, 'not_offered')
  return option?.value
}

function numberOf(
  reading: Reading,
  { flat, isInteger }: Of<'number'>,
  text: string,
  pointer: string,
) {
  const read = readNumber(text)
  switch (read.kind) {
    case 'ambiguous':
      addError(reading, pointer, 'ambiguous_number', read.large, read.small)
      return undefined
    case 'number':
      if (isInteger && !Number.isInteger(read.value)) addError(reading, pointer, 'no_integer')
      else checkNumber(reading, flat.schema, read.value, pointer)
      return read.value
    default:
      addError(reading, pointer, read.kind)
      return undefined
  }
}

function checkNumber(reading: Reading, schema: Schema, value: number, pointer: string): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  // In draft 4 the exclusive ones are booleans about the others.
  const lowest = exclusiveMinimum === true ? minimum : exclusiveMinimum
  const highest = exclusiveMaximum === true ? maximum : exclusiveMaximum
  if (typeof lowest === 'number' && value <= lowest) addError(reading, pointer, 'not_above', lowest)
  else if (typeof highest === 'number' && value >= highest)
    addError(reading, pointer, 'not_below', highest)
  else if (typeof minimum === 'number' && value < minimum)
    addError(reading, pointer, 'too_small', minimum)
  else if (typeof maximum === 'number' && value > maximum)
    addError(reading, pointer, 'too_large', maximum)
  else if (typeof multipleOf === 'number' && !isMultiple(value, multipleOf))
    addError(reading, pointer, 'no_multiple', multipleOf)
}

function checkedText(reading: Reading, { flat }: Of<'text'>, text: string, pointer: string) {
  const { minLength, maxLength, enum: values } = flat.schema
  const length = Array.from(text).length
  if (typeof minLength === 'number' && length < minLength)
    addError(reading, pointer, 'too_short', minLength)
  else if (typeof maxLength === 'number' && length > maxLength)
    addError(reading, pointer, 'too_long', maxLength)
  else if (Array.isArray(values) && !values.some((each) => isSame(each, text)))
    addError(reading, pointer, 'not_offered')
  else if (!isText(text)) addError(reading, pointer, 'bad_character')
  return text
}

/** Lines that are not empty. Those after too many faulty ones stay as they are. */
function checkedList(reading: Reading, shape: Of<'lines'>, lines: readonly string[], at: string) {
  const filled = lines.filter((line) => line.trim() !== '')
  const item = shapeOf(reading.work, shape.item)
  const mark = reading.errors.length
  const values = filled.map((line, index) => {
    if (index >= maxLines || reading.errors.length - mark >= maxErrors) return line
    if (item.kind === 'number') return numberOf(reading, item, line, at)
    if (item.kind === 'text') return checkedText(reading, item, line, at)
    if (item.kind === 'choice' && !item.options.some(({ value }) => value === line))
      addError(reading, at, 'not_offered')
    return line
  })
  const { minItems, maxItems } = shape.flat.schema
  const maximum = Math.min(maxLines, typeof maxItems === 'number' ? maxItems : maxLines)
  if (typeof minItems === 'number' && values.length < minItems)
    addError(reading, at, 'too_few', minItems)
  if (values.length > maximum) addError(reading, at, 'too_many', maximum)
  return values.filter((value) => value !== undefined)
}
