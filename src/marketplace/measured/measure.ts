import type { MarketplaceDeps } from '../deps.ts'
import type { PlanDelivery, PlanUse } from '../../types.gen.ts'
import type { Reader } from '../reader.ts'
import { listDeliveries, listUses, type DeliveryRow } from './store.ts'

/** What real orders of a plan show. */
export interface Measured {
  /**
   * null: too few orders have ended, or they are of too few others: a reader who takes away those
   * of their own organisations must not see what is left of a single one.
   */
  readonly delivery: PlanDelivery | null
  /** Organisations of the reader that have instances of it, most first; at most 50. */
  readonly usedBy: readonly PlanUse[]
}

const minOrders = 5
const minOthers = 3
const maxOrders = 100
const maxUses = 50
const nothing: Measured = { delivery: null, usedBy: [] }

/** Asks the database once for all of these plans. */
export async function measure(
  { db, directory }: Pick<MarketplaceDeps, 'db' | 'directory'>,
  { organisations }: Reader,
  planIds: readonly string[],
): Promise<(planId: string) => Measured> {
  const own = [...directory.subtreeOf(...organisations.map(({ id }) => id))]
  const [deliveries, uses] = await Promise.all([
    listDeliveries(db, planIds, own, maxOrders),
    own.length === 0 ? [] : listUses(db, planIds, own),
  ])
  const deliveryOfPlan = new Map(deliveries.map((row) => [row.planId, row]))
  const usesOfPlan = Map.groupBy(uses, (row) => row.planId)
  const measured = new Map<string, Measured>()
  for (const planId of planIds)
    measured.set(planId, {
      delivery: deliveryOf(deliveryOfPlan.get(planId)),
      usedBy: (usesOfPlan.get(planId) ?? [])
        .toSorted((a, b) => b.instances - a.instances)
        .slice(0, maxUses)
        .map(({ organisationId, instances }) => ({
          organisation: {
            id: organisationId,
            name: directory.organisation(organisationId)?.name ?? organisationId,
          },
          instances,
        })),
    })
  return (planId) => measured.get(planId) ?? nothing
}

function deliveryOf(row: DeliveryRow | undefined): PlanDelivery | null {
  if (row === undefined || row.orders < minOrders || row.others < minOthers) return null
  const { orders, failed, medianSeconds, p90Seconds } = row
  const seconds = (value: number | null) => (value === null ? null : Math.round(value * 10) / 10)
  return {
    // Rounded down, and the share to tens: two readings tell no single order.
    orders: orders < 10 ? minOrders : Math.floor(orders / 10) * 10,
    medianSeconds: seconds(medianSeconds),
    p90Seconds: seconds(p90Seconds),
    failedPercent: Math.round((10 * failed) / orders) * 10,
  }
}
