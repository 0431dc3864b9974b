import { validateTarget } from '../catalog/resolve-plan.ts'
import { integrityOf, noteCheck, noteRow } from '../vault/sealed-rows/integrity.ts'
import { isGenuine } from './identity.ts'
import { findIdentities } from './identity/store.ts'
import type { OrderDeps } from './order.ts'

/**
 * Checks again the instances and plans that an order has found changed past Kontor: no later order
 * may meet them, and the alarm would go on for ever.
 */
export async function checkNoted({
  db,
  vault,
  catalog,
  backends,
}: Pick<OrderDeps, 'db' | 'vault' | 'catalog' | 'backends'>): Promise<void> {
  const integrity = integrityOf(vault)
  const noted = (table: string) => integrity.failures.get(table)?.damaged ?? []
  const keys = noted('instances')
  if (keys.length > 0) {
    const rows = new Map((await findIdentities(db, keys)).map((row) => [row.key, row]))
    const right = new Set(
      keys.filter((key) => {
        const row = rows.get(key)
        return row === undefined || isGenuine(vault, row)
      }),
    )
    // At once: each call that changes something writes a line to the log.
    const damaged = noted('instances').filter((key) => !right.has(key))
    noteCheck(integrity, { table: 'instances', damaged, isWhole: true })
  }
  for (const id of noted('plan_targets')) {
    const plan = catalog.current().plans.get(id)
    if (plan === undefined) noteRow(integrity, 'plan_targets', id, true)
    else {
      const open = await backends.open(plan.target.providerId).catch(() => undefined)
      if (open !== undefined) validateTarget(vault, plan, open.provider.name)
    }
  }
}
