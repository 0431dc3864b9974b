// Preloaded into every test file by scripts/test.ts. tap compares only what a pattern names: an
// empty array or object in a pattern accepts every array and object, and the assertion proves
// nothing. Here such an assertion fails.
import type { Test } from 'tap'

// `throws`, `rejects` and `resolveMatch` call `match`. The `matchOnly` family is left alone: it
// accepts nothing beyond the pattern, so there an empty pattern does prove emptiness.
const assertions = [
  'match',
  'notMatch',
  'matchStrict',
  'notMatchStrict',
  'has',
  'notHas',
  'hasStrict',
  'notHasStrict',
] as const

// Child processes and worker threads of a test inherit the preload but assert nothing. They do not
// load tap, which takes time and memory that some of them lack.
if (process.argv[1]?.endsWith('.test.ts')) {
  const { default: t } = await import('tap')
  refuseEmptyPatterns(t)
  t.beforeEach(refuseEmptyPatterns)
}

function refuseEmptyPatterns(t: Test): void {
  for (const name of assertions) {
    const compare = t[name]
    t[name] = (found: unknown, pattern: unknown, ...rest) => {
      const empty = findEmpty(pattern)
      if (empty === undefined) return compare(found, pattern, ...rest)
      t.currentAssert = t[name] // The failure names the line of the test, not this one.
      return t.fail(
        `t.${name} proves nothing: ${empty}, which accepts every array and object; ` +
          'assert emptiness with { length: 0 } or t.strictSame',
        { found, pattern },
      )
    }
  }
}

/** @returns for example "body.items.0.tags of its pattern is an empty Array" */
function findEmpty(
  pattern: unknown,
  path: readonly string[] = [],
  above: readonly object[] = [],
): string | undefined {
  if (typeof pattern !== 'object' || pattern === null) return undefined
  if (isComparedAsWhole(pattern) || above.includes(pattern)) return undefined
  const entries = entriesOf(pattern)
  if (entries.length === 0) {
    const where = path.length === 0 ? 'its pattern' : `${path.join('.')} of its pattern`
    return `${where} is an empty ${pattern.constructor?.name ?? 'Object'}`
  }
  for (const [key, value] of entries) {
    const empty = findEmpty(value, [...path, String(key)], [...above, pattern])
    if (empty !== undefined) return empty
  }
  return undefined
}

function isComparedAsWhole(pattern: object): boolean {
  return (
    pattern instanceof RegExp ||
    pattern instanceof Date ||
    pattern instanceof Error ||
    Buffer.isBuffer(pattern)
  )
}

function entriesOf(pattern: object): [unknown, unknown][] {
  if (pattern instanceof Map || pattern instanceof Set) return [...pattern.entries()]
  return Object.entries(pattern)
}
