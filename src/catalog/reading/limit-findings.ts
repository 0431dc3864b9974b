import type { CatalogFinding } from '../../types.gen.ts'

/** The first findings of a reading, and what is known of the others. */
export interface FirstFindings {
  readonly first: readonly CatalogFinding[]
  readonly more: number
  /** Whether one of the others withholds an offering. */
  readonly withholdMore: boolean
}

// A finding may name an id of a thousand characters, twice.
const maxCharacters = 500

/** Cuts findings off, and each one's text. */
export function firstFindings(findings: readonly CatalogFinding[], max: number): FirstFindings {
  const rest = findings.slice(max)
  return {
    first: findings.slice(0, max).map(shortened),
    more: rest.length,
    withholdMore: rest.some(({ effect }) => effect === 'offering_withheld'),
  }
}

/** Findings as they are stored: at most `max`, and one that counts the others. */
export function limitFindings(
  { first, more, withholdMore }: FirstFindings,
  added: readonly CatalogFinding[],
  max: number,
): CatalogFinding[] {
  const all = firstFindings([...first, ...added], max)
  const rest = more + all.more
  if (rest === 0) return [...all.first]
  const effect = withholdMore || all.withholdMore ? 'offering_withheld' : 'note'
  return [...all.first, { path: '/services', problem: `And ${rest} more findings.`, effect }]
}

function shortened(finding: CatalogFinding): CatalogFinding {
  const { problem } = finding
  return problem.length <= maxCharacters
    ? finding
    : { ...finding, problem: `${problem.slice(0, maxCharacters).toWellFormed()}...` }
}
