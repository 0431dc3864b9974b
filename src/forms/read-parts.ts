// Objects, lists of objects, and JSON texts.
import { maxRows, isSkipped } from './describe-parts.ts'
import type { Spot } from './description.ts'
import { isSame } from './fits.ts'
import { childPointer, isObject, type Schema } from './json-schema.ts'
import { branchKey, choiceName, partsOf, type ObjectParts } from './object-parts.ts'
import { addError, blankAt, keptAt, type Reading } from './reading.ts'
import type { Shape } from './shape.ts'
import { startValue } from './start-value.ts'
import { validateValue } from '../storable.ts'
import { withoutPrototypeKeys } from '../without-prototype-keys.ts'

const maxRounds = 4

export function readObject(reading: Reading, schema: Schema, shape: Shape, spot: Spot): unknown {
  const { body } = reading
  const { pointer, isRequired } = spot
  if (!isRequired && !body.has(pointer)) return undefined
  if (body.get(`remove:${pointer}`) !== undefined && !isRequired) {
    reading.isChanged = true
    return undefined
  }
  if (body.get(`add:${pointer}`) !== undefined) {
    reading.isChanged = true
    return startValue(reading.work, { ...schema, default: undefined }, true) ?? {}
  }
  if (body.get(`closed:${pointer}`) !== undefined && !isRequired) return undefined
  const marks = { errors: reading.errors.length, secrets: reading.secrets.length }
  let value: Schema = {}
  let parts = partsAt(reading, shape, value, pointer)
  // What is read may meet a condition, which brings other properties.
  for (let round = 0; round < maxRounds; round++) {
    reading.errors.length = marks.errors
    reading.secrets.length = marks.secrets
    value = readProperties(reading, parts, spot)
    const next = partsAt(reading, shape, value, pointer)
    const isSettled = next.shown === parts.shown
    parts = next
    if (isSettled) break
  }
  value = withMore(reading, parts, value, pointer)
  if (isOtherForm(reading, parts, pointer)) {
    reading.isChanged = true
    value = withFresh(reading, parts, value, pointer)
  }
  const isThere = isRequired || body.get(`present:${pointer}`) !== undefined
  if (isThere || !isSame(value, {})) return value
  reading.errors.length = marks.errors
  return blankAt(reading, pointer)
}

function partsAt(reading: Reading, { flat }: Shape, value: Schema, pointer: string): ObjectParts {
  return partsOf(reading.work, flat, value, (branches, number) => {
    const name = choiceName(pointer, number)
    const key = reading.body.get(name)
    if (key !== undefined) reading.choices.set(name, key)
    return Math.max(
      0,
      branches.findIndex((branch) => branchKey(reading.work, branch) === key),
    )
  })
}

function readProperties(reading: Reading, parts: ObjectParts, spot: Spot): Schema {
  const entries: (readonly [string, unknown])[] = []
  for (const [key, part] of parts.properties) {
    const isRequired = parts.required.has(key)
    const pointer = childPointer(spot.pointer, key)
    const value = isSkipped(reading, part, isRequired)
      ? isRequired
        ? startValue(reading.work, part, true)
        : undefined
      : reading.read(part, { ...spot, pointer, isRequired, depth: spot.depth + 1 })
    if (value !== undefined) entries.push([key, value])
  }
  return Object.fromEntries(entries)
}

function withMore(reading: Reading, parts: ObjectParts, value: Schema, pointer: string): Schema {
  const name = `more:${pointer}`
  const text = reading.body.get(name)
  if (text === undefined || text.trim() === '') return value
  const more = parsed(text)
  if (isObject(more)) {
    // A field of its own wins.
    const others = Object.entries(more).filter(
      ([key]) => !parts.properties.has(key) && key !== '__proto__',
    )
    return { ...value, ...Object.fromEntries(others) }
  }
  reading.texts.set(name, text)
  addError(reading, pointer, more === undefined ? 'no_json' : 'no_object')
  return value
}

/** Whether other fields belong to what was chosen than those that were shown. */
function isOtherForm({ body }: Reading, parts: ObjectParts, pointer: string): boolean {
  const before = body.get(`shown:${pointer}`)
  return before !== undefined && before !== parts.shown
}

/** Fields that appear now have their defaults. */
function withFresh(reading: Reading, parts: ObjectParts, value: Schema, pointer: string): Schema {
  const fresh = [...parts.properties].flatMap(([key, part]) => {
    if (reading.body.has(childPointer(pointer, key))) return []
    const start = startValue(reading.work, part, parts.required.has(key))
    return start === undefined ? [] : [[key, start] as const]
  })
  return { ...value, ...Object.fromEntries(fresh) }
}

type RowsShape = Extract<Shape, { kind: 'rows' }>

export function readRows(reading: Reading, shape: RowsShape, spot: Spot): unknown {
  const { body, work } = reading
  const { pointer, isRequired } = spot
  const count = Math.min(maxRows, Number(body.get(`rows:${pointer}`) ?? 0) || 0)
  const rows: unknown[] = []
  let dropped: number | undefined
  for (let index = 0; index < count; index++) {
    const row = childPointer(pointer, index)
    const mark = reading.errors.length
    const value = reading.read(shape.item, {
      ...spot,
      pointer: row,
      isRequired: true,
      depth: spot.depth + 1,
      isInRow: true,
    })
    if (body.get(`drop:${row}`) === undefined) rows.push(value ?? {})
    else {
      dropped = index
      reading.isChanged = true
      reading.errors.length = mark
    }
  }
  if (dropped !== undefined) {
    moveUp(reading.texts, pointer, dropped)
    moveUp(reading.choices, pointer, dropped)
  }
  if (body.get(`add:${pointer}`) !== undefined) {
    reading.isChanged = true
    rows.push(startValue(work, shape.item, true) ?? {})
  }
  const { minItems, maxItems } = shape.flat.schema
  if (typeof maxItems === 'number' && rows.length > maxItems)
    addError(reading, pointer, 'too_many', maxItems)
  if (rows.length === 0 && !isRequired) return blankAt(reading, pointer)
  if (typeof minItems === 'number' && rows.length < minItems)
    addError(reading, pointer, 'too_few', minItems)
  return rows
}

/** What belongs to the rows after the dropped one belongs to the rows before. */
function moveUp(texts: Map<string, string>, pointer: string, dropped: number): void {
  const entries = [...texts]
  texts.clear()
  for (const [name, text] of entries) {
    const start = Math.max(0, name.indexOf(':') + 1)
    const rest = name.startsWith(`${pointer}/`, start) ? name.slice(start + pointer.length + 1) : ''
    const [index = ''] = rest.split('/')
    if (rest === '' || Number(index) < dropped) texts.set(name, text)
    else if (Number(index) > dropped)
      texts.set(
        `${name.slice(0, start)}${pointer}/${Number(index) - 1}${rest.slice(index.length)}`,
        text,
      )
  }
}

/** Undefined: no JSON, or such as no order may hold. */
function parsed(text: string): unknown {
  try {
    const value = withoutPrototypeKeys(JSON.parse(text) as unknown)
    return validateValue(value, 'It') === undefined ? value : undefined
  } catch {
    return undefined
  }
}

export function readJson(reading: Reading, spot: Spot): unknown {
  const { pointer, isRequired } = spot
  const name = `json:${pointer}`
  const text = reading.body.get(name) ?? ''
  const kept = keptAt(reading, spot)
  if (text.trim() === '') {
    if (spot.isSecret && kept !== undefined) return kept
    if (isRequired && pointer !== '') addError(reading, pointer, 'required')
    return pointer === '' ? {} : undefined
  }
  if (spot.isSecret) reading.secrets.push(pointer)
  const value = parsed(text)
  if (value !== undefined && (pointer !== '' || isObject(value))) return value
  if (!spot.isSecret) reading.texts.set(name, text)
  addError(reading, pointer, value === undefined ? 'no_json' : 'no_object')
  return pointer === '' ? {} : undefined
}
