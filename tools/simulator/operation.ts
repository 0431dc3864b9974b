import { randomUUID } from 'node:crypto'
import type {
  BindingRecord,
  InstanceRecord,
  Json,
  OperationKind,
  OperationRecord,
  ServiceBehaviour,
} from './types.ts'
import { listBindings } from './world.ts'
import type { Change, World } from './world.ts'
import type { Twist } from './fault.ts'

export interface OperationDraft {
  kind: OperationKind
  instance_id: string
  binding_id?: string
  service_id: string
  plan_id: string
  asked: Json
  asynchronous: boolean
  previous_state?: string
}

const secondsOf = {
  provision: 'provisionSeconds',
  update: 'updateSeconds',
  deprovision: 'deprovisionSeconds',
  bind: 'bindSeconds',
  unbind: 'unbindSeconds',
} as const satisfies Record<OperationKind, keyof ServiceBehaviour>

export function startOperation(
  draft: OperationDraft,
  behaviour: ServiceBehaviour,
  now: number,
  twist: Twist,
): OperationRecord {
  return {
    ...draft,
    operation: nameOperation(draft.kind, behaviour),
    named: behaviour.operationStyle !== 'none',
    started_at: now,
    seconds: draft.asynchronous ? (behaviour[secondsOf[draft.kind]] ?? 0) : 0,
    ...(twist.never ? { never: true } : {}),
    ...(twist.failure ? { failure: twist.failure } : {}),
    state: 'in progress',
  }
}

function isDue(operation: OperationRecord, now: number): boolean {
  return (
    operation.state === 'in progress' &&
    operation.never !== true &&
    now >= operation.started_at + operation.seconds * 1000
  )
}

/** From the clock alone, so that it goes on rightly after a restart. */
export function describeProgress(
  operation: OperationRecord,
  behaviour: ServiceBehaviour,
  now: number,
): string {
  const share =
    operation.seconds === 0 ? 0 : (now - operation.started_at) / (operation.seconds * 1000)
  const part = Math.min(Math.max(share, 0), 0.999)
  const steps = behaviour.steps ?? []
  if (operation.kind !== 'provision' || steps.length === 0)
    return `${operation.kind} is running: ${Math.floor(part * 100)} %`
  const step = Math.floor(part * steps.length)
  return `${steps[step] ?? operation.kind} (${step + 1} of ${steps.length})`
}

/**
 * What has come true on this instance by now; to be committed before any request on it is checked.
 */
export function settleInstance(world: World, instanceId: string, now: number): Change[] {
  const changes: Change[] = []
  for (const id of world.running.get(instanceId) ?? []) {
    const operation = world.operations.get(id)
    if (operation === undefined || !isDue(operation, now)) continue
    const instance = world.instances.get(instanceId)
    const binding =
      operation.binding_id === undefined
        ? undefined
        : world.bindings.get(instanceId)?.get(operation.binding_id)
    changes.push(...finishOperation(operation, instance, binding, listBindings(world, instanceId)))
  }
  return changes
}

export function finishOperation(
  operation: OperationRecord,
  instance: InstanceRecord | undefined,
  binding: BindingRecord | undefined,
  left: BindingRecord[] = [],
): Change[] {
  const failure = operation.failure
  const ended: OperationRecord = {
    ...operation,
    state: failure ? 'failed' : 'succeeded',
    description: failure ? failure.description : `${operation.kind} is complete`,
  }
  const changes: Change[] = [{ put: 'operation', operation: ended }]
  // Only the operation that holds the thing may move it: another may have replaced it
  // (duplicateDetection: false).
  if (operation.kind === 'bind' || operation.kind === 'unbind') {
    if (binding?.operation === operation.operation)
      changes.push(...finishBinding(operation, binding))
  } else if (instance?.operation === operation.operation) {
    changes.push(...finishInstance(operation, instance, left))
  }
  return changes
}

/** A DELETE overtook it: its own poll says so, the resource belongs to the delete. */
export function haltOperation(operation: OperationRecord): Change {
  return {
    put: 'operation',
    operation: {
      ...operation,
      state: 'failed',
      description: `${operation.kind} was halted by a delete`,
    },
  }
}

function finishInstance(
  operation: OperationRecord,
  instance: InstanceRecord,
  left: BindingRecord[],
): Change[] {
  const settled: InstanceRecord = { ...instance, operation: null }
  if (operation.failure) {
    const state =
      operation.kind === 'provision' || operation.previous_state === 'failed' ? 'failed' : 'ready'
    return [{ put: 'instance', instance: { ...settled, state } }]
  }
  if (operation.kind === 'provision')
    return [{ put: 'instance', instance: { ...settled, state: 'ready' } }]
  if (operation.kind === 'update')
    return [
      { put: 'instance', instance: mergeUpdate(settled, operation.asked) },
      { count: 'updated' },
    ]
  return [
    ...left.map((): Change => ({ count: 'unbound' })),
    { drop: 'instance', instance_id: instance.instance_id },
    { count: 'deprovisioned' },
  ]
}

function finishBinding(operation: OperationRecord, binding: BindingRecord): Change[] {
  if (operation.kind === 'unbind' && !operation.failure) {
    return [
      { drop: 'binding', instance_id: binding.instance_id, binding_id: binding.binding_id },
      { count: 'unbound' },
    ]
  }
  const isLost =
    operation.failure && (operation.kind === 'bind' || operation.previous_state === 'failed')
  return [
    {
      put: 'binding',
      binding: { ...binding, operation: null, state: isLost ? 'failed' : 'ready' },
    },
  ]
}

/** Absent fields stay as they are; given parameters are laid over the old ones. */
export function mergeUpdate(instance: InstanceRecord, asked: Json): InstanceRecord {
  return {
    ...instance,
    state: 'ready',
    plan_id: typeof asked['plan_id'] === 'string' ? asked['plan_id'] : instance.plan_id,
    parameters: { ...instance.parameters, ...(asked['parameters'] as Json | undefined) },
    context: asked['context'] === undefined ? instance.context : (asked['context'] as Json),
    maintenance_info:
      asked['maintenance_info'] === undefined
        ? instance.maintenance_info
        : (asked['maintenance_info'] as Json),
  }
}

function nameOperation(kind: OperationKind, behaviour: ServiceBehaviour): string {
  const token = `${kind}-${randomUUID()}`
  // Characters that a careless client forgets to percent-encode.
  return behaviour.operationStyle === 'odd' ? `${token} a b&c=/+%é?#` : token
}
