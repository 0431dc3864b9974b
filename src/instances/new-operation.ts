import type { CatalogPlan } from '../catalog/snapshot.ts'
import type { DbOrTx } from '../db/database.ts'
import type { Part } from '../db/parts.ts'
import { newId } from '../ids.ts'
import { orderRecorded } from '../operations/for-orders.ts'
import type { Operation } from '../operations/operation.ts'
import type { OperationKind } from '../operations/states.ts'
import type { Instance } from './instance.ts'
import type { OrderDeps, OrderSource } from './order.ts'
import type { OrderTurn } from './take-turn.ts'

/** The operation of an order on an instance. */
export function newOperation(
  deps: OrderDeps,
  order: OrderSource,
  { key, instanceId, providerId, organisationId }: Instance,
  plan: CatalogPlan | undefined,
  { claim, now }: OrderTurn,
  kind: OperationKind,
): Operation {
  const planMs =
    plan?.maximumPollingSeconds === undefined ? Infinity : plan.maximumPollingSeconds * 1_000
  return {
    id: newId(now),
    platformId: order.platformId,
    providerId,
    organisationId,
    instanceKey: key,
    bindingKey: null,
    instanceId,
    bindingId: null,
    kind,
    ...claim,
    fencingToken: 1,
    retries: 0,
    internalErrors: 0,
    deadlineAt: new Date(now.getTime() + Math.min(planMs, deps.orderTimes.maxPollingMs)),
    inDoubtUntil: null,
    acceptsIncomplete: order.acceptsIncomplete,
    change: null,
    requestDigest: null,
    upstreamOperation: null,
    originatingIdentity: order.originatingIdentity ?? null,
    requestIdentity: order.requestIdentity ?? null,
    description: null,
    instanceUsable: null,
    sentAt: null,
    createdAt: now,
  }
}

/**
 * Records an asynchronous order when it is written. A synchronous one is recorded once, when it has
 * ended; that event says when it was ordered, too.
 */
export function acceptance(db: DbOrTx, operation: Operation): readonly Part[] {
  return operation.acceptsIncomplete
    ? [orderRecorded(db, operation, 'accepted', operation.createdAt)]
    : []
}
