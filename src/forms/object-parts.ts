// The properties that an object has in one state of the form: its own, those of the branches that
// are chosen, and those that its conditions add.
import { createHash } from 'node:crypto'
import { consequence, fits } from './fits.ts'
import { combine, flatten, type Condition, type Flat } from './flatten.ts'
import {
  anything,
  isObject,
  own,
  stringsOf,
  subschemas,
  type Schema,
  type Work,
} from './json-schema.ts'

export interface ChosenBranch {
  readonly branches: readonly Schema[]
  readonly index: number
}

export interface ObjectParts {
  readonly schema: Schema
  readonly properties: ReadonlyMap<string, Schema>
  readonly required: ReadonlySet<string>
  readonly choices: readonly ChosenBranch[]
  /** What was chosen, and which fields belong to it: a page drawn for another is drawn again. */
  readonly shown: string
}

/** The index of the branch to draw; `number` counts the choices of the object. */
export type Choose = (branches: readonly Schema[], number: number) => number

// Branches and conditions may hold further ones.
const maxChoices = 10
const maxConditions = 40

export function partsOf(work: Work, flat: Flat, value: unknown, choose: Choose): ObjectParts {
  let all: Flat = { schema: flat.schema, alternatives: [], conditions: [] }
  const choices: ChosenBranch[] = []
  let decided = 0
  const open = { alternatives: [...flat.alternatives], conditions: [...flat.conditions] }
  const add = (part: Schema | undefined) => {
    const added = part && flatten(work, part)
    if (added === undefined) return
    all = combine(all, { ...added, alternatives: [], conditions: [] })
    open.alternatives.push(...added.alternatives)
    open.conditions.push(...added.conditions)
  }
  const decide = (condition: Condition) => {
    const part = consequence(work, condition, value)
    decided++
    add(part)
  }
  while (open.alternatives.length > 0 || open.conditions.length > 0) {
    const branches = open.alternatives.shift()
    const condition = branches === undefined ? open.conditions.shift() : undefined
    if (branches !== undefined && choices.length < maxChoices) {
      const index = choose(branches, choices.length)
      choices.push({ branches, index })
      add(branches[index])
    } else if (condition !== undefined && decided < maxConditions) decide(condition)
  }
  const named = namedParts(all.schema)
  const fields = flat.conditions.length === 0 && choices.length === 0 ? '' : keyOfFields(named)
  return {
    ...named,
    schema: all.schema,
    choices,
    shown: [...choices.map(keyOf), fields].filter((key) => key !== '').join(' '),
  }
}

function namedParts(schema: Schema): Pick<ObjectParts, 'properties' | 'required'> {
  const properties = new Map(subschemas(schema, 'properties'))
  const required = new Set(stringsOf(schema['required']).filter((key) => key !== '__proto__'))
  // Whatever it may be, it is demanded.
  for (const key of required) if (!properties.has(key)) properties.set(key, anything)
  return { properties, required }
}

/** The branch that a value is of: of those that it fits the one that knows most of its keys. */
export function branchOf(work: Work, branches: readonly Schema[], value: unknown): number {
  const keys = isObject(value) ? Object.keys(value) : []
  let best = { index: 0, known: -1 }
  for (const [index, branch] of branches.entries()) {
    if (!fits(work, branch, value)) continue
    const properties = flatten(work, branch)?.schema['properties']
    const known = keys.filter((key) => own(properties, key) !== undefined).length
    if (known > best.known) best = { index, known }
  }
  return best.index
}

function keyOfFields({ properties }: Pick<ObjectParts, 'properties'>): string {
  return branchKey(Object.fromEntries(properties))
}

function keyOf({ branches, index }: ChosenBranch): string {
  const branch = branches[index]
  return branch === undefined ? '' : branchKey(branch)
}

/** What a control sends for a branch: another when the provider changes it. */
export function branchKey(branch: Schema): string {
  return createHash('sha256').update(JSON.stringify(branch)).digest('base64url').slice(0, 10)
}

/** The name of the control that chooses a branch. */
export function choiceName(pointer: string, number: number): string {
  return `choice${number === 0 ? '' : number}:${pointer}`
}
