// All that is wrong with parameters at once, for people who correct a form.
import type { Ajv, ErrorObject, KeywordCxt } from 'ajv'

const maxErrors = 20
// A list of objects may break the same rule, with its thousand allowed values, in each of them.
const maxCharacters = 50_000

/**
 * Keeps the errors of alternatives that were not meant out of those of the value.
 * @param ajv  one with `allErrors`, that has compiled nothing yet
 */
export function dropBranches(ajv: Ajv): void {
  for (const keyword of ['anyOf', 'oneOf', 'contains']) dropBranchesOf(ajv, keyword)
}

function dropBranchesOf(ajv: Ajv, keyword: string): void {
  const known = ajv.getKeyword(keyword)
  if (typeof known === 'boolean' || !('code' in known)) return
  const { code } = known
  ajv.removeKeyword(keyword)
  ajv.addKeyword({
    ...known,
    keyword,
    code(cxt: KeywordCxt, ruleType?: string) {
      const report = cxt.error.bind(cxt)
      cxt.error = (...given) => {
        cxt.reset()
        report(...given)
      }
      code(cxt, ruleType)
    },
  })
}

// Their own errors come with those of the schema that they apply, which name the field.
const isOutline = ({ keyword }: ErrorObject): boolean =>
  keyword === 'if' || keyword === 'propertyNames'

/** Those that are shown, without repetitions; the first one always. */
export function listErrors(found: readonly ErrorObject[]): readonly ErrorObject[] {
  const inner = found.filter((error) => !isOutline(error))
  const listed = new Map<string, ErrorObject>()
  let characters = 0
  for (const error of inner.length > 0 ? inner : found) {
    const { instancePath, keyword, params } = error
    const key = JSON.stringify([instancePath, keyword, params])
    if (listed.has(key)) continue
    characters += key.length
    if (listed.size > 0 && characters > maxCharacters) break
    listed.set(key, error)
    if (listed.size === maxErrors) break
  }
  return [...listed.values()]
}
