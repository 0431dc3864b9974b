import { BrokerError } from '../../errors.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import { announced } from '../context.ts'
import { parkedText } from '../results/record-step-failure.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { Operation } from '../operation.ts'
import { settleIn } from '../results/settle.ts'
import type { StepResult } from '../step-result.ts'
import { mitigatedKinds } from '../states.ts'
import type { OperatorDeps } from './context.ts'
import { applyOperatorAction } from './apply-operator-action.ts'

const maxLooks = 5
const maxReadMs = 60_000

/**
 * Ends an operation as a person has found it at the provider, with the same effect as if the provider had said so. For a
 * bind that succeeded its credentials are read there first.
 * @throws BrokerError `not_found`, `conflict`, `concurrency`, or `provider_failed` when the credentials cannot be had
 */
export async function resolveManually(
  deps: OperatorDeps,
  scope: AccessScope,
  by: string,
  id: string,
  outcome: 'succeeded' | 'failed',
  reason: string,
): Promise<void> {
  let result: unknown
  await applyOperatorAction(
    deps,
    scope,
    id,
    {
      name: 'settle',
      by,
      reason,
      moveOf(seen, now) {
        if (outcome === 'succeeded') refuseDuringRemoval(seen, now)
        return outcome
      },
      async ask(seen, prepared) {
        // Once: a provider may hand credentials out a single time.
        if (outcome === 'succeeded' && seen.kind === 'bind')
          result ??= await readCredentials(deps, seen, prepared)
      },
      async write(tx, operation, prepared, _to, now) {
        await settleIn(
          tx,
          deps,
          { ...operation, inDoubtUntil: quietOf(deps, operation, now) },
          prepared,
          stepResultOf(operation, outcome, result),
          announced,
          now,
        )
      },
    },
    maxLooks,
  )
}

function stepResultOf(
  operation: Operation,
  outcome: 'succeeded' | 'failed',
  result: unknown,
): StepResult {
  if (outcome === 'succeeded')
    return {
      state: 'succeeded',
      result,
      description: 'The operator of the broker has found it done.',
    }
  // What the provider said before tells the platform more.
  const before = operation.description === parkedText ? null : operation.description
  return {
    state: 'failed',
    failure: {
      reason: 'provider_failed',
      description: before ?? 'The operator of the broker has found that it failed.',
    },
  }
}

// What is being removed while somebody says that it is there would be gone in a moment.
function refuseDuringRemoval(seen: Operation, now: Date): void {
  if (seen.state !== 'compensating' || seen.leaseUntil === null || seen.leaseUntil <= now) return
  throw new BrokerError(
    'concurrency',
    `It is being removed at this moment, by a process that has it until ${seen.leaseUntil.toISOString()}.`,
    {
      retryAfterSeconds: (seen.leaseUntil.getTime() - now.getTime()) / 1_000,
    },
  )
}

// Whoever looked cannot see a call that is still on its way: what it may make is looked after once more.
function quietOf(
  deps: OperatorDeps,
  { kind, state, inDoubtUntil }: Operation,
  now: Date,
): Date | null {
  const mayArrive = mitigatedKinds.includes(kind) && (state === 'calling' || state === 'uncertain')
  return mayArrive ? new Date(now.getTime() + deps.config.inDoubtMs) : inDoubtUntil
}

async function readCredentials(
  deps: OperatorDeps,
  operation: Operation,
  prepared: PreparedOperation<unknown>,
): Promise<unknown> {
  const instead =
    'Without them the binding is of no use: settle it as failed once it is gone there, or abandon it.'
  const open = await deps.openBackend(operation.providerId).catch((error: unknown) => {
    throw new BrokerError(
      'conflict',
      `The provider cannot be asked for the credentials: its registration is gone or cannot be read. ${instead}`,
      { cause: error },
    )
  })
  const place = open.acquireSlot('order_at_once')
  if (!place.granted) {
    const retry = { retryAfterSeconds: Math.ceil(place.retryAfterMs / 1_000) }
    if (place.reason === 'circuit_open')
      throw new BrokerError(
        'provider_unavailable',
        `${open.label} is not called at present, because it failed again and again. ${instead}`,
        retry,
      )
    throw new BrokerError(
      'rate_limited',
      `${open.label} is busy with other orders. Try again in a moment.`,
      retry,
    )
  }
  try {
    const collected = await prepared.collect(open.backend, AbortSignal.timeout(maxReadMs))
    if (collected === undefined)
      throw new BrokerError(
        'provider_failed',
        `${open.label}: the credentials of the binding cannot be read there. ${instead}`,
      )
    if ('failure' in collected)
      throw new BrokerError('conflict', `${open.label}: ${collected.failure}`)
    return collected.result
  } finally {
    place.release()
  }
}
