import type { Db } from '../../db/database.ts'
import { queryText } from '../../db/prepared.ts'
import type { OperationReport, ReportKey } from '../operation.ts'

// Fixed texts, not built by kysely: platforms poll all the time, and building one takes longer than
// all else that a poll does here. The names of the columns are those of OperationReport. The checks
// of `kind` and `state` allow only the values of their types.
function textsOf(offeringId: string, planId: string) {
  const reports = `select operations.id, operations.kind, operations.state, operations.description,
      operations.instance_usable as "instanceUsable",
      operations.update_repeatable as "updateRepeatable",
      operations.next_step_at as "nextStepAt", operations.sent_at as "sentAt",
      operations.finished_at as "finishedAt",
      ${offeringId} as "offeringId", ${planId} as "planId"
    from operations where operations.platform_id = $1 and operations.instance_id = $2
      and operations.binding_id is not distinct from $3`
  return {
    named: `${reports} and operations.id = $4`,
    newest: `${reports} order by operations.created_at desc, operations.id desc limit 1`,
  }
}

const ofOperation = textsOf('operations.offering_id', 'operations.plan_id')
const ofInstance = (column: string) => `(select ${column} from instances
  where instances.id = operations.instance_key)`
// Of an operation that an earlier release wrote, without offering and plan. For all others Postgres
// would prepare to read the instance, which takes a third of a poll's time there.
const ofOldOperation = textsOf(ofInstance('offering_id'), ofInstance('plan_id'))

/** @param operationId  undefined: the newest operation */
export async function findReport(
  db: Db,
  { platformId, instanceId, bindingId }: ReportKey,
  operationId: string | undefined,
): Promise<OperationReport | undefined> {
  const key = [platformId, instanceId, bindingId]
  const find = async ({ named, newest }: typeof ofOperation) => {
    const rows = await (operationId === undefined
      ? queryText<OperationReport>(db, newest, [...key])
      : queryText<OperationReport>(db, named, [...key, operationId]))
    return rows[0]
  }
  const report = await find(ofOperation)
  const isOld = report !== undefined && (report.offeringId as string | null) === null
  return isOld ? find(ofOldOperation) : report
}
