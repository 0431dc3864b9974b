// OSB 2.17 "Catalog": strings should be no longer than 255 characters. A platform that cannot store
// longer ones may refuse the whole catalog because of one string, so one provider would harm all
// others.
import type { CatalogFinding, Offering, Plan } from '../types.gen.ts'

const maxCharacters = 255

/** Names are not shortened, because that would make another name. */
export function validateLength(name: string, what: string): string | undefined {
  return isLong(name) ? `${what} is longer than ${maxCharacters} characters.` : undefined
}

/** Shortens descriptions, with a finding for each; `metadata` is opaque and may hold long texts. */
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
  // As many plans as before, so at least one.
  return { ...shortened(offering, path), plans: plans as Offering['plans'] }
}

function isLong(text: string): boolean {
  return text.length > maxCharacters && Array.from(text).length > maxCharacters
}
