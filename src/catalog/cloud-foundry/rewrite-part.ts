// One schema, or one part of it, in the keywords of draft-04.
import { rewriteArrays } from './rewrite-arrays.ts'
import { rewriteConditions } from './rewrite-conditions.ts'
import { rewriteNames } from './rewrite-names.ts'
import { rewriteNumbers } from './rewrite-numbers.ts'
import { movedReference } from './references.ts'
import {
  isSchema,
  isSince,
  refuse,
  textOf,
  type Building,
  type Rewriting,
  type Schema,
} from './rewriting.ts'

type Handler = (building: Building, value: unknown, keyword: string) => void

const drop: Handler = () => {}
const keep: Handler = ({ built }, value, keyword) => {
  built[keyword] = value
}
const one: Handler = ({ built, rewrite }, value, keyword) => {
  built[keyword] = rewrite(value)
}
const oneOrBoolean: Handler = ({ built, rewrite }, value, keyword) => {
  built[keyword] = typeof value === 'boolean' ? value : rewrite(value)
}
const list: Handler = ({ built, rewrite }, value, keyword) => {
  built[keyword] = Array.isArray(value) ? value.map((part) => rewrite(part)) : value
}
const named: Handler = ({ built, rewrite }, value, keyword) => {
  built[keyword] = isSchema(value)
    ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, rewrite(part)]))
    : value
}

const definitions: Handler = (building, value) => {
  const { rewriting, built } = building
  const before = built['definitions']
  named(building, value, 'definitions')
  if (!isSchema(before) || !isSchema(value)) return
  if (Object.keys(value).some((name) => Object.hasOwn(before, name)))
    refuse(rewriting, '$defs and definitions hold the same name')
  built['definitions'] = { ...before, ...(built['definitions'] as Schema) }
}

const required: Handler = ({ built }, value) => {
  // draft-04 wants at least one name.
  if (!Array.isArray(value)) built['required'] = value
  else if (value.length > 0) built['required'] = [...new Set(value)]
}

const enumeration: Handler = ({ built, beside }, value) => {
  if (!Array.isArray(value)) built['enum'] = value
  else if (value.length === 0) beside.push({ not: {} })
  else built['enum'] = [...new Map(value.map((each) => [textOf(each), each])).values()]
}

const constant: Handler = ({ rewriting, given, built, beside }, value) => {
  if (!isSince(rewriting, 'draft-06')) built['const'] = value
  else if (given['enum'] === undefined) built['enum'] = [value]
  else beside.push({ enum: [value] })
}

const id: Handler = ({ rewriting, given }, value, keyword) => {
  const isKeyword = keyword === (isSince(rewriting, 'draft-06') ? '$id' : 'id')
  const isAnchor = typeof value === 'string' && value.startsWith('#')
  if (isKeyword && !isAnchor && given !== rewriting.root)
    refuse(rewriting, `a part of it has an ${keyword} of its own`)
}

const reference: Handler = ({ rewriting, given, built, beside }, value) => {
  const $ref = movedReference(rewriting, value)
  // Before 2019-09 what stands beside a reference has no meaning.
  const isAlone = !isSince(rewriting, '2019-09') || Object.keys(given).length === 1
  if (isAlone) built['$ref'] = $ref
  else beside.push({ $ref })
}

const dynamicReference: Handler = ({ rewriting, beside }, value) => {
  // No part has an id of its own, so there is only one place where it can lead.
  beside.push({ $ref: movedReference(rewriting, value) })
}

const handlers: Readonly<Record<string, Handler>> = {
  $schema: drop,
  $anchor: drop,
  $dynamicAnchor: drop,
  $recursiveAnchor: drop,
  $vocabulary: drop,
  $comment: drop,
  contentSchema: drop,
  $id: id,
  id,
  $ref: reference,
  $dynamicRef: dynamicReference,
  $recursiveRef: dynamicReference,
  $defs: definitions,
  definitions,
  properties: named,
  patternProperties: named,
  additionalProperties: oneOrBoolean,
  allOf: list,
  anyOf: list,
  oneOf: list,
  not: one,
  required,
  enum: enumeration,
  const: constant,
  ...rewriteNumbers,
  ...rewriteArrays,
  ...rewriteNames,
  ...rewriteConditions,
}

export function rewritePart(part: unknown, rewriting: Rewriting): Schema {
  if (part === true) return {}
  if (part === false) return { not: {} }
  if (!isSchema(part)) return refuse(rewriting, 'a part of it is no schema')
  if (rewriting.left-- <= 0) return refuse(rewriting, 'it becomes too long')
  if (rewriting.problem !== undefined) return {}
  const built: Schema = {}
  const beside: Schema[] = []
  const rewrite = (inner: unknown): Schema => rewritePart(inner, rewriting)
  const building: Building = { rewriting, given: part, built, beside, rewrite }
  for (const [keyword, value] of Object.entries(part)) {
    if (keyword === '__proto__') continue
    const handler = Object.hasOwn(handlers, keyword) ? handlers[keyword] : keep
    handler?.(building, value, keyword)
  }
  const { allOf = [] } = built
  if (!Array.isArray(allOf)) return refuse(rewriting, 'allOf is no list')
  if (beside.length > 0) built['allOf'] = [...allOf, ...beside]
  return built
}
