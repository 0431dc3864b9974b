import { readBody } from './body.ts'
import { maxFormDepth, type FormState, type Spot } from './description.ts'
import type { FormError } from './form.ts'
import { isObject, mayGoOn, startWork, type Schema } from './json-schema.ts'
import { readJson, readObject, readRows } from './read-parts.ts'
import { readScalar } from './read-scalar.ts'
import { addError, maxErrors, type Reading } from './reading.ts'
import { withKeptSecrets } from './secrets.ts'
import { shapeOf } from './shape.ts'

export interface ReadOptions {
  /** The value that an update changes: what it has of secrets goes on where nothing is entered. */
  readonly kept?: unknown
}

export interface ReadForm {
  /** As the plan's provider gets it. What could not be read is not in it. */
  readonly value: Schema
  readonly errors: readonly FormError[]
  /**
   * Whether people want to go on. Otherwise they pressed a button that changes the form, or chose
   * something to which other fields belong: the form is to be shown again.
   */
  readonly isComplete: boolean
  /** For describe(), when the form is shown again. */
  readonly state: FormState
}

/**
 * Reads what a browser sends of the form that render() made of the same schema.
 *
 * The errors are those that can be found without running the provider's patterns. The check of the
 * order has the last word.
 * @param body  of the type application/x-www-form-urlencoded; other names in it are left alone
 */
export function read(schema: Schema, body: URLSearchParams, options: ReadOptions = {}): ReadForm {
  const reading: Reading = {
    work: startWork(schema),
    body: readBody(body),
    kept: options.kept,
    errors: [],
    texts: new Map(),
    choices: new Map(),
    secrets: [],
    isChanged: false,
    read: (part, spot) => readPart(reading, part, spot),
  }
  const spot = { pointer: '', isRequired: true, depth: 0, isSecret: false, isInRow: false }
  // Its own work: where the reading was too much, an update must not lose its secrets.
  const value = withKeptSecrets(
    startWork(schema),
    schema,
    readPart(reading, schema, spot),
    options.kept,
  )
  const wasJson = reading.body.get('json:') !== undefined
  const wantsJson = reading.body.get('as:json') !== undefined
  const wantsFields = reading.body.get('as:fields') !== undefined
  const isBroken = reading.texts.has('json:')
  const isRedrawn = reading.isChanged || wantsJson || wantsFields || hasPressed(body, 'refresh:')
  return {
    value: isObject(value) ? value : {},
    errors: errorsOf(reading, isRedrawn),
    isComplete: !isRedrawn && reading.errors.length === 0,
    state: {
      texts: reading.texts,
      choices: reading.choices,
      isJson: wantsJson || (wasJson && (!wantsFields || isBroken)),
    },
  }
}

function readPart(reading: Reading, schema: Schema, given: Spot): unknown {
  const shape = shapeOf(reading.work, schema)
  const spot = { ...given, isSecret: given.isSecret || shape.isSecret }
  if (reading.body.get(`json:${spot.pointer}`) !== undefined) return readJson(reading, spot)
  if (!mayGoOn(reading.work)) return leaveUnread(reading, spot)
  const isTooDeep = spot.depth > maxFormDepth
  if (isTooDeep && (shape.kind === 'object' || shape.kind === 'rows'))
    return readJson(reading, spot)
  switch (shape.kind) {
    case 'object':
      return readObject(reading, schema, shape, spot)
    case 'rows':
      return readRows(reading, shape, spot)
    case 'json':
      return readJson(reading, spot)
    default:
      return readScalar(reading, shape, spot)
  }
}

/** Too much work. What was entered is not lost in silence. */
function leaveUnread(reading: Reading, { pointer, isRequired }: Spot): undefined {
  if (isRequired || reading.body.has(pointer)) addError(reading, pointer, 'invalid')
}

/** A form that is shown again for its fields has only those errors that cannot wait. */
function errorsOf({ errors, secrets }: Reading, isRedrawn: boolean): readonly FormError[] {
  if (!isRedrawn && errors.length === 0) return []
  const again = secrets
    .filter((pointer) => !errors.some((error) => error.pointer === pointer))
    .map((pointer) => ({ pointer, code: 'enter_again' as const }))
  return isRedrawn ? again : [...errors.slice(0, maxErrors), ...again]
}

function hasPressed(body: URLSearchParams, word: string): boolean {
  return [...body.keys()].some((name) => name.startsWith(word))
}
