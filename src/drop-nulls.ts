// Brokers and platforms in Go and Java send `null`, or an empty value, for optional fields that
// they have nothing for. Both count as absent (DEC-51).
import { validatorOf, type SchemaName } from './schemas.ts'

export interface WithoutNulls {
  /** The same object if there was nothing to drop. */
  readonly value: unknown
  /** JSON pointers of the dropped fields, in the order of the schema. */
  readonly dropped: readonly string[]
}

/**
 * Drops each optional property that the schema names and whose value stands for nothing: `null`, an
 * empty string where `default` is one, or an object that must hold something and holds nothing but
 * `null` and empty strings. An object that is empty afterwards is dropped, too. Everything else
 * stays as it came: fields that the schema does not name, objects of which it names no property
 * (`parameters`, `credentials`, metadata of a catalog), and `null` in a required property, which
 * the validation then names.
 */
export function dropNulls(name: SchemaName, value: unknown): WithoutNulls {
  return nullDropper(name)(value)
}

/** The same for many values of one schema, which is read once. */
export function nullDropper(name: SchemaName): (value: unknown) => WithoutNulls {
  const shape = shapeOf(validatorOf(name).schema as Schema)
  return (value) => {
    const dropped: string[] = []
    return { value: keptOf(shape, value, '', dropped), dropped }
  }
}

interface Schema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly default?: unknown
}

/** What counts of a schema here; read from it once. */
interface Shape {
  readonly properties: ReadonlyArray<readonly [name: string, shape: Shape, isOptional: boolean]>
  readonly items: Shape | undefined
  readonly isEmptyTextAbsent: boolean
  readonly mustHoldSomething: boolean
}

const shapes = new WeakMap<Schema, Shape>()

// No schema refers to itself, so this comes to an end.
function shapeOf(schema: Schema): Shape {
  if (schema.$ref !== undefined)
    return shapeOf(validatorOf(schema.$ref.replace(/#$/, '') as SchemaName).schema as Schema)
  const known = shapes.get(schema)
  if (known !== undefined) return known
  const { properties = {}, required = [], items } = schema
  const shape: Shape = {
    properties: Object.entries(properties).map(
      ([name, property]) => [name, shapeOf(property), !required.includes(name)] as const,
    ),
    items: items && shapeOf(items),
    isEmptyTextAbsent: schema.default === '',
    mustHoldSomething: required.length > 0,
  }
  shapes.set(schema, shape)
  return shape
}

function keptOf(shape: Shape, value: unknown, at: string, dropped: string[]): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return keptItems(shape.items, value, at, dropped)
  const whole = value as Readonly<Record<string, unknown>>
  let kept: Record<string, unknown> = whole
  for (const [name, property, isOptional] of shape.properties) {
    if (!Object.hasOwn(whole, name)) continue
    const part = whole[name]
    const mayBeNothing = part === null || part === '' || property.mustHoldSomething
    const isDropped = isOptional && mayBeNothing && isNothing(property, part)
    if (isDropped) dropped.push(`${at}/${name}`)
    const keptPart = isDropped ? undefined : keptOf(property, part, `${at}/${name}`, dropped)
    if (keptPart === part) continue
    if (kept === whole) kept = { ...whole }
    if (isDropped || (isOptional && isObject(keptPart) && isEmpty(keptPart))) delete kept[name]
    else kept[name] = keptPart
  }
  return kept
}

function keptItems(
  shape: Shape | undefined,
  items: readonly unknown[],
  at: string,
  dropped: string[],
): readonly unknown[] {
  if (shape === undefined) return items
  let kept: unknown[] | undefined
  for (const [index, item] of items.entries()) {
    const keptItem = keptOf(shape, item, `${at}/${index}`, dropped)
    if (keptItem === item) continue
    kept ??= [...items]
    kept[index] = keptItem
  }
  return kept ?? items
}

function isNothing(shape: Shape, value: unknown): boolean {
  if (value === null) return true
  if (value === '') return shape.isEmptyTextAbsent
  return (
    shape.mustHoldSomething &&
    isObject(value) &&
    Object.values(value).every((part) => part === null || part === '')
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function isEmpty(value: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(value).length === 0
}
