import type { BindingResult } from '../backends/backend.ts'
import type { DbOrTx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { newId, newOpaqueId } from '../ids.ts'
import type { Instance } from '../instances/instance.ts'
import { lookUpInstance, type VersionedInstance } from '../instances/instance-with-operations.ts'
import { acceptance, newOperation } from '../instances/new-operation.ts'
import type { OrderDeps, OrderResult, OrderSource } from '../instances/order.ts'
import {
  answerOrder,
  submitOrder,
  type IntentResult,
  type Submitted,
} from '../instances/submit-order.ts'
import type { OrderTurn } from '../instances/take-turn.ts'
import { insertOperation } from '../operations/for-orders.ts'
import type { Operation } from '../operations/operation.ts'
import type { BindRequest } from '../types.gen.ts'
import type { WrittenBinding } from './bind-handler.ts'
import { requestAad, type BindContent, type Binding } from './binding.ts'
import { decideBind, type BindAllowed } from './decide-bind.ts'
import { requestOf } from './bind-request.ts'
import { replayBind } from './replay-bind.ts'
import { findBinding, insertBinding, isBindingFree } from './store.ts'

const maxSubmissions = 5

export interface BindOrder extends OrderSource {
  readonly instanceId: string
  readonly bindingId: string
  readonly body: BindRequest
}

/**
 * Orders a binding, or rotates one when the body names a predecessor. The same order sent again
 * gets the same binding. The answer:
 *
 *     decision  submission     a binding has the id  no binding has it
 *     --------  -------------  --------------------  ----------------------
 *     refused   none           replay                the decision's error
 *     allowed   none: dry run  replay                validated
 *     allowed   refused        replay                the submission's error
 *     allowed   not written    replay                decided again, then `concurrency`
 *     allowed   submitted      what the first call came to, see answerBind
 *
 * A replay is `repeated`, `in_progress` or an error, of a dry run `validated` or an error: see
 * replay-bind.ts.
 * @throws BrokerError `not_found`, `forbidden`, `invalid_request`, `not_bindable`, `not_rotatable`,
 * `invalid_parameters`, `conflict`, ...
 */
export async function bind(deps: OrderDeps, order: BindOrder): Promise<OrderResult<BindingResult>> {
  for (let count = 0; count < maxSubmissions; count++) {
    const answer = await decideAndSubmit(deps, order)
    if (answer !== undefined) return answer
  }
  throw new BrokerError(
    'concurrency',
    'Other operations on this instance come and go. Send the request again.',
  )
}

/** @returns undefined when another operation on the instance was faster */
async function decideAndSubmit(
  deps: OrderDeps,
  order: BindOrder,
): Promise<OrderResult<BindingResult> | undefined> {
  const found = await lookUpInstance(deps.db, order.platformId, order.instanceId)
  const { instance } = found
  const foreign = validateBelongs(order.body, instance)
  if (foreign !== undefined) throw await conflictOr(deps, order, foreign)
  const content = contentOf(order.body)
  const decision = await decideBind(deps, order, found)
  const submission =
    decision.kind === 'refused' || order.isDryRun
      ? decision
      : await submitOrder(
          deps,
          { ...order, acceptsIncomplete: decision.acceptsIncomplete },
          {
            providerId: instance.providerId,
            plan: decision.plan,
            subject: { instance, allowed: decision },
            write: writeIntent,
            isRepeated: () => isKnown(deps, order),
          },
        )
  if (submission.kind === 'submitted') return answerBind(order, submission)
  // An order sent again is answered from its row, for the catalog may have changed, and all slots
  // may be taken.
  const existing = await findBinding(deps.db, order.platformId, order.bindingId)
  if (existing !== undefined) return replayBind(deps, order, instance, existing, content)
  if (submission.kind === 'allowed') return { kind: 'validated' }
  if (submission.kind === 'refused') throw submission.error
  return undefined
}

function validateBelongs(body: BindRequest, instance: Instance): BrokerError | undefined {
  if (body.service_id !== undefined && body.service_id !== instance.offeringId)
    return new BrokerError('invalid_request', 'service_id is not that of the instance.')
  // The plan before the last change will do, as with a delete: a platform that got an error for the
  // change keeps that plan.
  const plans = [undefined, instance.planId, instance.previousPlanId]
  return plans.includes(body.plan_id)
    ? undefined
    : new BrokerError('invalid_request', 'plan_id is not that of the instance.')
}

/** DEC-52: an id that is in use for another service or plan is a conflict. */
async function conflictOr(
  { db }: OrderDeps,
  { platformId, bindingId }: BindOrder,
  error: BrokerError,
): Promise<BrokerError> {
  return (await findBinding(db, platformId, bindingId)) === undefined
    ? error
    : new BrokerError('conflict', `A binding with this id exists: ${error.message}`)
}

function contentOf(body: BindRequest): BindContent {
  return {
    parameters: body.parameters ?? {},
    bindResource: body.bind_resource ?? {},
    appGuid: body.app_guid ?? null,
    predecessor: body.predecessor_binding_id ?? null,
  }
}

async function isKnown({ db }: OrderDeps, order: BindOrder): Promise<boolean> {
  return (await findBinding(db, order.platformId, order.bindingId)) !== undefined
}

interface DecidedBind {
  readonly instance: VersionedInstance
  readonly allowed: BindAllowed
}

/**
 * @returns undefined when the platform has a binding of that id, or another operation of the
 * instance, or of the binding that it replaces, is unfinished
 */
async function writeIntent(
  db: DbOrTx,
  deps: OrderDeps,
  order: BindOrder,
  { instance, allowed: { plan, predecessor } }: DecidedBind,
  turn: OrderTurn,
): Promise<IntentResult> {
  const { platformId, bindingId } = order
  const key = newId(turn.now)
  const request = requestOf(deps, order.body, predecessor)
  const binding: Binding = {
    key,
    platformId,
    bindingId,
    instanceKey: instance.key,
    upstreamId: newOpaqueId(),
    predecessorKey: predecessor?.key ?? null,
    request: deps.vault.seal(request, requestAad({ key, platformId, instanceKey: instance.key })),
    requestDigest: deps.vault.digest(contentOf(order.body)),
    result: null,
    resultVersion: 0,
    expiresAt: null,
    state: 'binding',
    createdAt: turn.now,
  }
  const fresh = newOperation(deps, order, instance, plan, turn, 'bind')
  const operation: Operation = { ...fresh, bindingKey: key, bindingId }
  const isWritten = await insertOperation(db, operation, {
    decidedOn: { instance, binding: predecessor },
    condition: isBindingFree(platformId, bindingId),
    parts: [insertBinding(binding), ...acceptance(db, operation)],
  })
  const written: WrittenBinding = { instance, binding, request }
  return isWritten ? { operation, written } : undefined
}

function answerBind(order: BindOrder, submitted: Submitted): OrderResult<BindingResult> {
  const { stepResult } = submitted
  const isAsyncRequired =
    stepResult?.state === 'failed' && stepResult.failure.reason === 'async_required'
  // The platform allowed it; it was Kontor that did not, for the credentials could never be read.
  if (isAsyncRequired && order.acceptsIncomplete)
    throw new BrokerError(
      'provider_failed',
      'The provider makes bindings asynchronously only, but does not let them be fetched.',
    )
  return answerOrder(submitted)
}
