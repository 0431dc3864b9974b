import type { Backend, Nothing, Outcome } from '../../backends/backend.ts'
import { record } from '../../audit/record.ts'
import type { OpenProvider } from '../../providers/open-provider.ts'
import type { RemovalDeps } from '../context.ts'
import type { Orphan } from '../orphan.ts'
import { nextRemovalAt, readRemoval, type RemovalAnswer } from './answer.ts'
import { endAttempt, type AttemptEnd } from './store.ts'

const maxRetryMs = 300_000

/** Asks the provider to remove one orphan, and writes the result. */
export async function removeOrphan(
  deps: RemovalDeps,
  orphan: Orphan,
  open: Pick<OpenProvider, 'backend' | 'circuit'>,
  signal: AbortSignal,
): Promise<void> {
  if (orphan.isVoid)
    return write(deps, orphan, {
      state: 'void',
      nextRetryAt: null,
      retries: orphan.retries,
      answer: null,
    })
  const outcome = await askToRemove(orphan, open.backend, signal)
  await deps.hitFailpoint?.('orphan-removed')
  // The process stops: another one may repeat the delete at once.
  if (signal.aborted)
    return write(deps, orphan, {
      state: 'open',
      nextRetryAt: deps.now(),
      retries: orphan.retries,
      answer: null,
    })
  const end = endOf(deps, orphan, readRemoval(outcome))
  // While the circuit is open, a failure says nothing about the orphan.
  await write(
    deps,
    orphan,
    open.circuit.waitMs() === undefined ? end : { ...end, retries: orphan.retries },
  )
}

/** The provider cannot be called: its row cannot be read, or has just been removed. */
export function rescheduleOrphan(deps: RemovalDeps, orphan: Orphan): Promise<void> {
  return write(deps, orphan, {
    state: 'open',
    nextRetryAt: waitUntil(deps, maxRetryMs),
    retries: orphan.retries + 1,
    answer: 'The registration of the provider cannot be read.',
  })
}

/** The orphan got no slot: none is free any more, or the circuit is open. */
export function releaseOrphanClaim(
  deps: RemovalDeps,
  orphan: Orphan,
  retryAfterMs: number,
): Promise<void> {
  return write(deps, orphan, {
    state: 'open',
    nextRetryAt: waitUntil(deps, retryAfterMs),
    retries: orphan.retries,
    answer: null,
  })
}

function waitUntil(deps: RemovalDeps, ms: number): Date {
  return new Date(deps.now().getTime() + ms)
}

function askToRemove(
  { resource: { instance, bindingId } }: Orphan,
  backend: Backend,
  signal: AbortSignal,
): Promise<Outcome<Nothing>> {
  return bindingId === undefined
    ? backend.deprovision({ ...instance, acceptsIncomplete: true }, signal)
    : backend.unbind({ ...instance, bindingId, acceptsIncomplete: true }, signal)
}

function endOf(
  deps: RemovalDeps,
  { inDoubtUntil, retries }: Orphan,
  answer: RemovalAnswer,
): AttemptEnd {
  const now = deps.now()
  if (answer.kind !== 'gone')
    return {
      state: 'open',
      nextRetryAt: nextRemovalAt(answer, retries, { ...deps.times, maxRetryMs }, now),
      retries: retries + 1,
      answer: answer.description,
    }
  return inDoubtUntil === null || now >= inDoubtUntil
    ? { state: 'removed', nextRetryAt: null, retries, answer: null }
    : { state: 'open', nextRetryAt: inDoubtUntil, retries, answer: null }
}

async function write(deps: RemovalDeps, orphan: Orphan, end: AttemptEnd): Promise<void> {
  const now = deps.now()
  const kept = await deps.db.transaction().execute(async (tx) => {
    const ours = await endAttempt(tx, orphan, end, now)
    if (ours && end.state === 'removed') {
      await record(tx, {
        at: now,
        actor: 'kontor',
        action: 'orphan.removed',
        objectKind: orphan.bindingId === null ? 'instance' : 'binding',
        objectId: orphan.bindingId ?? orphan.instanceId,
        outcome: 'succeeded',
        organisationId: orphan.organisationId,
        platformId: orphan.platformId,
        providerId: orphan.providerId,
        instanceId: orphan.instanceId,
        details: { operationId: orphan.operationId, cause: orphan.cause },
      })
    }
    return ours
  })
  await deps.hitFailpoint?.('orphan-written')
  deps.log.info(
    {
      orphanId: orphan.id,
      operationId: orphan.operationId,
      cause: orphan.cause,
      state: end.state,
      retries: end.retries,
      kept,
    },
    'removal attempt ended',
  )
}
