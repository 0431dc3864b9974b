// Quotas as orders see them. The instance's own row, with its entry in the ledger, or the operation
// that changes its plan, is the reservation. It is written with the intent and ends with the
// transaction that ends the order.
import type { CatalogPlan } from '../../catalog/snapshot.ts'
import type { DbOrTx, Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { KnownQuotas } from './known-quotas.ts'
import type { Quota } from './quota.ts'
import { countTaken, lockOutQuotaChanges, type QuotaSubject } from './count/store.ts'
import { listQuotasOf, lockQuotas } from './store.ts'

export { excludeOrders, fallsUnder } from './count/store.ts'

/** @param organisationId  that the order is for; null: the owner of its platform */
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

export interface ReserveDeps {
  readonly directory: Directory
  readonly quotas: KnownQuotas
}

/**
 * Checks the quotas of an order. Call it last in the transaction that has written the order: other
 * orders under the same quotas wait from here until its end.
 * @param ids  of the quotas in the database that it falls under
 * @throws BrokerError `quota_exceeded` when it is one too many
 */
export async function reserveQuota(
  tx: Tx,
  { directory, quotas }: ReserveDeps,
  ordered: QuotaSubject,
  ids: readonly string[],
): Promise<void> {
  const rows = await lockAll(tx, [...ids, ...quotas.idsOf(ordered)])
  // Counted by a statement of its own after the lock, so that it sees the orders that held the lock
  // before.
  for (const quota of await quotas.confirm(tx, ordered, rows))
    if (await isExceeded(tx, directory, quota)) throw refusal(directory, quota, 'quota_exceeded')
}

// An order of an organisation that SQL moved elsewhere in the tree waits for the quotas that it
// falls under all the same.
async function lockAll(tx: Tx, ids: readonly string[]): Promise<Quota[]> {
  return ids.length === 0 ? [] : lockQuotas(tx, [...new Set(ids)])
}

async function isExceeded(tx: Tx, directory: Directory, quota: Quota): Promise<boolean> {
  const below = directory.tenantsBelow(quota.organisationId)
  return (await countTaken(tx, quota, below)) > quota.instances
}

/**
 * As `reserveQuota`, for a change of plan: only quotas of the new plan count one more. All others
 * count the instance already, so a plan can be changed within a quota that is used up.
 * @throws BrokerError `change_over_quota`
 */
export async function reserveQuotaForUpdate(
  tx: Tx,
  { directory, quotas }: ReserveDeps,
  ordered: QuotaSubject,
): Promise<void> {
  const countsMore = ({ planId }: Quota) => planId !== null
  // A quota that is being set now either counts this change, or the next statement finds the quota.
  await lockOutQuotaChanges(tx)
  const ids = (await listQuotasOf(tx, ordered)).filter(countsMore).map(({ id }) => id)
  if (ids.length === 0 && quotas.hasNone()) return
  const rows = await lockAll(tx, [...ids, ...quotas.idsOf(ordered, countsMore)])
  for (const quota of await quotas.confirm(tx, ordered, rows, countsMore))
    if (await isExceeded(tx, directory, quota)) throw refusal(directory, quota, 'change_over_quota')
}

/** The refusal that a new order would get now; reserves nothing. */
export async function validateOneMore(
  db: DbOrTx,
  { directory, quotas }: ReserveDeps,
  ordered: QuotaSubject,
): Promise<BrokerError | undefined> {
  for (const quota of await quotas.confirm(db, ordered, await listQuotasOf(db, ordered))) {
    const below = directory.tenantsBelow(quota.organisationId)
    if ((await countTaken(db, quota, below)) >= quota.instances)
      return refusal(directory, quota, 'quota_exceeded')
  }
  return undefined
}

// Reveals nothing about other organisations but that the quota is used up.
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
  const usage =
    instances === 0
      ? 'none may be ordered'
      : instances === 1
        ? 'the only instance of it is taken'
        : `all ${instances} instances of it are taken`
  return new BrokerError(code, `The quota of ${whose} for ${what} is used up: ${usage}.`)
}
