import { resolvePlan } from '../catalog/resolve-plan.ts'
import type { CatalogSnapshot } from '../catalog/snapshot.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'
import type { Durations } from './durations/durations.ts'
import type { OperationReport, ReportKey } from './operation.ts'
import { isDelete, isFinished } from './states.ts'
import { retryAfterSeconds, progressMessage } from './reports/progress-message.ts'
import { findReport } from './reports/store.ts'

// For so long after a delete, last_operation still returns `succeeded`; then it returns 410.
const deleteReportedMs = 24 * 3_600_000

/** What a poll may name; all of it is optional. */
export interface Poll {
  /** The token from the 202; without it the newest operation is meant. */
  readonly operation?: string | undefined
  readonly serviceId?: string | undefined
  readonly planId?: string | undefined
}

/** The state of an operation, and while it runs a message and a Retry-After. */
export interface Standing extends OperationReport {
  readonly whileRunning?:
    { readonly message: string; readonly retryAfterSeconds: number } | undefined
}

export interface LastOperationDeps {
  readonly db: Db
  readonly now: () => Date
  readonly catalog: { current(): CatalogSnapshot }
  readonly durations: Pick<Durations, 'usual'>
}

/**
 * Reads the state of an operation from its row. It sends nothing to the provider.
 * @throws BrokerError `not_found` when there is none, `invalid_request` when the poll names another
 * operation, offering or plan, `gone` a day after a delete
 */
export async function lastOperation(
  deps: LastOperationDeps,
  key: ReportKey,
  poll: Poll,
): Promise<Standing> {
  const { operation } = poll
  const isValid = operation === undefined || isUuid(operation)
  const report = isValid ? await findReport(deps.db, key, operation) : undefined
  if (report === undefined) throw await explainUnknown(deps.db, key, operation)
  const catalog = deps.catalog.current()
  assertBelongs(catalog, poll, report)
  const now = deps.now()
  const isOver =
    report.finishedAt !== null && now.getTime() - report.finishedAt.getTime() > deleteReportedMs
  if (isOver && report.state === 'succeeded' && isDelete(report.kind))
    throw new BrokerError('gone', 'It was deleted.')
  if (isFinished(report.state) || report.state === 'parked') return report
  // Ordered plans stay in the catalog; only this process may not have loaded this one yet.
  const label = catalog.plans.get(report.planId)?.target.providerLabel ?? 'the provider'
  const usual = deps.durations.usual(report.planId, report.kind)
  return {
    ...report,
    whileRunning: {
      message: progressMessage(report, label, usual, now),
      retryAfterSeconds: retryAfterSeconds(report, usual, now),
    },
  }
}

async function explainUnknown(
  db: Db,
  key: ReportKey,
  operation: string | undefined,
): Promise<BrokerError> {
  const newest = operation === undefined ? undefined : await findReport(db, key, undefined)
  const isDeleted = newest?.state === 'succeeded' && isDelete(newest.kind)
  if (newest === undefined || isDeleted)
    return new BrokerError('not_found', 'There is no such operation.')
  // DEC-52: to a platform 404 means that the instance or binding is gone.
  const noun = key.bindingId === null ? 'instance' : 'binding'
  return new BrokerError('invalid_request', `operation names no operation of this ${noun}.`)
}

// Accepts any plan of the offering: during and after a plan change platforms may name the old plan.
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
