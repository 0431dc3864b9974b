import {
  acceptsIncomplete,
  answer,
  answerOperation,
  behaviourOf,
  checkSame,
  requireQuery,
  runsAsync,
} from './call.ts'
import type { Call, Desk, StepResult } from './call.ts'
import { finishOperation, haltOperation, startOperation } from './operation.ts'
import { refuseBadRequest, refuseBusy, requireAsync } from './refusal.ts'
import type { BindingRecord, InstanceRecord, OperationRecord, ServiceBehaviour } from './types.ts'
import { findOperation, listBindings } from './world.ts'
import type { Change } from './world.ts'

export function deprovision(desk: Desk, call: Call): StepResult {
  const serviceId = requireQuery(call, 'service_id')
  const planId = requireQuery(call, 'plan_id')
  const instance = desk.world.instances.get(call.instanceId)
  if (instance === undefined) return answer(410, {})
  checkSame('service_id', serviceId, [instance.service_id])

  const running = findOperation(desk.world, instance.operation)
  checkSame('plan_id', planId, [instance.plan_id])
  if (running?.kind === 'deprovision') {
    requireAsync(acceptsIncomplete(call))
    return answerOperation(running, 202, {}, [])
  }
  const behaviour = behaviourOf(desk, instance.service_id)
  const asynchronous = runsAsync(behaviour.mode === 'async', call)
  if (asynchronous) requireAsync(acceptsIncomplete(call))
  checkBusy(running, behaviour)
  const bindings = listBindings(desk.world, instance.instance_id)
  checkBindings(bindings, behaviour)

  const operation = startOperation(
    {
      kind: 'deprovision',
      instance_id: instance.instance_id,
      service_id: instance.service_id,
      plan_id: instance.plan_id,
      asked: { service_id: serviceId, plan_id: planId },
      asynchronous,
      previous_state: instance.state === 'creating' ? 'failed' : instance.state,
    },
    behaviour,
    call.now,
    call.twist,
  )
  const busy: InstanceRecord = { ...instance, state: 'deleting', operation: operation.operation }
  const changes: Change[] = [
    { put: 'operation', operation },
    { put: 'instance', instance: busy },
  ]
  // OSB 2.17 "Deprovisioning": a delete during the create halts it, and its poll must not say
  // succeeded later.
  if (running !== undefined) changes.unshift(haltOperation(running))
  if (!asynchronous) changes.push(...finishOperation(operation, busy, undefined, bindings))
  return answerOperation(operation, 200, {}, changes)
}

function checkBusy(running: OperationRecord | undefined, behaviour: ServiceBehaviour): void {
  if (running === undefined) return
  if (running.kind === 'provision' && behaviour.haltOnDelete !== false) return
  refuseBusy(`A ${running.kind} of this service instance is running.`)
}

function checkBindings(bindings: BindingRecord[], behaviour: ServiceBehaviour): void {
  if (bindings.some(({ operation }) => operation !== null))
    refuseBusy('A bind or unbind of this service instance is running.')
  if (behaviour.refuseDeprovisionWithBindings === false) return
  const left = bindings.filter(({ state }) => state !== 'failed').length
  if (left > 0)
    refuseBadRequest(
      `The service instance still has ${left} service ${left === 1 ? 'binding' : 'bindings'}: ` +
        'unbind first.',
    )
}
