// Catalogs are rendered by the section: consecutive offerings of one provider. Platforms that see
// the same plans of a section share its fragment, whatever else they see.
import type { CatalogOffering, CatalogPart, CatalogPlan } from '../snapshot.ts'
import type { Dialect } from './dialect.ts'

/** The text of a section as some platforms see it: offerings as JSON, joined by commas. */
export interface Fragment {
  /** In bytes. */
  readonly length: number
  /** Made anew each time: kept, the texts would double the memory of a large catalog. */
  pieces(): Buffer[]
}

export interface Section {
  readonly offerings: readonly CatalogOffering[]
  /** By what is shown, the latest ones. */
  readonly fragments: Map<string, Fragment>
}

// As much as deflate looks back; longer sections would compress no better.
const maxBytes = 32_768
const maxFragments = 128

const sections = new WeakMap<CatalogPart, readonly Section[]>()

/** The published offerings of a part. */
export function sectionsOf(part: CatalogPart): readonly Section[] {
  const known = sections.get(part)
  if (known !== undefined) return known
  const made: CatalogOffering[][] = []
  let bytes = Infinity
  for (const offering of part.offerings.values()) {
    const published = offering.plans.filter(({ isPublished }) => isPublished)
    if (published.length === 0) continue
    const size = published.reduce((sum, { text }) => sum + text.length, offering.text.length)
    if (bytes + size > maxBytes) {
      made.push([])
      bytes = 0
    }
    bytes += size
    made.at(-1)?.push(offering)
  }
  const result = made.map((offerings): Section => ({ offerings, fragments: new Map() }))
  sections.set(part, result)
  return result
}

export type IsShown = (plan: CatalogPlan) => boolean

/** @returns undefined if nothing of the section is shown */
export function fragmentOf(
  section: Section,
  isShown: IsShown,
  dialect: Dialect,
): Fragment | undefined {
  const bits = section.offerings
    .flatMap(({ plans }) => plans)
    .map((plan) => (plan.isPublished && isShown(plan) && dialect.planText(plan) ? '1' : '0'))
    .join('')
  if (!bits.includes('1')) return undefined
  const key = `${dialect.name} ${bits}`
  const known = section.fragments.get(key)
  if (known !== undefined) return known
  const pieces = () => piecesOf(section, bits, dialect)
  const fragment = { length: pieces().reduce((sum, { length }) => sum + length, 0), pieces }
  section.fragments.set(key, fragment)
  for (const oldest of section.fragments.keys()) {
    if (section.fragments.size <= maxFragments) break
    section.fragments.delete(oldest)
  }
  return fragment
}

const beforePlans = Buffer.from(',"plans":[')
const afterPlans = Buffer.from(']}')
export const comma = Buffer.from(',')

/** @param bits  for each plan of the section whether it is shown */
function piecesOf({ offerings }: Section, bits: string, dialect: Dialect): Buffer[] {
  const pieces: Buffer[] = []
  let at = 0
  for (const offering of offerings) {
    const shown = offering.plans.flatMap((plan, index) =>
      bits[at + index] === '1' ? (dialect.planText(plan) ?? []) : [],
    )
    at += offering.plans.length
    if (shown.length === 0) continue
    if (pieces.length > 0) pieces.push(comma)
    // The text has an id and a name at least, so a comma may follow.
    pieces.push(offering.text.subarray(0, -1), beforePlans)
    for (const [index, text] of shown.entries()) {
      if (index > 0) pieces.push(comma)
      pieces.push(text)
    }
    pieces.push(afterPlans)
  }
  return pieces
}
