import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'
import type { OperationReport, ReportKey } from './operation.ts'
import { findNewestReport, findReport } from './store.ts'

// How long the end of a delete is told; after that the resource is simply gone.
const deleteRememberedMs = 24 * 3_600_000

/**
 * How an operation stands, from our own row: no provider is asked on this way.
 * @param operation  the token that a 202 gave; without it the newest operation is meant
 * @throws BrokerError `not_found` when there is none, `gone` long after a delete
 */
export async function lastOperation (deps: { readonly db: Db, readonly now: () => Date }, key: ReportKey, operation: string | undefined): Promise<OperationReport> {
  const report = operation === undefined
    ? await findNewestReport(deps.db, key)
    : isUuid(operation) ? await findReport(deps.db, key, operation) : undefined
  if (report === undefined) throw new BrokerError('not_found', 'There is no such operation.')
  const isOver = report.finishedAt !== null && deps.now().getTime() - report.finishedAt.getTime() > deleteRememberedMs
  if (isOver && report.state === 'succeeded' && (report.kind === 'deprovision' || report.kind === 'unbind')) throw new BrokerError('gone', 'It was deleted.')
  return report
}
