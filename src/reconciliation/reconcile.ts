import { BrokerError } from '../errors.ts'
import { coded } from '../log.ts'
import { widthOf } from './ask.ts'
import { surveyByAsking } from './by-asking.ts'
import { surveyByListing } from './by-listing.ts'
import { conclude } from './conclude.ts'
import type { ReconciliationDeps, Surveying } from './deps.ts'
import { keepLease } from './run-lease.ts'
import { readOpen } from './open-before.ts'
import { RunFailure, type Counts, type Run } from './run.ts'
import { lookUpProvider } from '../providers/look-up-provider.ts'
import { unapprovedOrigins } from '../providers/origins.ts'
import type { Provider } from '../providers/provider.ts'
import { finishRun, renewRun } from './runs/store.ts'
import { createSurvey, type Survey } from './survey.ts'

// A run that has crashed its process so often would crash the next one too.
const maxAttempts = 5
const nothing: Counts = {
  instancesChecked: 0,
  bindingsChecked: 0,
  skipped: 0,
  unclear: 0,
  leftOut: 0,
}
const maxRunMs = 6 * 3_600_000

/**
 * Compares Kontor's instances and bindings at a provider with what the provider reports, and writes
 * the differences as findings. It changes nothing else, neither here nor there. A run that fails
 * changes no finding and records the reason; when its process dies, another process claims it.
 * @param run  claimed by this process
 */
export async function reconcile(
  deps: ReconciliationDeps,
  run: Run,
  stop: AbortSignal,
): Promise<'succeeded' | 'failed' | 'left'> {
  const lease = keepLease(deps, run)
  const signal = AbortSignal.any([stop, lease.lost, AbortSignal.timeout(maxRunMs)])
  let survey: Survey | undefined
  try {
    if (run.fencingToken > maxAttempts)
      throw new RunFailure(`The run was interrupted ${maxAttempts} times.`)
    const open = await deps.backends.open(run.providerId)
    if (open.problem !== undefined) throw new RunFailure(open.problem)
    checkApproved(await lookUpProvider(deps.db, 'all', run.providerId))
    // Other processes publish catalogs. With an older one, what the provider can return since then
    // would be skipped, and the run would end well without a question.
    await deps.catalog.reloadIfChanged()
    const openBefore = await readOpen(deps.db, run.providerId)
    survey = createSurvey(open.questions.listInstances !== undefined, openBefore)
    const surveying: Surveying = {
      deps,
      providerId: run.providerId,
      revision: open.provider.revision,
      startedAt: run.startedAt ?? deps.now(),
      width: widthOf(open),
      signal,
    }
    await (survey.isByListing ? surveyByListing : surveyByAsking)(surveying, survey)
    survey.end()
    return (await conclude(surveying, run, survey, openBefore)) ? 'succeeded' : 'left'
  } catch (error) {
    if (lease.lost.aborted) return 'left'
    if (stop.aborted) {
      // Another process may begin at once.
      await renewRun(deps.db, run, deps.now())
      return 'left'
    }
    const ended = await finishRun(
      deps.db,
      run,
      {
        byListing: survey?.isByListing ?? null,
        counts: survey?.counts() ?? nothing,
        error: reasonOf(deps, run, error, signal),
      },
      deps.now(),
    )
    return ended ? 'failed' : 'left'
  } finally {
    lease.release()
  }
}

// What a run finds would show the role provider how an origin of its own choice answers, and a
// server that is not the provider's would make all its resources missing.
function checkApproved(provider: Provider): void {
  const origins = unapprovedOrigins(provider)
  if (origins.length > 0)
    throw new RunFailure(
      `No operator has approved ${origins.join(' and ')}. Kontor does not reconcile before that.`,
    )
}

function reasonOf(deps: ReconciliationDeps, run: Run, error: unknown, signal: AbortSignal): string {
  if (error instanceof RunFailure || error instanceof BrokerError) return error.message
  if (signal.aborted) return `The run had not ended after ${maxRunMs / 3_600_000} hours.`
  deps.log.error(
    { providerId: run.providerId, runId: run.id, error: coded(error) },
    'a reconciliation failed',
  )
  return 'Kontor failed. The log of this process holds the cause.'
}
