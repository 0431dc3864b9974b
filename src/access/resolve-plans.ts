import type { LiveCatalog } from '../catalog/live-catalog.ts'
import type { CatalogOffering, CatalogPlan } from '../catalog/snapshot.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'
import { lookUpProviderByName, lookUpProviderIfAny } from '../providers/look-up-provider.ts'
import type { Provider } from '../providers/provider.ts'
import { validateText } from '../storable.ts'

/**
 * A provider, an offering or a plan as a rule or a quota names it: each by id, or by name where
 * that is unambiguous.
 */
export interface PlanReference {
  readonly provider?: string | undefined
  readonly offering?: string | undefined
  readonly plan?: string | undefined
}

/** Their ids; null for what the reference leaves out. */
export interface ResolvedPlans {
  readonly providerId: string | null
  readonly offeringId: string | null
  readonly planId: string | null
}

export interface PlanDeps {
  readonly db: Db
  readonly catalog: LiveCatalog
}

/**
 * @param prefix  of the field names in error messages, such as `what.`
 * @throws BrokerError `invalid_request` that names the field: unknown, ambiguous, or not part of
 * one another
 */
export async function resolvePlans(
  { db, catalog }: PlanDeps,
  reference: PlanReference,
  prefix: string,
): Promise<ResolvedPlans> {
  const provider = await resolveProvider(db, reference.provider, `${prefix}provider`)
  const offering = await resolveOffering(catalog, reference.offering, `${prefix}offering`)
  const plan = await resolvePlan(catalog, reference.plan, offering, `${prefix}plan`)
  const target = (plan ?? offering?.plans[0])?.target
  if (provider !== undefined && target !== undefined && target.providerId !== provider.id)
    throw new BrokerError(
      'invalid_request',
      `${prefix}provider: that is not the provider of the ` +
        (plan === undefined ? 'offering.' : 'plan.'),
    )
  return {
    providerId: provider?.id ?? null,
    offeringId: offering?.id ?? null,
    planId: plan?.id ?? null,
  }
}

async function resolveProvider(
  db: Db,
  reference: string | undefined,
  field: string,
): Promise<Provider | undefined> {
  if (reference === undefined) return undefined
  const validationError = validateText(reference, field)
  if (validationError !== undefined) throw new BrokerError('invalid_request', validationError)
  const provider = isUuid(reference)
    ? await lookUpProviderIfAny(db, 'all', reference)
    : await lookUpProviderByName(db, reference)
  if (provider === undefined)
    throw new BrokerError('invalid_request', `${field}: there is no provider "${reference}".`)
  return provider
}

async function resolveOffering(
  catalog: LiveCatalog,
  reference: string | undefined,
  field: string,
): Promise<CatalogOffering | undefined> {
  if (reference === undefined) return undefined
  const offering = await findOrReload(catalog, () => findOffering(catalog, reference))
  if (offering === undefined)
    throw new BrokerError(
      'invalid_request',
      `${field}: the catalog has no offering "${reference}". ` +
        'Its published name begins with that of its provider.',
    )
  return offering
}

async function resolvePlan(
  catalog: LiveCatalog,
  reference: string | undefined,
  offering: CatalogOffering | undefined,
  field: string,
): Promise<CatalogPlan | undefined> {
  if (reference === undefined) return undefined
  const plan = await findOrReload(catalog, () => findPlan(catalog, reference, offering, field))
  if (plan === undefined)
    throw new BrokerError(
      'invalid_request',
      `${field}: the catalog has no plan "${reference}"` +
        (offering === undefined ? '.' : ` of "${offering.name}".`),
    )
  return plan
}

// Another process may have published it a moment ago.
async function findOrReload<Found>(
  catalog: LiveCatalog,
  find: () => Found | undefined,
): Promise<Found | undefined> {
  const known = find()
  if (known !== undefined) return known
  await catalog.reloadIfChanged()
  return find()
}

function findOffering(catalog: LiveCatalog, reference: string): CatalogOffering | undefined {
  const { offerings } = catalog.current()
  const named = [...offerings.values()].filter((offering) => offering.name === reference)
  // The name of a withdrawn offering may be given to another one: the published one is meant.
  return (
    offerings.get(reference) ??
    named.find(({ plans }) => plans.some(({ isPublished }) => isPublished)) ??
    (named.length === 1 ? named[0] : undefined)
  )
}

function findPlan(
  catalog: LiveCatalog,
  reference: string,
  offering: CatalogOffering | undefined,
  field: string,
): CatalogPlan | undefined {
  const known = catalog.current().plans.get(reference)
  if (known !== undefined) {
    if (offering !== undefined && known.offering.id !== offering.id)
      throw new BrokerError('invalid_request', `${field}: that is no plan of "${offering.name}".`)
    return known
  }
  const plans = offering?.plans ?? [...catalog.current().plans.values()]
  const named = plans.filter((plan) => plan.name === reference)
  const published = named.filter(({ isPublished }) => isPublished)
  const candidates = published.length > 0 ? published : named
  if (candidates.length > 1)
    throw new BrokerError(
      'invalid_request',
      `${field}: several offerings have a plan "${reference}". ` +
        "Name the offering, too, or give the plan's id.",
    )
  return candidates[0]
}
