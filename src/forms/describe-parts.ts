// Objects and lists of objects of a form.
import { isName, otherEntries } from './controls.ts'
import { commonOf, type Description, type Spot } from './description.ts'
import type { Alternatives, Field, GroupField, JsonField, RowsField } from './form.ts'
import { childPointer, isObject, own, type Schema } from './json-schema.ts'
import { branchLabel } from './branch-label.ts'
import {
  branchKey,
  branchOf,
  choiceName,
  partsOf,
  type Choose,
  type ObjectParts,
} from './object-parts.ts'
import { withoutSecrets } from './secrets.ts'
import { shapeOf, type Shape } from './shape.ts'
import { isPlain, startValue } from './start-value.ts'

export const maxRows = 100
const maxProperties = 100
// An object that may be left out is drawn at once if it is small, and nothing in it is demanded.
const maxOpen = 12
const maxOpenDepth = 2

export function describeGroup(
  description: Description,
  shape: Shape,
  value: unknown,
  spot: Spot,
): GroupField | undefined {
  if (value !== undefined && !isObject(value)) return undefined
  const { work, state } = description
  const parts = partsOf(work, shape.flat, value ?? {}, chooseBy(description, spot.pointer, value))
  if (parts.properties.size > maxProperties || ![...parts.properties.keys()].every(isName))
    return undefined
  const isOpen = parts.required.size === 0 && mayBeOpen(shape, parts, spot)
  const optional = value !== undefined ? 'removable' : isOpen ? 'open' : 'closed'
  const group = {
    ...commonOf(shape, spot),
    kind: 'group' as const,
    state: spot.isRequired ? ('fixed' as const) : (optional as GroupField['state']),
    shown: parts.shown,
  }
  if (group.state === 'closed') return { ...group, choices: [], fields: [], more: undefined }
  const skipped = new Set<string>()
  const fields: Field[] = []
  for (const [key, part] of parts.properties) {
    if (isSkipped(description, part, parts.required.has(key))) skipped.add(key)
    else fields.push(describeChild(description, parts, key, own(value, key), spot))
  }
  const typed = state.texts.get(`more:${spot.pointer}`)
  const known = new Set(parts.properties.keys())
  return {
    ...group,
    choices: parts.choices.map((_, number) => alternativesOf(description, parts, number, spot)),
    fields,
    more: moreField(description, shape, parts, otherEntries(value, known), spot, typed),
  }
}

function describeChild(
  description: Description,
  { properties, required }: ObjectParts,
  key: string,
  value: unknown,
  spot: Spot,
): Field {
  return description.describe(properties.get(key) ?? {}, value, {
    ...spot,
    pointer: childPointer(spot.pointer, key),
    isRequired: required.has(key),
    depth: spot.depth + 1,
  })
}

/** The provider sets it, unless an order must have it and nothing else says what it is. */
export function isSkipped({ work }: Pick<Description, 'work'>, part: Schema, isRequired: boolean) {
  return (
    shapeOf(work, part).isReadOnly && !(isRequired && startValue(work, part, true) === undefined)
  )
}

function mayBeOpen(shape: Shape, parts: ObjectParts, { depth }: Spot): boolean {
  return isPlain(shape) && parts.properties.size <= maxOpen && depth <= maxOpenDepth
}

function chooseBy({ work, state }: Description, pointer: string, value: unknown): Choose {
  return (branches, number) => {
    const key = state.choices.get(choiceName(pointer, number))
    const chosen = branches.findIndex((branch) => branchKey(work, branch) === key)
    return chosen === -1 ? branchOf(work, branches, value) : chosen
  }
}

function alternativesOf(
  { work }: Description,
  { choices }: ObjectParts,
  number: number,
  { pointer }: Spot,
): Alternatives {
  const { branches = [], index = 0 } = choices[number] ?? {}
  const [chosen] = branches.slice(index)
  return {
    name: choiceName(pointer, number),
    options: branches.map((branch, at) => ({
      text: branchKey(work, branch),
      label: branchLabel(work, branch, at),
    })),
    chosen: chosen === undefined ? '' : branchKey(work, chosen),
  }
}

/** A field for entries that have none, where there are some or the schema invites them. */
function moreField(
  { work }: Description,
  shape: Shape,
  parts: ObjectParts,
  others: Schema | undefined,
  spot: Spot,
  typed: string | undefined,
): JsonField | undefined {
  const { additionalProperties, patternProperties } = parts.schema
  const isInvited =
    additionalProperties === true || isObject(additionalProperties) || isObject(patternProperties)
  if (others === undefined && typed === undefined && !isInvited) return undefined
  const isSecret = spot.isSecret
  const shown =
    isSecret || others === undefined ? undefined : withoutSecrets(work, parts.schema, others)
  return {
    ...commonOf(shape, { ...spot, isRequired: false }),
    help: undefined,
    kind: 'json',
    name: `more:${spot.pointer}`,
    text: typed ?? (shown === undefined ? '' : JSON.stringify(shown, undefined, 2)),
    isSecret,
    isKept: false,
  }
}

export function describeRows(
  description: Description,
  shape: Shape,
  value: unknown,
  spot: Spot,
): RowsField | undefined {
  if (shape.kind !== 'rows' || spot.isSecret) return undefined
  const rows: unknown = value ?? []
  if (!Array.isArray(rows) || rows.length > maxRows || !rows.every(isObject)) return undefined
  const maximum = Number(shape.flat.schema['maxItems'] ?? maxRows)
  return {
    ...commonOf(shape, spot),
    kind: 'rows',
    rows: rows.map((row: unknown, index) =>
      description.describe(shape.item, row, {
        pointer: childPointer(spot.pointer, index),
        isRequired: true,
        depth: spot.depth + 1,
        isSecret: false,
        isInRow: true,
      }),
    ),
    mayAdd: rows.length < Math.min(maxRows, maximum),
    blank: Array.isArray(value) && value.length === 0 ? '[]' : undefined,
  }
}
