import type { CatalogCaps } from '../../config.ts'
import type { CatalogFinding } from '../../types.gen.ts'
import { quoted } from '../inspection/quoted.ts'
import type { PublishedPlan } from '../published.ts'
import type { PlacedOffering } from './rows.ts'

// To be raised when the inspection of catalogs changes.
const version = 3

/** Names the rules by which a catalog is inspected: other rules may publish other parts of it. */
export function rulesOf(caps: CatalogCaps): string {
  return [version, ...Object.values(caps)].join(' ')
}

/** Why none of a catalog may be published, because of a total. */
export function exceededTotal(
  what: 'offerings' | 'plans',
  count: number,
  caps: CatalogCaps,
): string | undefined {
  const variable = what === 'plans' ? 'KONTOR_MAX_PLANS' : 'KONTOR_MAX_OFFERINGS'
  return count > caps[what]
    ? `the catalog has ${count} ${what}; at most ${caps[what]} are allowed (${variable})`
    : undefined
}

/**
 * Withholds plans and offerings that are too large, with a finding for each; an offering without a
 * plan goes too.
 */
export function withinCaps(
  offerings: readonly PlacedOffering[],
  caps: CatalogCaps,
  findings: CatalogFinding[],
): PlacedOffering[] {
  return offerings.flatMap((offering) => {
    const bytes = bytesOf(offering)
    if (bytes > caps.offeringBytes) {
      findings.push({
        path: offering.path,
        offeringId: offering.upstreamId,
        problem:
          `${quoted(offering.name)}: without its plans the offering is ${bytes} bytes long; ` +
          `${caps.offeringBytes} are allowed.`,
        effect: 'offering_withheld',
      })
      return []
    }
    const plans = offering.plans.filter((plan) => isSmall(plan, offering, caps, findings))
    if (plans.length > 0) return [{ ...offering, plans }]
    findings.push({
      path: offering.path,
      offeringId: offering.upstreamId,
      problem: `${quoted(offering.name)}: none of its plans can be published.`,
      effect: 'offering_withheld',
    })
    return []
  })
}

function isSmall(
  plan: PublishedPlan,
  offering: PlacedOffering,
  caps: CatalogCaps,
  findings: CatalogFinding[],
): boolean {
  const bytes = bytesOf(plan)
  if (bytes <= caps.planBytes) return true
  findings.push({
    path: offering.path,
    offeringId: offering.upstreamId,
    planId: plan.upstreamId,
    problem:
      `Plan ${quoted(plan.name)} of ${quoted(offering.name)}: with its schemas the plan is ` +
      `${bytes} bytes long; ${caps.planBytes} are allowed.`,
    effect: 'plan_withheld',
  })
  return false
}

function bytesOf({ body }: { readonly body: Readonly<Record<string, unknown>> }): number {
  return Buffer.byteLength(JSON.stringify(body))
}
