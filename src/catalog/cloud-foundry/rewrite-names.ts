// Keywords about the names of properties, and about properties that no other keyword names.
import { allowsAll, hasApplicators } from './rewrite-arrays.ts'
import { isSchema, isSince, refuse, type Building, type Schema } from './rewriting.ts'

const notes: readonly string[] = ['title', 'description', '$comment', 'type', 'examples', 'default']

function propertyNames(building: Building, value: unknown): void {
  const { rewriting, built, beside, rewrite } = building
  if (!isSince(rewriting, 'draft-06')) {
    built['propertyNames'] = value
    return
  }
  if (allowsAll(value)) return
  const plain = namesOf(value)
  if (plain !== undefined) beside.push(plain)
  else if (rewriting.target === 'draft-06') built['propertyNames'] = rewrite(value)
  else refuse(rewriting, 'it has propertyNames')
}

/** The names as draft-04 can describe them. */
function namesOf(value: unknown): Schema | undefined {
  if (value === false) return { additionalProperties: false }
  if (!isSchema(value) || (value['type'] !== undefined && value['type'] !== 'string'))
    return undefined
  const keywords = Object.keys(value).filter((keyword) => !notes.includes(keyword))
  const [keyword] = keywords
  if (keywords.length !== 1 || keyword === undefined) return undefined
  const limit = value[keyword]
  if (keyword === 'pattern' && typeof limit === 'string')
    return { patternProperties: { [limit]: {} }, additionalProperties: false }
  const names = keyword === 'const' ? [limit] : keyword === 'enum' ? limit : undefined
  return Array.isArray(names) && names.every((name) => typeof name === 'string')
    ? {
        properties: Object.fromEntries(names.map((name) => [name, {}])),
        additionalProperties: false,
      }
    : undefined
}

function unevaluatedProperties(building: Building, value: unknown): void {
  const { rewriting, given, built, rewrite } = building
  if (!isSince(rewriting, '2019-09')) {
    built['unevaluatedProperties'] = value
    return
  }
  if (allowsAll(value) || given['additionalProperties'] !== undefined) return
  if (hasApplicators(given)) refuse(rewriting, 'it has unevaluatedProperties')
  else built['additionalProperties'] = typeof value === 'boolean' ? value : rewrite(value)
}

export const rewriteNames = { propertyNames, unevaluatedProperties }
