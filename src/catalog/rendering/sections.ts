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

export type OnFaultyOffering = (fault: {
  readonly offeringId: string
  readonly error: unknown
}) => void

export interface RenderDeps {
  /** Called for each offering that cannot be written; the others are. */
  readonly onFaulty: OnFaultyOffering
  /** Called often; of a pacer. */
  readonly pause: () => Promise<void> | undefined
}

/** @returns undefined if nothing of the section is shown */
export async function fragmentOf(
  section: Section,
  isShown: IsShown,
  dialect: Dialect,
  deps: RenderDeps,
): Promise<Fragment | undefined> {
  let bits = ''
  for (const offering of section.offerings) {
    const flags = offering.plans.map((plan) => plan.isPublished && isShown(plan))
    const canBeShown = !flags.includes(true) || (await canBeWritten(offering, flags, dialect, deps))
    bits += flags.map((flag) => (flag && canBeShown ? '1' : '0')).join('')
  }
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

// One offering that cannot be written must not take the catalog from all platforms. This writes
// each plan for the first time, and one offering may have megabytes of them.
async function canBeWritten(
  { id, plans }: CatalogOffering,
  flags: readonly boolean[],
  dialect: Dialect,
  { onFaulty, pause }: RenderDeps,
): Promise<boolean> {
  try {
    for (const [index, plan] of plans.entries()) {
      if (!flags[index]) continue
      dialect.planText(plan)
      // Most often there is nothing to wait for.
      const pausing = pause()
      if (pausing !== undefined) await pausing
    }
    return true
  } catch (error) {
    onFaulty({ offeringId: id, error })
    return false
  }
}

const beforePlans = Buffer.from(',"plans":[')
const afterPlans = Buffer.from(']}')
export const comma = Buffer.from(',')

/** @param bits  for each plan of the section whether it is shown */
function piecesOf({ offerings }: Section, bits: string, dialect: Dialect): Buffer[] {
  const pieces: Buffer[] = []
  let at = 0
  for (const offering of offerings) {
    const shown = offering.plans.filter((_, index) => bits[at + index] === '1')
    at += offering.plans.length
    if (shown.length === 0) continue
    if (pieces.length > 0) pieces.push(comma)
    // The text has an id and a name at least, so a comma may follow.
    pieces.push(offering.text.subarray(0, -1), beforePlans)
    for (const [index, plan] of shown.entries()) {
      if (index > 0) pieces.push(comma)
      pieces.push(dialect.planText(plan))
    }
    pieces.push(afterPlans)
  }
  return pieces
}
