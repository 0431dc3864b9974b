import { resolvePlan } from '../catalog/resolve-plan.ts'
import type { CatalogSnapshot } from '../catalog/snapshot.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'
import type { Durations } from './durations/durations.ts'
import type { OperationReport, ReportKey } from './operation.ts'
import { isDelete, isFinished } from './states.ts'
import { askAgainSeconds, progressText } from './progress/progress-message.ts'
import { findReport } from './progress/store.ts'

// How long the end of a delete is told; after that the resource is simply gone.
const deleteRememberedMs = 24 * 3_600_000

/** What a poll may say; nothing of it is needed. */
export interface Poll {
  /** The token that a 202 gave; without it the newest operation is meant. */
  readonly operation?: string | undefined
  readonly serviceId?: string | undefined
  readonly planId?: string | undefined
}

/** How an operation stands, and while it runs what is going on and when it is worth asking again. */
export interface Standing extends OperationReport {
  readonly progress?: { readonly text: string; readonly askAgainSeconds: number } | undefined
}

export interface LastOperationDeps {
  readonly db: Db
  readonly now: () => Date
  readonly catalog: { current(): CatalogSnapshot }
  readonly durations: Pick<Durations, 'usual'>
}

/**
 * How an operation stands, from our own row: no provider is asked on this way.
 * @throws BrokerError `not_found` when there is none, `invalid_request` when it is not of that offering or plan, `gone`
 * long after a delete
 */
export async function lastOperation(
  deps: LastOperationDeps,
  key: ReportKey,
  poll: Poll,
): Promise<Standing> {
  const { operation } = poll
  const report =
    operation === undefined || isUuid(operation)
      ? await findReport(deps.db, key, operation)
      : undefined
  if (report === undefined) throw new BrokerError('not_found', 'There is no such operation.')
  const catalog = deps.catalog.current()
  assertBelongs(catalog, poll, report)
  const now = deps.now()
  const isOver =
    report.finishedAt !== null && now.getTime() - report.finishedAt.getTime() > deleteRememberedMs
  if (isOver && report.state === 'succeeded' && isDelete(report.kind))
    throw new BrokerError('gone', 'It was deleted.')
  if (isFinished(report.state) || report.state === 'parked') return report
  // A plan that was ordered by stays in the catalog for ever; this process may only not have heard of it yet.
  const label = catalog.plans.get(report.planId)?.target.providerLabel ?? 'the provider'
  const usual = deps.durations.usual(report.planId, report.kind)
  return {
    ...report,
    progress: {
      text: progressText(report, label, usual, now),
      askAgainSeconds: askAgainSeconds(report, usual, now),
    },
  }
}

// Any plan of the offering will do: during a plan change and after it platforms still name the plan before it.
function assertBelongs(
  catalog: CatalogSnapshot,
  { serviceId, planId }: Poll,
  report: OperationReport,
): void {
  if (serviceId !== undefined && serviceId !== report.offeringId)
    throw new BrokerError('invalid_request', 'service_id is not that of the instance.')
  if (planId === undefined || planId === report.planId) return
  if (resolvePlan(catalog, report.offeringId, planId) === undefined)
    throw new BrokerError('invalid_request', "plan_id is no plan of the instance's offering.")
}
