import { readOfferingListing } from '../catalog/listing/read-listing.ts'
import { BrokerError } from '../errors.ts'
import type { ShownOffering, ShownPlan } from '../marketplace/shown.ts'
import type { Directory } from '../tenancy/directory.ts'
import type { OrdersDeps } from './deps.ts'
import type { Shown } from './order.ts'

export interface Choice {
  readonly offering: ShownOffering
  readonly plan: ShownPlan
}

interface Named {
  /** Published id or name. */
  readonly offering: string
  readonly plan: string
}

/**
 * A plan as an organisation sees it.
 * @throws BrokerError `unknown_plan` for one that it does not see as for one that does not exist
 */
export async function choosePlan(
  deps: Pick<OrdersDeps, 'shelf' | 'directory'>,
  organisationId: string,
  named: Named,
): Promise<Choice> {
  const found = await findPlan(deps, organisationId, named)
  if (found === undefined)
    throw new BrokerError('unknown_plan', 'The catalog of the organisation has no such plan.')
  return found
}

/** The same; undefined when it sees no such plan. */
export async function findPlan(
  { shelf, directory }: Pick<OrdersDeps, 'shelf' | 'directory'>,
  organisationId: string,
  named: Named,
): Promise<Choice | undefined> {
  const { byId, offerings } = await shelf.shownTo(readerFor(directory, organisationId))
  const offering =
    byId.get(named.offering) ?? offerings.find((each) => each.offering.name === named.offering)
  const plan =
    offering?.plans.find((each) => each.plan.id === named.plan) ??
    offering?.plans.find((each) => each.plan.name === named.plan)
  return offering === undefined || plan === undefined ? undefined : { offering, plan }
}

function readerFor(directory: Pick<Directory, 'organisation'>, organisationId: string) {
  const organisation = directory.organisation(organisationId)
  return {
    organisation,
    organisations: organisation === undefined ? [] : [organisation],
    ownProviders: new Set<string>(),
  }
}

/** What an order keeps of it. */
export function shownOf({ offering, plan }: Choice): Shown {
  const { fields } = readOfferingListing(offering.offering.body['metadata'])
  return {
    provider: offering.provider,
    offering: {
      id: offering.offering.id,
      name: offering.offering.name,
      displayName: offering.displayName,
    },
    plan: { id: plan.plan.id, name: plan.plan.name, displayName: plan.displayName },
    price: plan.price,
    terms: {
      minimumTermMonths: plan.price.minimumTermMonths,
      noticeDays: fields.contract?.noticeDays ?? null,
      retainDays: fields.exit?.retainDays ?? null,
      protection: offering.protection,
    },
  }
}
