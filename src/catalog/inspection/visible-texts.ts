import type { CatalogFinding, Offering, Plan } from '../../types.gen.ts'
import { withoutInvisible } from '../../visible-text.ts'
import { withVisibleSchemas } from './visible-schemas.ts'

/**
 * The offering without invisible characters in the texts that people read: descriptions, tags, all
 * of `metadata`, and titles and descriptions in parameter schemas. A finding says so. Ids and names
 * stay: names.ts withholds what has such a name.
 */
export function withVisibleTexts(
  offering: Offering,
  path: string,
  findings: CatalogFinding[],
): Offering {
  const plans = offering.plans.map((plan: Plan) => {
    const { maintenance_info: maintenance, schemas } = plan
    return {
      ...withVisible(plan),
      ...(maintenance?.description === undefined
        ? {}
        : {
            // Only this: the version is compared as a whole.
            maintenance_info: { ...maintenance, description: cleaned(maintenance.description) },
          }),
      ...(schemas === undefined ? {} : { schemas: withVisibleSchemas(schemas) }),
    }
  })
  const { tags } = offering
  // As many plans as before, so at least one.
  const shown = { ...withVisible(offering), plans: plans as Offering['plans'] }
  const all = tags === undefined ? shown : { ...shown, tags: cleaned(tags) }
  if (JSON.stringify(all) === JSON.stringify(offering)) return offering
  findings.push({
    path,
    problem: 'Invisible characters in descriptions, tags, metadata or schemas were removed.',
    effect: 'note',
  })
  return all
}

function withVisible<Part extends Offering | Plan>(part: Part): Part {
  const { description, metadata } = part
  return {
    ...part,
    // An empty one would not be valid.
    description: cleaned(description) || part.name,
    ...(metadata === undefined ? {} : { metadata: cleaned(metadata) }),
  }
}

// Not deeper than storable.ts allows.
function cleaned<Value>(value: Value): Value {
  if (typeof value === 'string') return withoutInvisible(value) as Value & string
  if (value === null || typeof value !== 'object') return value
  const clean: unknown = Array.isArray(value)
    ? value.map(cleaned)
    : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, cleaned<unknown>(part)]))
  // The same shape.
  return clean as Value
}
