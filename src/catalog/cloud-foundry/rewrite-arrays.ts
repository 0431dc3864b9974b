// Keywords about arrays.
import { isSchema, isSince, refuse, type Building, type Schema } from './rewriting.ts'

function items({ rewriting, given, built, rewrite }: Building, value: unknown): void {
  const isLate = isSince(rewriting, '2020-12')
  if (isLate && Array.isArray(value)) {
    refuse(rewriting, 'items is a list, which 2020-12 does not allow')
  } else if (isLate && Array.isArray(given['prefixItems'])) {
    built['additionalItems'] = typeof value === 'boolean' ? value : rewrite(value)
  } else if (!Array.isArray(value)) {
    built['items'] = rewrite(value)
  } else if (value.length > 0) {
    built['items'] = value.map((part) => rewrite(part))
  } else if (given['additionalItems'] !== undefined) {
    // draft-04 wants at least one; without one, all are additional.
    built['items'] = rewrite(given['additionalItems'])
  }
}

function prefixItems({ rewriting, built, rewrite }: Building, value: unknown): void {
  if (!isSince(rewriting, '2020-12')) built['prefixItems'] = value
  else if (Array.isArray(value) && value.length > 0)
    built['items'] = value.map((part) => rewrite(part))
  else refuse(rewriting, 'prefixItems is no list of schemas')
}

function additionalItems({ rewriting, given, built, rewrite }: Building, value: unknown): void {
  // Without a list before them it has no meaning.
  const follows = Array.isArray(given['items']) && given['items'].length > 0
  if (isSince(rewriting, '2020-12') || !follows) return
  built['additionalItems'] = typeof value === 'boolean' ? value : rewrite(value)
}

function contains({ rewriting, given, built, beside, rewrite }: Building, value: unknown): void {
  if (!isSince(rewriting, 'draft-06')) {
    built['contains'] = value
    return
  }
  const { minContains = 1, maxContains } = isSince(rewriting, '2019-09') ? given : {}
  if (maxContains !== undefined) refuse(rewriting, 'it has maxContains')
  if (minContains !== 0 && minContains !== 1) refuse(rewriting, 'it has minContains')
  if (minContains === 1) beside.push({ not: { type: 'array', items: { not: rewrite(value) } } })
}

function counted({ rewriting, built }: Building, value: unknown, keyword: string): void {
  // `contains` has read it.
  if (!isSince(rewriting, '2019-09')) built[keyword] = value
}

function unevaluatedItems(building: Building, value: unknown): void {
  const { rewriting, given, built, rewrite } = building
  if (!isSince(rewriting, '2019-09')) {
    built['unevaluatedItems'] = value
    return
  }
  const hasList = Array.isArray(given['items']) || Array.isArray(given['prefixItems'])
  const isAllEvaluated =
    (given['items'] !== undefined && !Array.isArray(given['items'])) ||
    (hasList && given['additionalItems'] !== undefined && !isSince(rewriting, '2020-12'))
  if (allowsAll(value) || isAllEvaluated) return
  if (hasApplicators(given) || given['contains'] !== undefined) {
    refuse(rewriting, 'it has unevaluatedItems')
    return
  }
  if (hasList) built['additionalItems'] = typeof value === 'boolean' ? value : rewrite(value)
  else built['items'] = rewrite(value)
}

export function allowsAll(value: unknown): boolean {
  return value === true || (isSchema(value) && Object.keys(value).length === 0)
}

/** Whether other keywords may evaluate parts of the value, too. */
export function hasApplicators(schema: Schema): boolean {
  return applicators.some((keyword) => schema[keyword] !== undefined)
}

const applicators: readonly string[] = [
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'then',
  'else',
  'dependentSchemas',
  'dependencies',
  '$ref',
  '$dynamicRef',
  '$recursiveRef',
]

export const rewriteArrays = {
  items,
  prefixItems,
  additionalItems,
  contains,
  minContains: counted,
  maxContains: counted,
  unevaluatedItems,
}
