import {
  acceptsIncomplete,
  answer,
  answerOperation,
  behaviourOf,
  checkSame,
  findTarget,
  requireQuery,
  runsAsync,
} from './call.ts'
import type { Call, Desk, StepResult } from './call.ts'
import { finishOperation, haltOperation, startOperation } from './operation.ts'
import { refuseBusy, requireAsync } from './refusal.ts'
import type { BindingRecord, OperationRecord } from './types.ts'
import { findBinding, findOperation, listBindings } from './world.ts'
import type { Change } from './world.ts'

export function unbind(desk: Desk, call: Call): StepResult {
  const serviceId = requireQuery(call, 'service_id')
  const planId = requireQuery(call, 'plan_id')
  const instance = desk.world.instances.get(call.instanceId)
  const binding = findBinding(desk.world, call.instanceId, call.bindingId)
  if (instance === undefined || binding === undefined) return answer(410, {})
  checkSame('service_id', serviceId, [binding.service_id])
  // A plan change moves the bindings along; a client may know either plan.
  checkSame('plan_id', planId, [binding.plan_id, instance.plan_id])

  const running = findOperation(desk.world, binding.operation)
  if (running?.kind === 'unbind') {
    requireAsync(acceptsIncomplete(call))
    return answerOperation(running, 202, {}, [])
  }
  const behaviour = behaviourOf(desk, instance.service_id)
  const { offering } = findTarget(desk, instance)
  const asynchronous = runsAsync(
    behaviour.asyncBinding === true && offering?.bindings_retrievable === true,
    call,
  )
  if (asynchronous) requireAsync(acceptsIncomplete(call))
  checkBusy(desk, binding, findOperation(desk.world, instance.operation), running)

  const operation = startOperation(
    {
      kind: 'unbind',
      instance_id: call.instanceId,
      binding_id: call.bindingId,
      service_id: binding.service_id,
      plan_id: binding.plan_id,
      asked: { service_id: serviceId, plan_id: planId },
      asynchronous,
      previous_state: binding.state === 'creating' ? 'failed' : binding.state,
    },
    behaviour,
    call.now,
    call.twist,
  )
  const busy: BindingRecord = { ...binding, state: 'deleting', operation: operation.operation }
  const changes: Change[] = [
    { put: 'operation', operation },
    { put: 'binding', binding: busy },
  ]
  if (running !== undefined) changes.unshift(haltOperation(running))
  if (!asynchronous) changes.push(...finishOperation(operation, instance, busy))
  return answerOperation(operation, 200, {}, changes)
}

function checkBusy(
  desk: Desk,
  binding: BindingRecord,
  ofInstance: OperationRecord | undefined,
  ofBinding: OperationRecord | undefined,
): void {
  if (ofInstance !== undefined)
    refuseBusy(`A ${ofInstance.kind} of this service instance is running.`)
  const behaviour = behaviourOf(desk, binding.service_id)
  if (ofBinding !== undefined && behaviour.haltOnDelete === false)
    refuseBusy('The service binding is being created.')
  if (behaviour.serializeBindings !== true) return
  const others = listBindings(desk.world, binding.instance_id).filter(
    ({ binding_id: id }) => id !== binding.binding_id,
  )
  if (others.some(({ operation }) => operation !== null))
    refuseBusy('Another bind or unbind is running.')
}
