import { describeGroup, describeRows } from './describe-parts.ts'
import { blankOf, fieldOption, isShowable, limitsOf, linesOf, optionText } from './controls.ts'
import type { Blank, Field, Form, JsonField } from './form.ts'
import { own, startWork, tokensOf, type Schema } from './json-schema.ts'
import { withoutSecrets } from './secrets.ts'
import { shapeOf, type Shape } from './shape.ts'
import { startValue } from './start-value.ts'
import {
  commonOf,
  freshState,
  maxFormDepth,
  type Description,
  type FormState,
  type Spot,
} from './description.ts'

export interface DescribeOptions {
  /** The value that an update changes: what it has of secrets goes on where nothing is entered. */
  readonly kept?: unknown
  /** What read() gave beside the value, for a form that is shown again. */
  readonly state?: FormState | undefined
}

// A form larger than this is edited as JSON from here on.
const maxFields = 400

/**
 * The form of a plan's parameters.
 * @param schema  the plan's own, which Kontor has vetted when it read the catalog
 * @param value  the parameters to show; undefined: a new form, which has the defaults
 */
export function describe(schema: Schema, value: unknown, options: DescribeOptions = {}): Form {
  const work = startWork(schema)
  const { state = freshState, kept } = options
  const description: Description = {
    work,
    state,
    kept,
    fields: 0,
    describe: (part, each, at) => describeField(description, part, each, at),
  }
  // Its own work: where the defaults are too much, the fields are drawn without them.
  const shown = value ?? startValue(startWork(schema), schema, true) ?? {}
  const spot = { pointer: '', isRequired: true, depth: 0, isSecret: false, isInRow: false }
  const shape = shapeOf(work, schema)
  const asJson = () => jsonField(description, schema, shape, shown, spot)
  if (state.isJson) return { root: asJson(), switch: 'to_fields' }
  const root = describeField(description, schema, shown, spot)
  return root.kind === 'group' ? { root, switch: 'to_json' } : { root: asJson(), switch: 'none' }
}

function describeField(
  description: Description,
  schema: Schema,
  value: unknown,
  given: Spot,
): Field {
  const shape = shapeOf(description.work, schema)
  const spot = { ...given, isSecret: given.isSecret || shape.isSecret }
  description.fields++
  if (shape.kind === 'object' || shape.kind === 'rows') {
    const isTooLarge = spot.depth > maxFormDepth || description.fields > maxFields
    const field =
      isTooLarge || description.state.texts.has(`json:${spot.pointer}`)
        ? undefined
        : shape.kind === 'object'
          ? describeGroup(description, shape, value, spot)
          : describeRows(description, shape, value, spot)
    return field ?? jsonField(description, schema, shape, value, spot)
  }
  return (
    describeScalar(description, shape, value, spot) ??
    jsonField(description, schema, shape, value, spot)
  )
}

function describeScalar(
  description: Description,
  shape: Shape,
  given: unknown,
  spot: Spot,
): Field | undefined {
  const typed = description.state.texts.get(spot.pointer)
  const value = spot.isSecret ? undefined : given
  const blank = blankOf(value)
  if (typed === undefined && blank === undefined && !isShowable(shape, value)) return undefined
  const common = { ...commonOf(shape, spot), blank }
  switch (shape.kind) {
    case 'const': {
      if (value !== undefined || !spot.isRequired) return chosenConst(shape, value, spot, blank)
      return { ...common, kind: 'const', option: fieldOption(shape.value, shape.flat.schema) }
    }
    case 'choice': {
      const options = shape.options.map(({ value: each, words }) => fieldOption(each, words))
      const chosen = typed ?? (value === undefined ? undefined : optionText(value))
      return { ...common, kind: 'choice', options, chosen, blank: undefined }
    }
    case 'boolean': {
      const hasDefault = typeof shape.flat.schema['default'] === 'boolean'
      const isCheckbox = typeof value === 'boolean' && (spot.isRequired || hasDefault)
      return { ...common, kind: 'boolean', isCheckbox, value: value as boolean | undefined }
    }
    case 'number':
    case 'text':
      return textOrNumber(description, shape, value, spot, blank)
    case 'lines': {
      if (spot.isSecret) return undefined
      const allowed = linesOf(description.work, shape.item)
      return { ...common, kind: 'lines', lines: typed ?? ((value ?? []) as string[]), allowed }
    }
    default:
      return undefined
  }
}

type ConstShape = Extract<Shape, { kind: 'const' }>

/** One value, which may be left out where it is not required. */
function chosenConst(
  shape: ConstShape,
  value: unknown,
  spot: Spot,
  blank: Blank | undefined,
): Field {
  const option = fieldOption(shape.value, shape.flat.schema)
  const common = commonOf(shape, spot)
  if (spot.isRequired) return { ...common, kind: 'const', option }
  const chosen = value === undefined ? undefined : optionText(value)
  return { ...common, kind: 'choice', options: [option], chosen, blank }
}

function textOrNumber(
  description: Description,
  shape: Extract<Shape, { kind: 'text' | 'number' }>,
  value: unknown,
  spot: Spot,
  blank: Blank | undefined,
): Field {
  const typed = description.state.texts.get(spot.pointer)
  const common = { ...commonOf(shape, spot), blank, limits: limitsOf(shape.flat.schema) }
  const { isSecret } = spot
  if (shape.kind === 'number' && !isSecret) {
    const { isInteger } = shape
    return { ...common, kind: 'number', isInteger, value: typed ?? (value as number | undefined) }
  }
  const text = isSecret ? '' : (typed ?? (typeof value === 'string' ? value : ''))
  const { maxLength = 0 } = common.limits
  const isMultiline = !isSecret && (text.includes('\n') || text.length > 100 || maxLength > 255)
  const isDate = shape.kind === 'text' && shape.input === 'date'
  const isOddDate = isDate && !/^(\d{4}-\d{2}-\d{2})?$/.test(text)
  const usual = shape.kind === 'number' || isOddDate ? 'text' : shape.input
  const input = isSecret ? 'password' : usual
  const isKept = isSecret && !spot.isInRow && hasKept(description.kept, spot.pointer)
  return { ...common, kind: 'text', input, isMultiline, text, isSecret, isKept }
}

function hasKept(kept: unknown, pointer: string): boolean {
  let at = kept
  for (const token of tokensOf(pointer)) at = own(at, token)
  return at !== undefined
}

/** What no other field can draw. */
function jsonField(
  description: Description,
  schema: Schema,
  shape: Shape,
  value: unknown,
  spot: Spot,
): JsonField {
  const { work, state } = description
  const { isSecret } = spot
  const shown = isSecret ? undefined : withoutSecrets(work, schema, value)
  const typed = isSecret ? undefined : state.texts.get(`json:${spot.pointer}`)
  const text = typed ?? (shown === undefined ? '' : JSON.stringify(shown, undefined, 2))
  const common = commonOf(shape, spot)
  const isKept = isSecret && !spot.isInRow && hasKept(description.kept, spot.pointer)
  return { ...common, kind: 'json', name: `json:${spot.pointer}`, text, isSecret, isKept }
}
