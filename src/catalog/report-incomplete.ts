import type { Db } from '../db/database.ts'
import { namePlans } from './name-plans.ts'
import { addNote } from './readings/store.ts'
import { omittedOf, type CatalogPart, type CatalogPlan } from './snapshot.ts'

const consequences: ReadonlyArray<readonly [consequence: string, fields: readonly string[]]> = [
  ['schemas have too many values to be read, so orders with parameters are refused', ['schemas']],
  [
    'metadata or tags have too many values to be read, so rules that name a label refuse them',
    ['metadata', 'tags'],
  ],
]

/**
 * Adds findings about plans that are published whole, but of which checks and rules know too
 * little. To be called after each publication, which replaces all findings.
 * @param max  how many findings a catalog may have
 */
export async function reportIncomplete(
  db: Db,
  { providerId, incomplete }: CatalogPart,
  max: number,
): Promise<void> {
  for (const [consequence, fields] of consequences) {
    const plans = incomplete.filter((plan) => isVisiblyWithout(plan, fields))
    if (plans.length === 0) continue
    const subject = `Of these plans the ${consequence}:`
    await addNote(db, providerId, subject, `${namePlans(plans)}.`, max)
  }
}

function isVisiblyWithout(plan: CatalogPlan, fields: readonly string[]): boolean {
  return plan.isPublished && omittedOf(plan).some((name) => fields.includes(name))
}
