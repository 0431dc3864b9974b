import type { Db } from '../db/database.ts'
import type { UnwritableEffect } from './rendering/unwritable-plans.ts'
import { namePlans } from './name-plans.ts'
import { addNote } from './readings/store.ts'
import type { CatalogPlan } from './snapshot.ts'

/**
 * Adds a finding for each effect to those of a provider's catalog. To be called after each
 * publication, too, which replaces all findings.
 * @param max  how many findings a catalog may have
 */
export async function reportUnwritable(
  db: Db,
  providerId: string,
  faulty: ReadonlyMap<CatalogPlan, UnwritableEffect>,
  max: number,
): Promise<void> {
  for (const [effect, plans] of Map.groupBy(faulty.keys(), (plan) => faulty.get(plan))) {
    const consequence =
      effect === 'not written'
        ? 'do not get these plans, because Kontor cannot write them for these platforms'
        : 'get these plans without their parameter schemas, because Kontor cannot rewrite these'
    const subject = `Platforms of Cloud Foundry ${consequence}:`
    await addNote(db, providerId, subject, `${namePlans(plans)}.`, max)
  }
}
