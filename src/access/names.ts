// What operators write of platforms, organisations and plans: the id, or the name where that is unambiguous. What is kept
// is always the id.
import type { LiveCatalog } from '../catalog/live-catalog.ts'
import type { CatalogOffering, CatalogPlan } from '../catalog/snapshot.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'
import { validateText } from '../storable.ts'
import { lookUpProviderIfAny, lookUpProviderByName, lookUpProviders } from '../providers/look-up.ts'
import type { Provider } from '../providers/provider.ts'
import type { Directory } from '../tenancy/directory.ts'
import type { Organisation } from '../tenancy/organisation.ts'
import type { Platform } from '../tenancy/platform.ts'
import type { AccessScope } from '../tenancy/principal.ts'

export interface NameDeps {
  readonly db: Db
  readonly catalog: LiveCatalog
  readonly directory: Directory
}

/** What a rule or a quota is about. */
export interface NamedPlans {
  readonly provider?: string | undefined
  readonly offering?: string | undefined
  readonly plan?: string | undefined
}

export interface FoundPlans {
  readonly providerId: string | null
  readonly offeringId: string | null
  readonly planId: string | null
}

// Another process may have written it a moment ago.
async function seen<Found>(
  reload: () => Promise<void>,
  look: () => Found | undefined,
): Promise<Found | undefined> {
  const known = look()
  if (known !== undefined) return known
  await reload()
  return look()
}

/** By id or name; undefined when there is none, in no process. */
export async function findPlatformCalled(
  { directory }: Pick<NameDeps, 'directory'>,
  name: string,
): Promise<Platform | undefined> {
  return seen(
    () => directory.reload(),
    () => directory.platform(name) ?? directory.platformNamed(name),
  )
}

/** @throws BrokerError `invalid_request` that names the field */
export async function platformCalled(
  deps: NameDeps,
  name: string,
  field: string,
): Promise<Platform> {
  const platform = await findPlatformCalled(deps, name)
  if (platform === undefined)
    throw new BrokerError('invalid_request', `${field}: there is no platform "${name}".`)
  return platform
}

/** @throws BrokerError `invalid_request` that names the field */
export async function organisationCalled(
  { directory }: Pick<NameDeps, 'directory'>,
  name: string,
  field: string,
): Promise<Organisation> {
  const organisation = await seen(
    () => directory.reload(),
    () => directory.organisation(name) ?? directory.organisationNamed(name),
  )
  if (organisation === undefined)
    throw new BrokerError('invalid_request', `${field}: there is no organisation "${name}".`)
  return organisation
}

/**
 * The organisation that a filter names. One out of reach looks like one that does not exist.
 * @throws BrokerError `invalid_request` that names the field
 */
export async function organisationWithin(
  deps: Pick<NameDeps, 'directory'>,
  scope: AccessScope,
  name: string,
  field: string,
): Promise<Organisation> {
  if (scope === 'all') return organisationCalled(deps, name, field)
  const organisation = organisationAmong(deps, scope.organisations, name)
  if (organisation === undefined)
    throw new BrokerError('invalid_request', `${field}: there is no organisation "${name}".`)
  return organisation
}

/**
 * One of a few organisations. Nothing is read anew for a name that is none of them: the time would tell whether there is
 * such an organisation.
 * @param among  their ids
 */
export function organisationAmong(
  { directory }: Pick<NameDeps, 'directory'>,
  among: readonly string[],
  name: string,
): Organisation | undefined {
  const id = among.find((each) => each === name || directory.organisation(each)?.name === name)
  return id === undefined ? undefined : directory.organisation(id)
}

/**
 * @param prefix  of the fields' names in what is said of them
 * @throws BrokerError `invalid_request` that names the field: unknown, ambiguous, or not of one another
 */
export async function plansCalled(
  deps: NameDeps,
  { provider: providerName, offering: offeringName, plan: planName }: NamedPlans,
  prefix: string,
): Promise<FoundPlans> {
  const provider =
    providerName === undefined
      ? undefined
      : await providerCalled(deps.db, providerName, `${prefix}provider`)
  const reload = () => deps.catalog.reloadIfChanged()
  const offering =
    offeringName === undefined
      ? undefined
      : await seen(reload, () => offeringCalled(deps, offeringName))
  if (offeringName !== undefined && offering === undefined)
    throw new BrokerError(
      'invalid_request',
      `${prefix}offering: the catalog has no offering "${offeringName}". Its published name begins with that of its provider.`,
    )
  const plan =
    planName === undefined
      ? undefined
      : await seen(reload, () => planCalled(deps, planName, offering, `${prefix}plan`))
  if (planName !== undefined && plan === undefined)
    throw new BrokerError(
      'invalid_request',
      `${prefix}plan: the catalog has no plan "${planName}"${offering === undefined ? '' : ` of "${offering.name}"`}.`,
    )
  const target = (plan ?? offering?.plans[0])?.target
  if (provider !== undefined && target !== undefined && target.providerId !== provider.id)
    throw new BrokerError(
      'invalid_request',
      `${prefix}provider: that is not the provider of the ${plan === undefined ? 'offering' : 'plan'}.`,
    )
  return {
    providerId: provider?.id ?? null,
    offeringId: offering?.id ?? null,
    planId: plan?.id ?? null,
  }
}

/** Names of all providers, by their ids. */
export async function providerNames({ db }: NameDeps): Promise<ReadonlyMap<string, string>> {
  return new Map((await lookUpProviders(db, 'all')).map(({ id, name }) => [id, name]))
}

async function providerCalled(db: Db, name: string, field: string): Promise<Provider> {
  const validationError = validateText(name, field)
  if (validationError !== undefined) throw new BrokerError('invalid_request', validationError)
  const provider = isUuid(name)
    ? await lookUpProviderIfAny(db, 'all', name)
    : await lookUpProviderByName(db, name)
  if (provider === undefined)
    throw new BrokerError('invalid_request', `${field}: there is no provider "${name}".`)
  return provider
}

// A name is free again when its offering has left the catalog: the one that is in it is meant.
function offeringCalled({ catalog }: NameDeps, name: string): CatalogOffering | undefined {
  const { offerings } = catalog.current()
  const called = [...offerings.values()].filter((offering) => offering.name === name)
  return (
    offerings.get(name) ??
    called.find(({ plans }) => plans.some(({ isPublished }) => isPublished)) ??
    (called.length === 1 ? called[0] : undefined)
  )
}

function planCalled(
  { catalog }: NameDeps,
  name: string,
  offering: CatalogOffering | undefined,
  field: string,
): CatalogPlan | undefined {
  const known = catalog.current().plans.get(name)
  if (known !== undefined) {
    if (offering !== undefined && known.offering.id !== offering.id)
      throw new BrokerError('invalid_request', `${field}: that is no plan of "${offering.name}".`)
    return known
  }
  const among = offering?.plans ?? [...catalog.current().plans.values()]
  const called = among.filter((plan) => plan.name === name)
  const published = called.filter(({ isPublished }) => isPublished)
  const candidates = published.length > 0 ? published : called
  if (candidates.length > 1)
    throw new BrokerError(
      'invalid_request',
      `${field}: several offerings have a plan "${name}". Name the offering, too, or give the plan's id.`,
    )
  return candidates[0]
}
