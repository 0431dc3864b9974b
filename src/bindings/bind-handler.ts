import type {
  Backend,
  BindingRef,
  BindingResult,
  UpstreamBindOrder,
  Nothing,
  Outcome,
} from '../backends/backend.ts'
import { isBindingRetrievable, requiresOf } from '../catalog/upstream-flags.ts'
import type { Instance } from '../instances/instance.ts'
import { atEitherPlan } from '../instances/either-plan.ts'
import type { HandlerDeps } from '../instances/load.ts'
import type { Collected, LookUpResult, OperationHandler } from '../operations/operation-handler.ts'
import type { Operation } from '../operations/operation.ts'
import {
  mayStoreBindingCredentials,
  storesBindingCredentials,
} from '../providers/binding-credentials.ts'
import {
  nextResult,
  requestAad,
  upstreamBindingRef,
  type Binding,
  type BindingRequest,
} from './binding.ts'
import { loadBoth, type BindingOfInstance } from './load.ts'
import { timesOf } from './renewal/due-time.ts'
import { findBindingByKey, updateBinding, type BindingChange } from './store.ts'

/** A new binding as its order wrote it, and its instance as the order read it. */
export interface WrittenBinding extends BindingOfInstance {
  readonly request: BindingRequest
}

/** Binds at the provider of the instance. */
export function bindHandler(deps: HandlerDeps): OperationHandler<BindingResult, WrittenBinding> {
  return {
    async prepare(operation, written) {
      const { instance, binding } = written ?? (await loadBoth(deps, operation))
      const { offeringId } = instance
      const request = () => written?.request ?? requestOf(deps, binding)
      const ref = upstreamBindingRef(instance, binding, requiresOf(deps.catalog, offeringId))
      return {
        planId: instance.planId,
        async call(backend, signal) {
          const order = await orderOf(deps, operation, ref, binding, request())
          return atEitherPlan(deps, instance, signal, (plan) =>
            backend.bind({ ...order, ...plan }, signal),
          )
        },
        progressQuery: {
          instance: ref,
          bindingId: ref.bindingId,
          ...(operation.upstreamOperation === null
            ? {}
            : { operation: operation.upstreamOperation }),
        },
        confidential: () => request().parameters,
        collect: (backend, signal) => collect(deps, operation, ref, instance, backend, signal),
        lookUp: (backend, signal) =>
          lookUp(backend, signal, ref, isBindingRetrievable(deps.catalog, offeringId)),
        compensate: (backend, signal): Promise<Outcome<Nothing>> =>
          atEitherPlan(deps, instance, signal, (plan) =>
            backend.unbind({ ...ref, acceptsIncomplete: true, ...plan }, signal),
          ),
        begun: () => [],
        succeeded: (result, now) => [
          updateBinding(binding, changeBy(deps, operation, binding, result), now),
        ],
        failed: ({ announced }, now) => {
          const gone = { state: 'gone', deletedAt: now } as const
          return [updateBinding(binding, announced ? { state: 'failed' } : gone, now)]
        },
      }
    },
  }
}

async function collect(
  deps: HandlerDeps,
  operation: Operation,
  ref: BindingRef,
  instance: Instance,
  backend: Backend,
  signal: AbortSignal,
): Promise<Collected<BindingResult> | undefined> {
  // Credentials that Kontor does not store are read at the provider when the platform fetches them.
  if (!(await storesBindingCredentials(deps.db, operation.providerId)))
    return isBindingRetrievable(deps.catalog, instance.offeringId)
      ? { result: undefined }
      : undefined
  // Fetched once, for a provider may give credentials a single time.
  const fetched = await backend.fetchBinding(ref, signal)
  if (fetched.kind === 'invalid') return { failure: fetched.description }
  return fetched.kind === 'found' ? { result: fetched.facts } : undefined
}

function changeBy(
  { vault }: HandlerDeps,
  { providerId }: Operation,
  binding: Binding,
  result: BindingResult | undefined,
): BindingChange {
  if (result === undefined) return { state: 'ready' }
  const provider = mayStoreBindingCredentials(providerId)
  return {
    state: 'ready',
    result: { ...nextResult(vault, binding, result), provider },
    ...timesOf(result),
  }
}

function requestOf(deps: HandlerDeps, binding: Binding): BindingRequest {
  // bind.ts sealed it
  return deps.vault.open(binding.request, requestAad(binding)) as BindingRequest
}

async function orderOf(
  deps: HandlerDeps,
  operation: Operation,
  ref: BindingRef,
  binding: Binding,
  request: BindingRequest,
): Promise<UpstreamBindOrder> {
  const predecessor =
    binding.predecessorKey === null
      ? undefined
      : await findBindingByKey(deps.db, binding.platformId, binding.predecessorKey)
  return {
    ...ref,
    originatingIdentity: operation.originatingIdentity,
    requestIdentity: operation.requestIdentity,
    ...request,
    acceptsIncomplete: operation.acceptsIncomplete,
    ...(predecessor === undefined ? {} : { predecessorBindingId: predecessor.upstreamId }),
  }
}

async function lookUp(
  backend: Backend,
  signal: AbortSignal,
  ref: BindingRef,
  retrievable: boolean,
): Promise<LookUpResult<BindingResult>> {
  // Credentials that cannot be fetched are lost, even if the provider has made the binding.
  if (!retrievable) return { kind: 'no_effect', description: 'The order got no answer.' }
  const progress = await backend.progress({ instance: ref, bindingId: ref.bindingId }, signal)
  if (progress.kind === 'running') return { kind: 'still_running' }
  if (progress.kind === 'failed') return { kind: 'no_effect', description: progress.description }
  const fetched = await backend.fetchBinding(ref, signal)
  switch (fetched.kind) {
    case 'found':
      return { kind: 'took_effect', result: fetched.facts }
    case 'busy':
      return { kind: 'still_running' }
    case 'invalid':
      return { kind: 'no_effect', description: fetched.description }
    case 'missing':
    case 'unsupported':
      return { kind: 'no_effect', description: 'The order got no answer.' }
    case 'unclear':
      return { kind: 'cannot_tell', description: fetched.description }
    default:
      return fetched satisfies never
  }
}
