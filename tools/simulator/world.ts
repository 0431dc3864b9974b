import type {
  BindingRecord,
  Duplicate,
  OperationHandlers,
  InstanceRecord,
  OperationRecord,
} from './types.ts'

/** One journal line is an array of these: all of them happened or none. */
export type Change =
  | { put: 'instance'; instance: InstanceRecord }
  | { put: 'binding'; binding: BindingRecord }
  | { put: 'operation'; operation: OperationRecord }
  | { put: 'duplicate'; duplicate: Duplicate }
  | { drop: 'instance'; instance_id: string }
  | { drop: 'binding'; instance_id: string; binding_id: string }
  | { count: keyof OperationHandlers }
  | { set: 'effects'; effects: OperationHandlers }

export interface World {
  instances: Map<string, InstanceRecord>
  bindings: Map<string, Map<string, BindingRecord>>
  operations: Map<string, OperationRecord>
  /** Newest operation of an instance, or of a binding (see keyOf). */
  latest: Map<string, string>
  /** Unfinished operations by instance: only these have to be looked at when time has passed. */
  running: Map<string, Set<string>>
  effects: OperationHandlers
  duplicates: Duplicate[]
}

// A tombstone is needed for polls after a delete, but a long bench must not fill the memory with
// them.
const keptOperations = 20_000

export function createWorld(): World {
  return {
    instances: new Map(),
    bindings: new Map(),
    operations: new Map(),
    latest: new Map(),
    running: new Map(),
    effects: { provisioned: 0, updated: 0, deprovisioned: 0, bound: 0, unbound: 0 },
    duplicates: [],
  }
}

export function applyChanges(world: World, changes: Change[]): void {
  for (const change of changes) applyChange(world, change)
}

export function listBindings(world: World, instanceId: string): BindingRecord[] {
  return [...(world.bindings.get(instanceId)?.values() ?? [])]
}

export function findBinding(
  world: World,
  instanceId: string,
  bindingId: string,
): BindingRecord | undefined {
  return world.bindings.get(instanceId)?.get(bindingId)
}

export function findOperation(
  world: World,
  id: string | null | undefined,
): OperationRecord | undefined {
  return id === null || id === undefined ? undefined : world.operations.get(id)
}

export function findLatest(
  world: World,
  instanceId: string,
  bindingId?: string,
): OperationRecord | undefined {
  return findOperation(world, world.latest.get(keyOf(instanceId, bindingId)))
}

/** The whole world as changes: what a compacted journal starts with. */
export function dumpWorld(world: World): Change[] {
  return [
    { set: 'effects', effects: world.effects },
    ...[...world.instances.values()].map((instance): Change => ({ put: 'instance', instance })),
    ...[...world.bindings.values()]
      .flatMap((map) => [...map.values()])
      .map((binding): Change => ({ put: 'binding', binding })),
    ...[...world.operations.values()].map((operation): Change => ({ put: 'operation', operation })),
    ...world.duplicates.map((duplicate): Change => ({ put: 'duplicate', duplicate })),
  ]
}

// Ids are any text, so two of them are joined by something that percent-encoding never yields.
function keyOf(instanceId: string, bindingId: string | undefined): string {
  return bindingId === undefined
    ? encodeURIComponent(instanceId)
    : `${encodeURIComponent(instanceId)}/${encodeURIComponent(bindingId)}`
}

function applyChange(world: World, change: Change): void {
  if ('count' in change) {
    world.effects[change.count] += 1
  } else if ('set' in change) {
    world.effects = { ...change.effects }
  } else if ('drop' in change) {
    dropRecord(world, change)
  } else if (change.put === 'instance') {
    world.instances.set(change.instance.instance_id, change.instance)
  } else if (change.put === 'binding') {
    const { instance_id: id, binding_id: bindingId } = change.binding
    const map = world.bindings.get(id) ?? new Map<string, BindingRecord>()
    world.bindings.set(id, map.set(bindingId, change.binding))
  } else if (change.put === 'duplicate') {
    world.duplicates.push(change.duplicate)
  } else {
    putOperation(world, change.operation)
  }
}

function dropRecord(world: World, change: Extract<Change, { drop: string }>): void {
  if (change.drop === 'instance') {
    world.instances.delete(change.instance_id)
    world.bindings.delete(change.instance_id)
  } else {
    world.bindings.get(change.instance_id)?.delete(change.binding_id)
  }
}

function putOperation(world: World, operation: OperationRecord): void {
  const isNew = !world.operations.has(operation.operation)
  world.operations.set(operation.operation, operation)
  if (isNew)
    world.latest.set(keyOf(operation.instance_id, operation.binding_id), operation.operation)
  const running = world.running.get(operation.instance_id) ?? new Set<string>()
  if (operation.state === 'in progress') running.add(operation.operation)
  else running.delete(operation.operation)
  if (running.size > 0) world.running.set(operation.instance_id, running)
  else world.running.delete(operation.instance_id)
  if (isNew && world.operations.size > keptOperations) forgetOldest(world)
}

function forgetOldest(world: World): void {
  for (const old of world.operations.values()) {
    if (old.state === 'in progress') continue
    world.operations.delete(old.operation)
    const key = keyOf(old.instance_id, old.binding_id)
    if (world.latest.get(key) === old.operation) world.latest.delete(key)
    return
  }
}
