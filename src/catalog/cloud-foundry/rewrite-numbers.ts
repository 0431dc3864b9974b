// draft-04 has flags beside `minimum` and `maximum`; since draft-06 exclusive limits are numbers.
import { isSince, type Building } from './rewriting.ts'

function exclusive(
  { rewriting, given, built, beside }: Building,
  value: unknown,
  keyword: string,
): void {
  const isLower = keyword === 'exclusiveMinimum'
  const limit = isLower ? 'minimum' : 'maximum'
  if (!isSince(rewriting, 'draft-06') || typeof value !== 'number') {
    built[keyword] = value
    return
  }
  if (rewriting.target === 'draft-06') {
    beside.push({ not: { type: 'number', [isLower ? 'maximum' : 'minimum']: value } })
    return
  }
  const other = given[limit]
  const isStricter = typeof other === 'number' && (isLower ? other > value : other < value)
  built[limit] = isStricter ? other : value
  if (!isStricter) built[keyword] = true
}

function inclusive({ rewriting, given, built }: Building, value: unknown, keyword: string): void {
  const flag = keyword === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum'
  const isJoined =
    rewriting.target === 'draft-04' &&
    isSince(rewriting, 'draft-06') &&
    typeof given[flag] === 'number'
  // The other handler sets both.
  if (!isJoined) built[keyword] = value
}

export const rewriteNumbers = {
  exclusiveMinimum: exclusive,
  exclusiveMaximum: exclusive,
  minimum: inclusive,
  maximum: inclusive,
}
