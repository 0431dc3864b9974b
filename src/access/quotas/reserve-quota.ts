// The way into quotas for orders. The instance's own row, or the operation that changes its plan, is what holds a place: it is
// written with the intent and free again in the transaction that ends it, whoever ends it.
import type { CatalogPlan } from '../../catalog/snapshot.ts'
import type { DbOrTx, Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { Quota } from './quota.ts'
import {
  lockOutQuotaChanges,
  countTaken,
  listQuotasOf,
  lockQuotas,
  type QuotaSubject,
} from './store.ts'

export { fallsUnder, excludeOrders } from './store.ts'

/** What quotas look at of an order. @param organisationId  for whom it is; null: for whom its platform belongs to */
export function quotaSubject(
  plan: CatalogPlan,
  platformId: string,
  organisationId: string | null,
): QuotaSubject {
  return {
    platformId,
    organisationId,
    providerId: plan.target.providerId,
    offeringId: plan.offering.id,
    planId: plan.id,
  }
}

/**
 * To be called last in the transaction that has written what is ordered: whoever else wants a place of the same quotas
 * waits from here until its end.
 * @param ids  of the quotas that it falls under
 * @throws BrokerError `quota_exceeded` when it is one too many
 */
export async function reserveQuota(
  tx: Tx,
  directory: Directory,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  // Read by the statement that comes after the lock is ours, so that those before us are counted.
  for (const quota of await lockQuotas(tx, ids)) {
    if ((await countTaken(tx, quota, quota.instances + 1)) > quota.instances)
      throw refusal(directory, quota, 'quota_exceeded')
  }
}

/**
 * The same for a change of plan: only quotas of the new plan itself count one more. All others count the instance already,
 * so that a quota that is used up still lets plans be changed within it.
 * @throws BrokerError `change_over_quota`
 */
export async function reserveQuotaForUpdate(
  tx: Tx,
  directory: Directory,
  ordered: QuotaSubject,
): Promise<void> {
  // A quota that is being set now either counts what we have written, or is found by what comes next.
  await lockOutQuotaChanges(tx)
  const ids = (await listQuotasOf(tx, ordered))
    .filter(({ planId }) => planId !== null)
    .map(({ id }) => id)
  if (ids.length === 0) return
  for (const quota of await lockQuotas(tx, ids)) {
    if ((await countTaken(tx, quota, quota.instances + 1)) > quota.instances)
      throw refusal(directory, quota, 'change_over_quota')
  }
}

/** What a new order would hear now; nothing is held. */
export async function validateOneMore(
  db: DbOrTx,
  directory: Directory,
  ordered: QuotaSubject,
): Promise<BrokerError | undefined> {
  for (const quota of await listQuotasOf(db, ordered)) {
    if ((await countTaken(db, quota, quota.instances)) >= quota.instances)
      return refusal(directory, quota, 'quota_exceeded')
  }
  return undefined
}

// Of what others have, only that it is all there is.
function refusal(
  directory: Directory,
  { organisationId, providerId, offeringId, planId, instances }: Quota,
  code: 'quota_exceeded' | 'change_over_quota',
): BrokerError {
  const whose =
    organisationId === null
      ? 'all who order here'
      : `the organisation "${directory.organisation(organisationId)?.name ?? ''}"`
  const what =
    planId !== null
      ? 'this plan'
      : offeringId !== null
        ? 'this offering'
        : providerId !== null
          ? 'this data centre'
          : 'all offerings'
  const standing =
    instances === 0
      ? 'none may be ordered'
      : `${instances === 1 ? 'the only instance' : `all ${instances} instances`} of it ${instances === 1 ? 'is' : 'are'} taken`
  return new BrokerError(code, `The quota of ${whose} for ${what} is used up: ${standing}.`)
}
