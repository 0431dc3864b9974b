import { BrokerError } from '../../errors.ts'
import type { Caller } from '../../tenancy/caller.ts'
import { alwaysAnnounced } from '../context.ts'
import { parkedDescription } from '../results/record-step-failure.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { Operation } from '../operation.ts'
import { writeResultIn } from '../results/write-result.ts'
import type { StepResult } from '../step-result.ts'
import { mitigatedKinds } from '../states.ts'
import type { OperatorDeps } from './context.ts'
import { applyOperatorAction } from './apply-operator-action.ts'

const maxTries = 5
const maxReadMs = 60_000

/**
 * Ends an operation with the outcome that a person has found at the provider, with the same effect
 * as if the provider had said so. For a bind that succeeded, reads its credentials there first.
 * @throws BrokerError `not_found`, `conflict`, `concurrency`, or `provider_failed` when the
 * credentials cannot be read
 */
export async function resolveManually(
  deps: OperatorDeps,
  caller: Caller,
  id: string,
  outcome: 'succeeded' | 'failed',
  reason: string,
): Promise<void> {
  let result: unknown
  await applyOperatorAction(
    deps,
    caller,
    id,
    {
      name: 'settle',
      reason,
      moveOf(seen, now) {
        if (outcome === 'succeeded') refuseDuringRemoval(seen, now)
        return outcome
      },
      async ask(seen, prepared) {
        // Only once: a provider may return credentials a single time.
        if (outcome === 'succeeded' && seen.kind === 'bind')
          result ??= await readCredentials(deps, seen, prepared)
      },
      async write(tx, operation, prepared, _to, now) {
        await writeResultIn(
          tx,
          { ...operation, inDoubtUntil: inDoubtUntilOf(deps, operation, now) },
          prepared,
          stepResultOf(operation, outcome, result),
          alwaysAnnounced,
          now,
        )
      },
    },
    maxTries,
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
      byOperator: true,
    }
  // The provider's earlier description tells the platform more.
  const before = operation.description === parkedDescription ? null : operation.description
  return {
    state: 'failed',
    failure: {
      reason: 'provider_failed',
      description: before ?? 'The operator of the broker has found that it failed.',
    },
  }
}

// The removal that is under way would delete in a moment what the operator has just seen.
function refuseDuringRemoval(seen: Operation, now: Date): void {
  if (seen.state !== 'compensating' || seen.leaseUntil === null || seen.leaseUntil <= now) return
  throw new BrokerError(
    'concurrency',
    `A process is removing it now; its lease ends at ${seen.leaseUntil.toISOString()}.`,
    {
      retryAfterSeconds: (seen.leaseUntil.getTime() - now.getTime()) / 1_000,
    },
  )
}

// The operator cannot see a call that is still on its way: what it may create is looked for once
// more.
function inDoubtUntilOf(
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
    'Without them the binding is useless: settle it as failed once it is gone there, or abandon it.'
  const open = await deps.backends.open(operation.providerId).catch((error: unknown) => {
    throw new BrokerError(
      'conflict',
      `The provider's registration is gone or unreadable, so it cannot be called. ${instead}`,
      { cause: error },
    )
  })
  const slot = open.guard.acquireSlot('sync_order')
  if (!slot.granted) {
    const retry = { retryAfterSeconds: Math.ceil(slot.retryAfterMs / 1_000) }
    if (slot.reason === 'circuit_open')
      throw new BrokerError(
        'provider_unavailable',
        open.heldSentence !== undefined
          ? `${open.heldSentence} ${instead}`
          : `Kontor does not call ${open.label} now, because it has failed repeatedly. ${instead}`,
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
    slot.release()
  }
}
