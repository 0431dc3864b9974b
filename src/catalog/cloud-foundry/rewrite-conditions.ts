// Keywords that hold under a condition: draft-04 has only `dependencies`.
import { isSchema, isSince, type Building, type Schema } from './rewriting.ts'

/** "Where `if` holds, `then` holds" is "not `if`, or `then`"; `else` alike. */
function condition(building: Building, value: unknown): void {
  const { rewriting, given, built, beside, rewrite } = building
  if (!isSince(rewriting, 'draft-07')) {
    built['if'] = value
    return
  }
  const { then, else: otherwise } = given
  if (then !== undefined) beside.push({ anyOf: [{ not: rewrite(value) }, rewrite(then)] })
  if (otherwise !== undefined) beside.push({ anyOf: [rewrite(value), rewrite(otherwise)] })
}

function branch({ rewriting, built }: Building, value: unknown, keyword: string): void {
  // `if` has read it; without `if` it has no meaning.
  if (!isSince(rewriting, 'draft-07')) built[keyword] = value
}

function dependencies(building: Building, value: unknown, keyword: string): void {
  const { rewriting, built, beside, rewrite } = building
  const isKeyword = keyword === 'dependencies' || isSince(rewriting, '2019-09')
  if (!isKeyword || !isSchema(value)) {
    built[keyword] = value
    return
  }
  const before = built['dependencies']
  const own: Schema = isSchema(before) ? before : {}
  for (const [name, needed] of Object.entries(value)) {
    const isList = Array.isArray(needed)
    // draft-04 wants at least one name, and no true.
    if (needed === true || (isList && needed.length === 0)) continue
    const dependency = isList ? [...new Set<unknown>(needed)] : rewrite(needed)
    if (Object.hasOwn(own, name)) beside.push({ dependencies: { [name]: dependency } })
    else own[name] = dependency
  }
  if (Object.keys(own).length > 0) built['dependencies'] = own
}

export const rewriteConditions = {
  if: condition,
  ...Object.fromEntries(['then', 'else'].map((keyword) => [keyword, branch])),
  dependencies,
  dependentRequired: dependencies,
  dependentSchemas: dependencies,
}
