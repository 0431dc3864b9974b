import type { CatalogFinding } from '../../types.gen.ts'

/** The findings of a reading that are kept, and what is known of the others. */
export interface FirstFindings {
  readonly first: readonly CatalogFinding[]
  readonly more: number
  /** What the gravest of the others does; `note` also when there are none. */
  readonly moreEffect: CountedEffect
}

type CountedEffect = 'offering_withheld' | 'plan_withheld' | 'note'

// A finding may name an id of a thousand characters, twice.
const maxCharacters = 500

/**
 * Cuts findings off, and each one's text. What withholds something is kept before notes: the
 * refusal of an order names it.
 */
export function firstFindings(findings: readonly CatalogFinding[], max: number): FirstFindings {
  const ordered =
    findings.length > max
      ? [...findings.filter(isWithholding), ...findings.filter((each) => !isWithholding(each))]
      : findings
  const rest = ordered.slice(max)
  return {
    first: ordered.slice(0, max).map(shortened),
    more: rest.length,
    moreEffect: gravest(rest.map(({ effect }) => effect)),
  }
}

/** Findings as they are stored: at most `max`, and one that counts the others. */
export function limitFindings(
  { first, more, moreEffect }: FirstFindings,
  added: readonly CatalogFinding[],
  max: number,
): CatalogFinding[] {
  const all = firstFindings([...first, ...added], max)
  const rest = more + all.more
  if (rest === 0) return [...all.first]
  const effect = gravest([moreEffect, all.moreEffect])
  return [...all.first, { path: countedPath, problem: `And ${rest} more findings.`, effect }]
}

const countedPath = '/services'

/** Whether there were findings that withhold something and were not kept. */
export function haveUnknownFaults(findings: readonly CatalogFinding[]): boolean {
  return findings.some((finding) => finding.path === countedPath && isWithholding(finding))
}

function isWithholding({ effect }: CatalogFinding): boolean {
  return effect === 'offering_withheld' || effect === 'plan_withheld'
}

function gravest(effects: ReadonlyArray<CatalogFinding['effect']>): CountedEffect {
  if (effects.includes('offering_withheld')) return 'offering_withheld'
  return effects.includes('plan_withheld') ? 'plan_withheld' : 'note'
}

function shortened(finding: CatalogFinding): CatalogFinding {
  const { problem } = finding
  return problem.length <= maxCharacters
    ? finding
    : { ...finding, problem: `${problem.slice(0, maxCharacters).toWellFormed()}...` }
}
