import { record } from '../../audit/record.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { Caller } from '../../tenancy/caller.ts'
import type { PreparedOperation } from '../operation-handler.ts'
import type { Operation } from '../operation.ts'
import { operationSteps } from '../step-counter.ts'
import { seizeOperation } from '../claims/store.ts'
import { isFinished, mayOperatorMove, type OperationState } from '../states.ts'
import { orderSubject } from '../results/record-order.ts'
import { findOperation } from '../store.ts'
import type { OperatorDeps } from './context.ts'
import { findView } from './store.ts'

/** What an operator does to one operation. */
export interface OperatorAction {
  readonly name: 'retry' | 'settle' | 'abandon'
  readonly reason: string
  /**
   * The next state; the present one: only its next step becomes due.
   * @throws BrokerError `concurrency` or `conflict` when it cannot be done now
   */
  moveOf(seen: Operation, now: Date): OperationState
  /** Asks the provider for what the action needs, with no transaction open. */
  ask?(seen: Operation, prepared: PreparedOperation<unknown>): Promise<void>
  /** Writes the action; no process holds a claim on `operation` any more. */
  write(
    tx: Tx,
    operation: Operation,
    prepared: PreparedOperation<unknown>,
    to: OperationState,
    now: Date,
  ): Promise<void>
}

const auditActions = {
  retry: 'operation.retried',
  settle: 'operation.settled',
  abandon: 'operation.abandoned',
} as const

/**
 * Applies an operator's decision to an operation, in one transaction with its audit record. A
 * process that works on the operation loses its claim, as if its lease had expired; so of an
 * operator and a process, or of two operators, exactly one succeeds.
 * @param maxTries  how often to retry when the operation moves on meanwhile
 * @throws BrokerError `not_found`, `conflict` when it is over or the move is not allowed,
 * `concurrency` when it moves on
 */
export async function applyOperatorAction(
  deps: OperatorDeps,
  caller: Caller,
  id: string,
  act: OperatorAction,
  maxTries: number,
): Promise<void> {
  for (let tried = 0; tried < maxTries; tried++) {
    const isInScope =
      isUuid(id) && (await findView(deps.db, caller.scope, id, deps.now())) !== undefined
    const seen = isInScope ? await findOperation(deps.db, id) : undefined
    if (seen === undefined) throw new BrokerError('not_found', 'There is no such operation.')
    if (isFinished(seen.state))
      throw new BrokerError('conflict', `The operation is over: it ${seen.state}.`)
    const to = act.moveOf(seen, deps.now())
    if (to !== seen.state && !mayOperatorMove(seen.kind, seen.state, to)) {
      throw new BrokerError(
        'conflict',
        `An operation of kind ${seen.kind} that is ${seen.state} cannot be made ${to} by hand.`,
      )
    }
    const own = deps.handlers[seen.kind]
    const prepared = await (own.prepareEnd?.(seen) ?? own.prepare(seen))
    await act.ask?.(seen, prepared)
    if (await write(deps, caller, seen, prepared, act, to)) return
  }
  throw new BrokerError(
    'concurrency',
    'The operation has just moved on. Read it again before you decide.',
  )
}

async function write(
  deps: OperatorDeps,
  caller: Caller,
  seen: Operation,
  prepared: PreparedOperation<unknown>,
  act: OperatorAction,
  to: OperationState,
): Promise<boolean> {
  const now = deps.now()
  const kept = await deps.db.transaction().execute(async (tx) => {
    const operation = await seizeOperation(tx, seen, now)
    if (operation === undefined) return false
    await act.write(tx, operation, prepared, to, now)
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: auditActions[act.name],
      ...orderSubject(operation),
      objectKind: 'operation',
      objectId: seen.id,
      outcome: to,
      details: { kind: seen.kind, from: seen.state, to, reason: act.reason },
    })
    return true
  })
  if (!kept) return false
  deps.log.warn(
    {
      operationId: seen.id,
      kind: seen.kind,
      action: act.name,
      from: seen.state,
      to,
      requestIdentity: caller.requestId,
    },
    'an operator changed an operation',
  )
  if (isFinished(to)) deps.metrics.count(operationSteps, { kind: seen.kind, state: to })
  return true
}
