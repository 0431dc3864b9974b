import type { Backend, Nothing, Outcome } from '../backends/backend.ts'
import { record } from '../audit/record.ts'
import type { RemovalDeps } from './context.ts'
import type { Orphan } from './orphan.ts'
import { settleOrphan, type SettledOrphan } from './store.ts'

const longestWaitMs = 300_000

/** Asks the provider to remove one orphan, and writes down what it said. */
export async function removeOrphan(
  deps: RemovalDeps,
  orphan: Orphan,
  open: Awaited<ReturnType<RemovalDeps['openBackend']>>,
  signal: AbortSignal,
): Promise<void> {
  if (orphan.isVoid)
    return write(deps, orphan, {
      state: 'void',
      nextTryAt: null,
      tries: orphan.tries,
      answer: null,
    })
  const outcome = await askToRemove(orphan, open.backend, signal)
  await deps.atPoint?.('orphan-removed')
  // Cut off by a stop: another process may ask at once.
  if (signal.aborted)
    return write(deps, orphan, {
      state: 'open',
      nextTryAt: deps.now(),
      tries: orphan.tries,
      answer: null,
    })
  const judged = judge(deps, orphan, outcome)
  // While the provider's circuit is open a failure says nothing of the orphan.
  await write(
    deps,
    orphan,
    open.outageMs() === undefined ? judged : { ...judged, tries: orphan.tries },
  )
}

/** Nobody can be asked: the provider's row cannot be read, or has just been taken out. */
export function postponeOrphan(deps: RemovalDeps, orphan: Orphan): Promise<void> {
  return write(deps, orphan, {
    state: 'open',
    nextTryAt: waitUntil(deps, longestWaitMs),
    tries: orphan.tries + 1,
    answer: 'The provider cannot be opened.',
  })
}

/** It got no place: all were taken meanwhile, or the provider is not called at present. */
export function putBackOrphan(
  deps: RemovalDeps,
  orphan: Orphan,
  retryAfterMs: number,
): Promise<void> {
  return write(deps, orphan, {
    state: 'open',
    nextTryAt: waitUntil(deps, retryAfterMs),
    tries: orphan.tries,
    answer: null,
  })
}

function waitUntil(deps: RemovalDeps, ms: number): Date {
  return new Date(deps.now().getTime() + ms)
}

function askToRemove(
  { left: { instance, bindingId } }: Orphan,
  backend: Backend,
  signal: AbortSignal,
): Promise<Outcome<Nothing>> {
  return bindingId === undefined
    ? backend.deprovision({ ...instance, acceptsIncomplete: true }, signal)
    : backend.unbind({ ...instance, bindingId, acceptsIncomplete: true }, signal)
}

function judge(deps: RemovalDeps, orphan: Orphan, outcome: Outcome<Nothing>): SettledOrphan {
  const now = deps.now()
  const { quietUntil, tries } = orphan
  if (outcome.kind === 'done') {
    return quietUntil === null || now >= quietUntil
      ? { state: 'removed', nextTryAt: null, tries, answer: null }
      : { state: 'open', nextTryAt: quietUntil, tries, answer: null }
  }
  const asked =
    outcome.kind === 'pending'
      ? outcome.retryAfterSeconds
      : outcome.kind === 'refused'
        ? outcome.refusal.retryAfterSeconds
        : undefined
  const waitMs =
    asked === undefined
      ? Math.min(deps.times.pollMs * 2 ** Math.min(tries, 20), longestWaitMs)
      : Math.min(Math.max(asked * 1_000, 500), longestWaitMs)
  // After a 202 the same DELETE, sent again, tells when it is through.
  const answer =
    outcome.kind === 'pending'
      ? 'It is being removed.'
      : outcome.kind === 'refused'
        ? outcome.refusal.description
        : outcome.description
  return { state: 'open', nextTryAt: waitUntil(deps, waitMs), tries: tries + 1, answer }
}

async function write(deps: RemovalDeps, orphan: Orphan, settled: SettledOrphan): Promise<void> {
  const now = deps.now()
  const kept = await deps.db.transaction().execute(async (tx) => {
    const ours = await settleOrphan(tx, orphan, settled, now)
    if (ours && settled.state === 'removed') {
      await record(tx, {
        at: now,
        actor: 'kontor',
        action: 'remove-orphan',
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
  await deps.atPoint?.('orphan-settled')
  deps.log.info(
    {
      orphanId: orphan.id,
      operationId: orphan.operationId,
      cause: orphan.cause,
      state: settled.state,
      tries: settled.tries,
      kept,
    },
    'orphan looked after',
  )
}
