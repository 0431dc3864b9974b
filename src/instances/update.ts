import { quotaSubject, reserveQuotaForUpdate } from '../access/quotas/reserve-quota.ts'
import type { InstanceResult } from '../backends/backend.ts'
import { isTransaction, type DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { insertOperation } from '../operations/for-orders.ts'
import type { Operation } from '../operations/operation.ts'
import { shownDashboard } from '../providers/dashboard-urls.ts'
import { validateOrdering } from '../tenancy/ordering-organisation.ts'
import type { UpdateRequest } from '../types.gen.ts'
import { changeAad, type UpdateContent } from './change.ts'
import { decideOrder } from './decide.ts'
import type { Instance } from './instance.ts'
import { lookUpInstance, type VersionedInstance } from './instance-with-operations.ts'
import { acceptance, newOperation } from './new-operation.ts'
import type { OrderDeps, OrderResult, OrderSource } from './order.ts'
import { resolveChange, type ResolvedChange } from './resolve-change.ts'
import { answerOrder, needsTransaction, submitOrder, type IntentResult } from './submit-order.ts'
import type { OrderTurn } from './take-turn.ts'
import type { WrittenUpdate } from './update-handler.ts'

export interface UpdateOrder extends OrderSource {
  readonly instanceId: string
  readonly body: UpdateRequest
}

const maxSubmissions = 5

/**
 * Changes an instance: plan, parameters, context, maintenance version. The same change sent again
 * while it runs is the same operation.
 * @throws BrokerError `not_found`, `forbidden`, `invalid_request`, `unknown_plan`, `not_offered`,
 * `change_over_quota`, `plan_not_updateable`, `invalid_parameters`, `concurrency`, ...
 */
export async function update(
  deps: OrderDeps,
  order: UpdateOrder,
): Promise<OrderResult<InstanceResult>> {
  for (let count = 0; count < maxSubmissions; count++) {
    const { instance, running } = await lookUpInstance(deps.db, order.platformId, order.instanceId)
    if (order.body.service_id !== instance.offeringId)
      throw new BrokerError('invalid_request', 'service_id is not that of the instance.')
    const repeated = replay(deps, order, instance, running)
    if (repeated !== undefined) return repeated
    assertUpdateable(instance)
    const resolved = await resolveChange(deps, order.body, instance)
    if (resolved === undefined) return { kind: 'done' }
    await assertAllowed(deps, order, instance, resolved)

    const submission = await submitOrder(deps, order, {
      providerId: instance.providerId,
      plan: resolved.plan,
      subject: { instance, resolved },
      write: writeIntent,
    })
    if (submission.kind === 'submitted') return answerOrder(submission)
    if (submission.kind === 'refused') throw submission.error
    // Another operation is under way, or it has just ended and may have changed the instance.
  }
  throw new BrokerError(
    'concurrency',
    'Other operations on this instance come and go. Send the request again.',
  )
}

/** What a request is compared by with one that was sent before. */
function contentOf(body: UpdateRequest): UpdateContent {
  return {
    plan: body.plan_id ?? null,
    parameters: body.parameters ?? null,
    context: body.context ?? null,
    maintenance: body.maintenance_info?.version ?? null,
  }
}

/** Answers the same request sent again by its operation; any other request has to wait. */
function replay(
  deps: OrderDeps,
  order: UpdateOrder,
  instance: Instance,
  [running]: readonly Operation[],
): OrderResult<InstanceResult> | undefined {
  if (running === undefined) return undefined
  if (running.kind !== 'update' || !isRepeated(deps, order, running))
    throw new BrokerError(
      'concurrency',
      `Another operation (${running.kind}) on this instance is under way.`,
    )
  if (!order.acceptsIncomplete)
    throw new BrokerError(
      'async_required',
      'The update is under way; only an asynchronous request can wait for it.',
    )
  const dashboardUrl = shownDashboard(deps.dashboards, instance.dashboardUrl)
  return {
    kind: 'in_progress',
    operationId: running.id,
    result: dashboardUrl === undefined ? {} : { dashboardUrl },
  }
}

function isRepeated({ vault }: OrderDeps, { body }: UpdateOrder, running: Operation): boolean {
  const digest = running.requestDigest
  return digest !== null && vault.isDigestOf(digest, contentOf(body))
}

function assertUpdateable({ state }: Instance): void {
  if (state === 'gone') throw new BrokerError('not_found', 'There is no such instance.')
  if (state !== 'ready')
    throw new BrokerError(
      'failed_instance',
      'The instance could not be provisioned; it can only be deprovisioned.',
    )
}

async function assertAllowed(
  deps: OrderDeps,
  order: UpdateOrder,
  instance: Instance,
  { change, plan, organisationId }: ResolvedChange,
): Promise<void> {
  // A suspended tenant gets no more than it has; to keep that up to date is no order.
  if (change.planId === undefined && change.parameters === undefined) return
  const closed = validateOrdering(deps.directory, order.platformId, instance.organisationId)
  if (closed !== undefined) throw closed
  const { parameters } = change
  const wanted = { kind: 'update', plan, organisationId, parameters } as const
  const decision = await decideOrder(deps, order, wanted)
  if (decision.kind === 'refused') throw decision.error
}

interface DecidedUpdate {
  readonly instance: VersionedInstance
  readonly resolved: ResolvedChange
}

/** @returns undefined when another operation of the instance is unfinished */
async function writeIntent(
  db: DbOrTx,
  deps: OrderDeps,
  order: UpdateOrder,
  { instance, resolved: { change, plan, organisationId } }: DecidedUpdate,
  turn: OrderTurn,
): Promise<IntentResult> {
  // Another plan may have other quotas.
  if (change.planId !== undefined && !isTransaction(db)) return needsTransaction
  const fresh = newOperation(deps, order, instance, plan, turn, 'update')
  const operation: Operation = {
    ...fresh,
    change: deps.vault.seal(change, changeAad(fresh)),
    requestDigest: deps.vault.digest(contentOf(order.body)),
  }
  const isWritten = await insertOperation(db, operation, {
    targetPlanId: change.planId,
    decidedOn: { instance },
    parts: acceptance(db, operation),
  })
  if (!isWritten) return undefined
  if (change.planId !== undefined && isTransaction(db)) {
    const subject = quotaSubject(plan, order.platformId, organisationId)
    await reserveQuotaForUpdate(db, deps, subject)
  }
  const written: WrittenUpdate = { instance, change }
  return { operation, written }
}
