import { isDeepStrictEqual } from 'node:util'
import {
  acceptsIncomplete,
  answer,
  answerOperation,
  behaviourOf,
  checkSame,
  findTarget,
  readObject,
  readOptionalText,
  readText,
  runsAsync,
} from './call.ts'
import type { Call, Desk, StepResult } from './call.ts'
import { makeBindingData } from './credentials.ts'
import { finishOperation, startOperation } from './operation.ts'
import { refuseBadRequest, refuseBusy, requireAsync, Refusal } from './refusal.ts'
import type { BindingRecord, InstanceRecord, Json, ServiceBehaviour } from './types.ts'
import { findBinding, findOperation, listBindings } from './world.ts'
import type { Change } from './world.ts'

export function bind(desk: Desk, call: Call): StepResult {
  const asked = readRequest(call.body)
  const instance = desk.world.instances.get(call.instanceId)
  if (instance === undefined) throw new Refusal(404, 'There is no such service instance.')
  checkSame('service_id', asked.service_id, [instance.service_id])
  checkSame('plan_id', asked.plan_id, [instance.plan_id])

  const existing = findBinding(desk.world, call.instanceId, call.bindingId)
  if (existing !== undefined && desk.settings.duplicateDetection)
    return replay(desk, call, existing, asked)

  const behaviour = behaviourOf(desk, instance.service_id)
  const { offering, plan } = findTarget(desk, instance)
  if (!(plan?.bindable ?? offering?.bindable ?? false))
    refuseBadRequest('This service plan is not bindable.')
  const predecessor =
    asked.predecessor === null
      ? undefined
      : requirePredecessor(desk, call, instance, asked.predecessor)
  const bindResource =
    predecessor !== undefined && Object.keys(asked.bind_resource).length === 0
      ? predecessor.bind_resource
      : asked.bind_resource
  if (behaviour.requiresApp === true && typeof bindResource['app_guid'] !== 'string') {
    throw new Refusal(
      422,
      'This service can only be bound to an app: send bind_resource.app_guid.',
      'RequiresApp',
    )
  }
  // Without a fetch the credentials of an asynchronous bind could never be read.
  const asynchronous = runsAsync(
    behaviour.asyncBinding === true && offering?.bindings_retrievable === true,
    call,
  )
  if (asynchronous) requireAsync(acceptsIncomplete(call))
  checkBusy(desk, instance, behaviour)

  const operation = startOperation(
    {
      kind: 'bind',
      instance_id: call.instanceId,
      binding_id: call.bindingId,
      service_id: instance.service_id,
      plan_id: instance.plan_id,
      asked: call.body,
      asynchronous,
    },
    behaviour,
    call.now,
    call.twist,
  )
  const made = makeBindingData({
    instance,
    bindingId: call.bindingId,
    offering,
    behaviour,
    now: call.now,
  })
  const binding: BindingRecord = {
    instance_id: call.instanceId,
    binding_id: call.bindingId,
    service_id: instance.service_id,
    plan_id: instance.plan_id,
    context: asked.context,
    parameters: asked.parameters ?? predecessor?.parameters ?? {},
    bind_resource: bindResource,
    predecessor_binding_id: asked.predecessor,
    state: 'creating',
    operation: operation.operation,
    data: made.data,
    created_at: new Date(call.now).toISOString(),
    expires_at: made.expiresAt,
  }
  const changes: Change[] = [
    { put: 'operation', operation },
    { put: 'binding', binding },
    { count: 'bound' },
  ]
  if (existing !== undefined) {
    changes.push({
      put: 'duplicate',
      duplicate: {
        kind: 'binding',
        instance_id: call.instanceId,
        binding_id: call.bindingId,
        made_at: binding.created_at,
      },
    })
  }
  if (!asynchronous) changes.push(...finishOperation(operation, instance, binding))
  return answerOperation(operation, 201, asynchronous ? {} : binding.data, changes)
}

interface BindAsk {
  service_id?: string
  plan_id?: string
  parameters?: Json
  bind_resource: Json
  context: Json
  predecessor: string | null
}

function readRequest(body: Json): BindAsk {
  const predecessor = readOptionalText(body, 'predecessor_binding_id')
  // The rotation table lists no other field, so the ids are only needed for an ordinary bind.
  const readId = predecessor === undefined ? readText : readOptionalText
  const serviceId = readId(body, 'service_id')
  const planId = readId(body, 'plan_id')
  const appGuid = readOptionalText(body, 'app_guid')
  const parameters = readObject(body, 'parameters')
  return {
    ...(serviceId === undefined ? {} : { service_id: serviceId }),
    ...(planId === undefined ? {} : { plan_id: planId }),
    ...(parameters === undefined ? {} : { parameters }),
    bind_resource: {
      ...(appGuid === undefined ? {} : { app_guid: appGuid }),
      ...readObject(body, 'bind_resource'),
    },
    context: readObject(body, 'context') ?? {},
    predecessor: predecessor ?? null,
  }
}

function replay(desk: Desk, call: Call, existing: BindingRecord, asked: BindAsk): StepResult {
  const running = findOperation(desk.world, existing.operation)
  if (running?.kind === 'unbind') refuseBusy('The service binding is being deleted.')
  if (existing.state === 'failed')
    throw new Refusal(409, 'Creating this service binding failed; delete it first.')
  if (!isSame(existing, asked))
    throw new Refusal(409, 'A service binding with this id and different attributes exists.')
  if (running === undefined) return answer(200, existing.data)
  requireAsync(acceptsIncomplete(call))
  return answerOperation(running, 202, {}, [])
}

// What a rotation leaves out was taken from the predecessor, so it is no difference.
function isSame(existing: BindingRecord, asked: BindAsk): boolean {
  if (existing.predecessor_binding_id !== asked.predecessor) return false
  const inherits = asked.predecessor !== null
  if (
    !(inherits && asked.parameters === undefined) &&
    !isDeepStrictEqual(existing.parameters, asked.parameters ?? {})
  )
    return false
  return (
    (inherits && Object.keys(asked.bind_resource).length === 0) ||
    isDeepStrictEqual(existing.bind_resource, asked.bind_resource)
  )
}

function requirePredecessor(
  desk: Desk,
  call: Call,
  instance: InstanceRecord,
  id: string,
): BindingRecord {
  if (findTarget(desk, instance).plan?.binding_rotatable !== true)
    refuseBadRequest('Bindings of this service plan cannot be rotated.')
  const predecessor = findBinding(desk.world, instance.instance_id, id)
  if (predecessor === undefined || id === call.bindingId || predecessor.state === 'failed') {
    return refuseBadRequest(
      'predecessor_binding_id is not a service binding of this service instance.',
    )
  }
  if (predecessor.operation !== null) refuseBusy('The predecessor is being created or deleted.')
  if (predecessor.expires_at !== null && predecessor.expires_at <= call.now)
    refuseBadRequest('The predecessor has expired.')
  return predecessor
}

function checkBusy(desk: Desk, instance: InstanceRecord, behaviour: ServiceBehaviour): void {
  const running = findOperation(desk.world, instance.operation)
  if (running !== undefined) refuseBusy(`A ${running.kind} of this service instance is running.`)
  if (instance.state === 'failed')
    refuseBadRequest('Provisioning of this service instance failed: it cannot be bound.')
  if (behaviour.serializeBindings !== true) return
  if (listBindings(desk.world, instance.instance_id).some(({ operation }) => operation !== null))
    refuseBusy('Another bind or unbind is running.')
}
