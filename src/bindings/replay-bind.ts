import type { BindingResult } from '../backends/backend.ts'
import { BrokerError } from '../errors.ts'
import { assertJoins } from '../instances/assert-joins.ts'
import type { Instance } from '../instances/instance.ts'
import type { OrderDeps, OrderResult, OrderSource } from '../instances/order.ts'
import { listRunning } from '../operations/for-orders.ts'
import type { Operation } from '../operations/operation.ts'
import type { BindContent, Binding } from './binding.ts'
import { validateRead } from './read-at-provider.ts'
import { readCredentials } from './read-credentials.ts'
import { findBindingByKey } from './store.ts'

/**
 * Answers a bind whose binding exists, from its row and its unfinished operation.
 * @throws BrokerError `conflict`, `concurrency`, `async_required`, or why its credentials cannot be
 * read
 */
export async function replayBind(
  deps: OrderDeps,
  order: OrderSource,
  instance: Instance,
  seen: Binding,
  content: BindContent,
): Promise<OrderResult<BindingResult>> {
  const all = await listRunning(deps.db, order.platformId, instance.key)
  const running = all.find((operation) => operation.bindingKey === seen.key)
  // Without an operation the binding is read again: the operation may have ended since the first
  // query.
  const binding =
    running === undefined
      ? ((await findBindingByKey(deps.db, order.platformId, seen.key)) ?? seen)
      : seen
  assertSameOrder(deps, { binding, instance, content, all, running })
  if (running !== undefined) return replayRunning(order, running)
  if (binding.state !== 'ready')
    throw new BrokerError(
      'conflict',
      'The binding with this id could not be made. Unbind it before you order it again.',
    )
  const result = await credentialsOf(deps, order, instance, binding)
  return result === undefined ? { kind: 'validated' } : { kind: 'repeated', result }
}

interface Repeated {
  readonly binding: Binding
  readonly instance: Instance
  readonly content: BindContent
  /** All unfinished operations of the instance. */
  readonly all: readonly Operation[]
  readonly running: Operation | undefined
}

function assertSameOrder(
  { vault }: OrderDeps,
  { binding, instance, content, all, running }: Repeated,
): void {
  if (binding.state === 'gone')
    throw new BrokerError(
      'concurrency',
      'Another order for this binding has just ended. Send this one again.',
    )
  if (binding.instanceKey !== instance.key)
    throw new BrokerError('conflict', 'The binding_id is in use under another instance.')
  if (running?.kind === 'unbind')
    throw new BrokerError('concurrency', 'The binding is being deleted.')
  // The credentials go with the instance: 200 would promise something that is about to be gone.
  if (all.some(({ kind }) => kind === 'deprovision'))
    throw new BrokerError('concurrency', 'The instance is being deleted.')
  if (!vault.isDigestOf(binding.requestDigest, content))
    throw new BrokerError(
      'conflict',
      'A binding with this id exists, ordered with other attributes.',
    )
}

function replayRunning(order: OrderSource, running: Operation): OrderResult<BindingResult> {
  assertJoins(
    order,
    running,
    'The binding is being made; only an asynchronous request can wait for it.',
  )
  return order.isDryRun ? { kind: 'validated' } : { kind: 'in_progress', operationId: running.id }
}

/**
 * @returns undefined for a dry run: its provider is not called, and no reading of credentials is
 * recorded
 */
async function credentialsOf(
  deps: OrderDeps,
  order: OrderSource,
  instance: Instance,
  binding: Binding,
): Promise<BindingResult | undefined> {
  try {
    if (!order.isDryRun) return await readCredentials(deps, instance, binding)
    if (binding.result === null) await validateRead(deps, instance)
    return undefined
  } catch (error) {
    // 200 would promise credentials, and sending the order to the provider again might make another
    // binding.
    if (error instanceof BrokerError && error.code === 'not_retrievable')
      throw new BrokerError('lost', `${error.message} Unbind it, and bind anew.`)
    throw error
  }
}
