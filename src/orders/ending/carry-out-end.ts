import { BrokerError } from '../../errors.ts'
import { deprovision } from '../../instances/deprovision.ts'
import { lockOwnOrder } from '../authorise.ts'
import type { ClaimedOrder } from '../claims/claim.ts'
import type { OrdersDeps } from '../deps.ts'
import { findLastEvent } from '../events/store.ts'
import { note } from '../events/note.ts'
import { findInstanceOf } from '../instance-of.ts'
import type { Order } from '../order.ts'
import { sourceFor } from '../provision-order.ts'
import { releaseEnd } from './store.ts'

const minDelayMs = 15_000
const maxDelayMs = 3_600_000

/**
 * Deprovisions the instance of an order whose end was claimed. Until the instance is gone this is
 * repeated after a while, for the end was promised: a deprovision that was accepted may still fail
 * at the provider. A refusal is written into the order's history.
 * @throws what is no refusal; the end is repeated all the same
 */
export async function carryOutEnd(
  deps: OrdersDeps,
  { order, untilMs }: ClaimedOrder,
): Promise<void> {
  const delayMs = Math.min(minDelayMs * 2 ** Math.min(order.claims, 16), maxDelayMs)
  const later = () => new Date(deps.now().getTime() + delayMs)
  try {
    const isOver = await endInstance(deps, order, untilMs)
    await releaseEnd(deps.db, order, isOver ? null : later())
  } catch (error) {
    const isOver = error instanceof BrokerError && error.code === 'gone'
    await releaseEnd(deps.db, order, isOver ? null : later())
    if (isOver) return
    await noteRefusal(deps, order, error)
    if (!(error instanceof BrokerError)) throw error
  }
}

/** @returns whether there is nothing to deprovision any more */
async function endInstance(deps: OrdersDeps, order: Order, untilMs: number): Promise<boolean> {
  const found = await findInstanceOf(deps, order)
  if (found === undefined) return true
  const { instance, platformId, running } = found
  // An operator decides about a deprovision that is parked; another one would take that away.
  if (running.some(({ kind, state }) => kind === 'deprovision' && state === 'parked')) return false
  const { kind } = await deprovision(deps, {
    ...sourceFor(order, platformId, order.endedBy ?? order.personId, untilMs),
    instanceId: order.instanceId,
    serviceId: instance.offeringId,
    planId: instance.planId,
  })
  return kind === 'done'
}

/** Once for all repetitions that are refused for the same reason. */
async function noteRefusal(deps: OrdersDeps, order: Order, error: unknown): Promise<void> {
  const [code, detail] =
    error instanceof BrokerError ? [error.code, error.message] : ['internal', '']
  await deps.db.transaction().execute(async (tx) => {
    const locked = await lockOwnOrder(tx, order)
    const last = await findLastEvent(tx, order.id)
    if (last?.kind === 'request-refused' && last.details['code'] === code) return
    await note(tx, locked, undefined, 'request-refused', deps.now(), { code, detail })
  })
}
