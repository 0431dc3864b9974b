import { answer, behaviourOf, checkSame, readHint } from './call.ts'
import type { Call, Desk, StepResult } from './call.ts'
import { describeProgress } from './operation.ts'
import { refuseBadRequest, Refusal } from './refusal.ts'
import type { Json, OperationRecord } from './types.ts'
import { findBinding, findLatest } from './world.ts'

/** Both last_operation endpoints. */
export function poll(desk: Desk, call: Call): StepResult {
  const bindingId = call.endpoint === 'binding_last_operation' ? call.bindingId : undefined
  const serviceId = readHint(call, 'service_id')
  const planId = readHint(call, 'plan_id')
  const named = readHint(call, 'operation')
  const instance = desk.world.instances.get(call.instanceId)
  const thing =
    bindingId === undefined ? instance : findBinding(desk.world, call.instanceId, bindingId)
  const operation = findAsked(desk, call, bindingId, named)
  if (operation === undefined) {
    if (thing === undefined) throw new Refusal(404, 'There is no such resource.')
    return refuseBadRequest('operation is not one of this resource.')
  }
  if (thing !== undefined) {
    checkSame('service_id', serviceId, [thing.service_id])
    // OSB 2.17 "Polling": during a plan change the platform still sends the plan before it.
    checkSame('plan_id', planId, [
      thing.plan_id,
      instance?.plan_id,
      operation.plan_id,
      operation.asked['plan_id'] as string | undefined,
    ])
  } else if (named === undefined && !operation.asynchronous) {
    return tellSyncDelete(operation)
  }
  if (
    thing === undefined &&
    isDelete(operation) &&
    behaviourOf(desk, operation.service_id).goneAfterDelete !== false
  )
    return answer(410, {})
  return tell(desk, operation, call.now)
}

function findAsked(
  desk: Desk,
  call: Call,
  bindingId: string | undefined,
  named: string | undefined,
): OperationRecord | undefined {
  if (named === undefined) return findLatest(desk.world, call.instanceId, bindingId)
  const operation = desk.world.operations.get(named)
  return operation?.instance_id === call.instanceId && operation.binding_id === bindingId
    ? operation
    : undefined
}

function isDelete(operation: OperationRecord): boolean {
  return (
    operation.asynchronous &&
    (operation.kind === 'deprovision' || operation.kind === 'unbind') &&
    operation.state === 'succeeded'
  )
}

// 410 is for asynchronous deletes only. A synchronous delete that halted a create: the poll of the
// create answers `failed`.
function tellSyncDelete(operation: OperationRecord): StepResult {
  if (operation.previous_state === 'failed')
    return answer(200, { state: 'failed', description: 'The creation was halted by a delete.' })
  throw new Refusal(404, 'There is no such resource.')
}

function tell(desk: Desk, operation: OperationRecord, now: number): StepResult {
  const behaviour = behaviourOf(desk, operation.service_id)
  if (operation.state !== 'in progress') {
    const flags: Json = { ...operation.failure }
    return answer(200, {
      state: operation.state,
      ...(operation.state === 'failed' ? flags : {}),
      description: operation.description,
    })
  }
  const verdict = answer(200, {
    state: 'in progress',
    description: describeProgress(operation, behaviour, now),
  })
  if (behaviour.retryAfterSeconds !== undefined)
    verdict.headers = { 'retry-after': String(behaviour.retryAfterSeconds) }
  return verdict
}
