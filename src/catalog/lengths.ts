// OSB 2.17 "Catalog": strings should be no longer than 255 characters. A platform that keeps no longer ones may refuse
// the whole catalog for a single one of them, and so one provider would harm all others.
import type { CatalogFinding, Offering, Plan } from '../types.gen.ts'

const maxCharacters = 255

/** Why a name cannot be published: shortened it would be another one. */
export function validateLength(name: string, whole: string): string | undefined {
  return isLong(name) ? `${whole} is longer than ${maxCharacters} characters.` : undefined
}

/** Shortens descriptions and says so; `metadata` is opaque and holds what is meant to be long. */
export function withShortTexts(
  offering: Offering,
  path: string,
  findings: CatalogFinding[],
): Offering {
  const shortened = <Part extends { description?: string }>(part: Part, at: string): Part => {
    if (part.description === undefined || !isLong(part.description)) return part
    findings.push({
      path: `${at}/description`,
      problem: `The description is longer than ${maxCharacters} characters and was cut off there.`,
      effect: 'note',
    })
    return {
      ...part,
      description: `${Array.from(part.description)
        .slice(0, maxCharacters - 1)
        .join('')}…`,
    }
  }
  const plans = offering.plans.map((plan: Plan, index) => {
    const at = `${path}/plans/${index}`
    const { maintenance_info: maintenance } = plan
    return {
      ...shortened(plan, at),
      ...(maintenance === undefined
        ? {}
        : { maintenance_info: shortened(maintenance, `${at}/maintenance_info`) }),
    }
  })
  // as many plans as before, so at least one
  return { ...shortened(offering, path), plans: plans as Offering['plans'] }
}

function isLong(text: string): boolean {
  return text.length > maxCharacters && Array.from(text).length > maxCharacters
}
