// The turn of an order at its provider: a slot at once, one that it waits for, or a later call by a
// worker.
import type { CatalogPlan } from '../catalog/snapshot.ts'
import { validateTarget } from '../catalog/resolve-plan.ts'
import { BrokerError, stoppingError } from '../errors.ts'
import type { Claim } from '../operations/for-orders.ts'
import type { Slot } from '../providers/bulkhead.ts'
import type { OpenProvider } from '../providers/open-provider.ts'
import type { OrderDeps, OrderSource } from './order.ts'

/**
 * When an order is called: at once by this process, which then holds a slot, or later by a worker.
 */
export interface OrderTurn {
  readonly kind: 'turn'
  /** Written with the operation; `accepted` leaves it to a worker. */
  readonly claim: Claim
  readonly now: Date
  readonly receivedAtMs: number
  /** Until when an asynchronous order waits for the first answer, as `receivedAtMs`. */
  readonly inlineUntilMs: number
  readonly releaseSlot: (() => void) | undefined
}

/**
 * No free slot, and the platform cannot wait; or the provider's back end cannot be opened, or the
 * plan is not the provider's.
 */
export interface TurnRefused {
  readonly kind: 'refused'
  readonly error: Error
}

/**
 * Another order was faster, the same one came before, or the provider, platform or organisation
 * takes no new orders any more, so nothing was written.
 */
export interface NotWritten {
  readonly kind: 'not_written'
}

/** Where an order takes its turn. */
export interface TurnAt {
  readonly providerId: string
  /** By which the order is made; it must be one of that provider. */
  readonly plan?: CatalogPlan
  /** Whether the order can be answered from its row; asked only before a wait. */
  isRepeated?(): Promise<boolean>
}

type WaitingOrder = Pick<OrderSource, 'acceptsIncomplete' | 'platformId' | 'receivedAtMs'>

const maxSlotWaitMs = 10_000
// An order may have waited for the check of its parameters too. Of the 55 s that it may take in
// all, at least 25 remain for the provider.
const maxWaitMs = 30_000
const maxInlineMs = 55_000

/**
 * Takes one of the provider's slots. While all are taken, a synchronous order waits for one; an
 * asynchronous one is queued, unless its platform holds less than its share: then it first waits
 * too, because the queue may be full of another platform's orders.
 */
export async function takeTurn(
  deps: OrderDeps,
  { providerId, plan, ...at }: TurnAt,
  order: WaitingOrder,
): Promise<OrderTurn | TurnRefused | NotWritten> {
  const { acceptsIncomplete, platformId, receivedAtMs } = order
  const open = await deps.backends.open(providerId).catch(asError)
  if (open instanceof Error) return { kind: 'refused', error: open }
  // The decision could not check it if the provider did not open then.
  const foreign = plan && validateTarget(deps.vault, plan, open.provider.name)
  if (foreign !== undefined) return { kind: 'refused', error: foreign }
  const begunAtMs = performance.now()
  const inlineUntilMs = Math.min(begunAtMs + deps.orderTimes.inlineMs, receivedAtMs + maxInlineMs)
  const use = acceptsIncomplete ? 'async_order' : 'sync_order'
  let slot = open.guard.acquireSlot(use, platformId)
  if (!slot.granted && slot.reason === 'busy') {
    const isQueued = acceptsIncomplete && !open.guard.isUnderShare(platformId)
    const untilMs = acceptsIncomplete
      ? inlineUntilMs
      : Math.min(begunAtMs + maxSlotWaitMs, receivedAtMs + maxWaitMs)
    const waitMs = untilMs - begunAtMs
    if (waitMs > 0 && !isQueued) {
      if ((await at.isRepeated?.()) === true) return { kind: 'not_written' }
      slot = await open.guard.waitForSlot(use, platformId, waitMs)
    }
  }
  if (!slot.granted && slot.reason === 'removed') return { kind: 'not_written' }
  const now = deps.now()
  if (slot.granted) {
    const leaseUntil = new Date(now.getTime() + deps.orderTimes.leaseMs)
    const claim: Claim = { state: 'calling', leaseUntil, nextStepAt: null }
    return { kind: 'turn', claim, now, receivedAtMs, inlineUntilMs, releaseSlot: slot.release }
  }
  if (!acceptsIncomplete) return { kind: 'refused', error: slotError(open, slot) }
  const claim: Claim = { state: 'accepted', leaseUntil: null, nextStepAt: now }
  return { kind: 'turn', claim, now, receivedAtMs, inlineUntilMs, releaseSlot: undefined }
}

/**
 * For dry runs, which take no turn.
 * @returns the refusal of an order that cannot wait while the provider's circuit is open, or why
 * its back end cannot be opened; else undefined
 */
export async function validateCircuit(
  deps: OrderDeps,
  providerId: string,
  { acceptsIncomplete }: Pick<OrderSource, 'acceptsIncomplete'>,
): Promise<Error | undefined> {
  const open = await deps.backends.open(providerId).catch(asError)
  if (open instanceof Error) return open
  const retryAfterMs = open.circuit.waitMs()
  return retryAfterMs === undefined || acceptsIncomplete
    ? undefined
    : slotError(open, { granted: false, reason: 'circuit_open', retryAfterMs })
}

// An error in opening a back end is returned as a refusal, so that an order sent again is still
// answered from its row.
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function slotError(
  { label, heldSentence }: Pick<OpenProvider, 'label' | 'heldSentence'>,
  { reason, retryAfterMs }: Extract<Slot, { granted: false }>,
): BrokerError {
  if (reason === 'stopping') return stoppingError()
  if (reason !== 'circuit_open')
    return new BrokerError(
      'rate_limited',
      `${label} is busy with other orders. Try again in a moment.`,
      { retryAfterSeconds: 2 },
    )
  const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000))
  return new BrokerError(
    'provider_unavailable',
    (heldSentence !== undefined
      ? `${heldSentence} Nothing is sent to it until then. `
      : `${label} does not work at present, so nothing is sent to it for a while. `) +
      'Try again later, or order asynchronously: such an order waits.',
    { retryAfterSeconds },
  )
}
