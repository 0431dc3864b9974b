import type { MarketplaceDeps } from '../deps.ts'
import type { PlanDelivery, PlanUse } from '../../types.gen.ts'
import type { Reader } from '../reader.ts'
import { listDeliveries, listUses, type DeliveryRow } from './store.ts'

/** What real orders of a plan show. */
export interface Measured {
  /** null: too few orders have ended, and a single one of another organisation must not show. */
  readonly delivery: PlanDelivery | null
  /** Organisations of the reader that have instances of it, most first. */
  readonly usedBy: readonly PlanUse[]
}

const minOrders = 5
const maxOrders = 100
const nothing: Measured = { delivery: null, usedBy: [] }

/** Asks the database once for all of these plans. */
export async function measure(
  { db, directory }: Pick<MarketplaceDeps, 'db' | 'directory'>,
  { organisations }: Reader,
  planIds: readonly string[],
): Promise<(planId: string) => Measured> {
  const own = [...directory.subtreeOf(...organisations.map(({ id }) => id))]
  const [deliveries, uses] = await Promise.all([
    listDeliveries(db, planIds, maxOrders),
    own.length === 0 ? [] : listUses(db, planIds, own),
  ])
  const measured = new Map<string, Measured>()
  for (const planId of planIds)
    measured.set(planId, {
      delivery: deliveryOf(deliveries.find((row) => row.planId === planId)),
      usedBy: uses
        .filter((row) => row.planId === planId)
        .toSorted((a, b) => b.instances - a.instances)
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
  if (row === undefined || row.orders < minOrders) return null
  const { orders, failed, medianSeconds, p90Seconds } = row
  const seconds = (value: number | null) => (value === null ? null : Math.round(value * 10) / 10)
  return {
    orders,
    medianSeconds: seconds(medianSeconds),
    p90Seconds: seconds(p90Seconds),
    failedPercent: Math.round((1_000 * failed) / orders) / 10,
  }
}
