/**
 * A `pattern` of a JSON Schema. Older drafts do not require the u flag, and many patterns are
 * invalid with it.
 * @throws SyntaxError when it is none by either
 */
export function regularExpression(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags)
  } catch {
    return new RegExp(pattern)
  }
}
