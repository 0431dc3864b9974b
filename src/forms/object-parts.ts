// The properties that an object has in one state of the form: its own, those of the branches that
// are chosen, and those that its conditions add.
import { createHash } from 'node:crypto'
import { consequence, fits } from './fits.ts'
import { combine, flatten, type Flat } from './flatten.ts'
import {
  anything,
  isObject,
  once,
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
  const added: Flat[] = []
  const choices: ChosenBranch[] = []
  const decisions: string[] = []
  const open = { alternatives: [...flat.alternatives], conditions: [...flat.conditions] }
  const add = (part: Schema | undefined, decision: string) => {
    decisions.push(decision)
    const inner = part && flatten(work, part)
    if (inner === undefined) return
    added.push({ ...inner, alternatives: [], conditions: [] })
    open.alternatives.push(...inner.alternatives)
    open.conditions.push(...inner.conditions)
  }
  while (open.alternatives.length > 0 || open.conditions.length > 0) {
    const branches = open.alternatives.shift()
    const condition = branches === undefined ? open.conditions.shift() : undefined
    if (branches !== undefined && choices.length < maxChoices) {
      const index = choose(branches, choices.length)
      choices.push({ branches, index })
      add(branches[index], String(index))
    } else if (condition !== undefined && decisions.length - choices.length < maxConditions) {
      const part = consequence(work, condition, value)
      add(part, part === undefined ? 'none' : part === condition.met ? 'met' : 'unmet')
    }
  }
  // The same decisions make the same parts, which each row of a list would merge and hash anew.
  const assembled = assembledOf(work, flat.schema)
  const key = decisions.join(' ')
  const parts = assembled.get(key) ?? assemble(work, flat, added, choices)
  assembled.set(key, parts)
  return parts
}

/** Of one object, by its decisions. */
const assembledOf = once(() => new Map<string, ObjectParts>())

function assemble(
  work: Work,
  flat: Flat,
  added: readonly Flat[],
  choices: readonly ChosenBranch[],
): ObjectParts {
  const bare: Flat = { schema: flat.schema, alternatives: [], conditions: [] }
  const { schema } = added.reduce((all, each) => combine(all, each), bare)
  const named = namedParts(schema)
  const isFixed = flat.conditions.length === 0 && choices.length === 0
  const fields = isFixed ? '' : keyOf(Object.fromEntries(named.properties))
  const chosen = choices.map(({ branches, index }) => {
    const branch = branches[index]
    return branch === undefined ? '' : branchKey(work, branch)
  })
  const shown = [...chosen, fields].filter((each) => each !== '').join(' ')
  return { ...named, schema, choices, shown }
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

function keyOf(schema: Schema): string {
  return createHash('sha256').update(JSON.stringify(schema)).digest('base64url').slice(0, 10)
}

/** What a control sends for a branch: another when the provider changes it. */
export const branchKey: (work: Work, branch: Schema) => string = once((_, branch) => keyOf(branch))

/** The name of the control that chooses a branch. */
export function choiceName(pointer: string, number: number): string {
  return `choice${number === 0 ? '' : number}:${pointer}`
}
