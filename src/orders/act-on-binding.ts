import { describeBinding, type DescribeDeps } from '../bindings/describe.ts'
import { BrokerError } from '../errors.ts'
import { isObject, type Schema } from '../forms/json-schema.ts'
import { mayIn, type SignedIn } from '../people/person.ts'
import type { BindingView, CreateOrderBinding, InstanceView, PlanSchemas } from '../types.gen.ts'
import { bindInstance, unbindInstance } from './bindings.ts'
import { isOrderedHere, requireOwnBinding, requireOwnInstance } from './own-binding.ts'
import { findNumberOf } from './reading/store.ts'
import type { RevealDeps } from './reveal-credentials.ts'

export interface BindingToActOn {
  readonly view: BindingView
  /** Else another platform has it, where people change it and find its credentials. */
  readonly isOrderedHere: boolean
  /** Whether the person may see its credentials, replace and delete it. */
  readonly mayAct: boolean
  /** Whether the provider itself replaces one binding by another. */
  readonly isRotatable: boolean
}

/**
 * A binding, and what its reader may do with it.
 * @param id  Kontor's
 * @throws BrokerError `not_found`, also for one outside the scope
 */
export async function describeBindingToActOn(
  deps: RevealDeps & DescribeDeps,
  signedIn: SignedIn,
  id: string,
): Promise<BindingToActOn> {
  const view = await describeBinding(deps, signedIn.caller.scope, id)
  return {
    view,
    isOrderedHere: isOrderedHere(deps, view),
    mayAct: mayActOn(deps, signedIn, view),
    isRotatable: deps.catalog.current().plans.get(view.plan.id)?.rotatable === true,
  }
}

/** Whether the person may order bindings of an instance, and the instance can have any now. */
export function mayBind(
  deps: Pick<RevealDeps, 'catalog' | 'directory'>,
  signedIn: SignedIn,
  view: InstanceView,
): boolean {
  const isReady = view.state === 'ready' && view.usable && view.deletedAt === null
  const plan = deps.catalog.current().plans.get(view.plan.id)
  return isReady && plan?.bindable === true && mayActOn(deps, signedIn, view)
}

function mayActOn(
  deps: Pick<RevealDeps, 'directory'>,
  signedIn: SignedIn,
  view: Pick<BindingView, 'organisation' | 'platform'>,
): boolean {
  const { organisation } = view
  return (
    organisation !== null &&
    isOrderedHere(deps, view) &&
    mayIn(signedIn, organisation.id, 'orderer')
  )
}

/** What the form for a binding of an instance is made of. */
export interface BindingForm {
  readonly view: InstanceView
  /** Of the parameters; undefined: the plan describes none. */
  readonly schema: Schema | undefined
}

/**
 * @param id  Kontor's id of the instance
 * @throws BrokerError see own-binding.ts; `not_bindable`
 */
export async function describeBindingForm(
  deps: RevealDeps,
  signedIn: SignedIn,
  id: string,
): Promise<BindingForm> {
  const view = await requireOwnInstance(deps, signedIn, id)
  const plan = deps.catalog.current().plans.get(view.plan.id)
  if (plan?.bindable !== true)
    throw new BrokerError('not_bindable', 'Instances of this plan cannot be bound.')
  // inspectCatalog has checked the shape.
  const schemas = plan.body['schemas'] as PlanSchemas | undefined
  const schema: unknown = schemas?.service_binding?.create?.parameters
  return { view, schema: isObject(schema) ? schema : undefined }
}

/**
 * Orders a binding of an instance that people ordered here.
 * @param id  Kontor's id of the instance
 * @throws BrokerError see own-binding.ts and bindings.ts
 */
export async function bindOwnInstance(
  deps: RevealDeps,
  signedIn: SignedIn,
  id: string,
  given: CreateOrderBinding,
  requestKey: string,
): Promise<void> {
  const view = await requireOwnInstance(deps, signedIn, id)
  const number = await numberOf(deps, view, view.instanceId)
  await bindInstance(deps, signedIn, number, given, requestKey)
}

/**
 * Orders a binding that replaces another, which stays until it is deleted.
 * @param id  Kontor's id of the one to be replaced
 * @throws BrokerError see own-binding.ts and bindings.ts
 */
export async function replaceBinding(
  deps: RevealDeps,
  signedIn: SignedIn,
  id: string,
  requestKey: string,
): Promise<void> {
  const view = await requireOwnBinding(deps, signedIn, id)
  const number = await numberOf(deps, view, view.instance.instanceId)
  await bindInstance(deps, signedIn, number, { predecessor: view.bindingId }, requestKey)
}

/**
 * Deletes a binding.
 * @param id  Kontor's
 * @throws BrokerError see own-binding.ts and bindings.ts; `gone` for one that is deleted
 */
export async function deleteBinding(
  deps: RevealDeps,
  signedIn: SignedIn,
  id: string,
): Promise<void> {
  const view = await requireOwnBinding(deps, signedIn, id)
  // Another binding may have got its id since.
  if (view.deletedAt !== null) throw new BrokerError('gone', 'The binding is deleted.')
  const number = await numberOf(deps, view, view.instance.instanceId)
  await unbindInstance(deps, signedIn, number, view.bindingId)
}

async function numberOf(
  { db }: Pick<RevealDeps, 'db'>,
  { organisation }: Pick<BindingView, 'organisation'>,
  instanceId: string,
): Promise<string> {
  const number = await findNumberOf(db, organisation?.id ?? '', instanceId)
  if (number === undefined) throw new BrokerError('conflict', 'No order has made the instance.')
  return number
}
