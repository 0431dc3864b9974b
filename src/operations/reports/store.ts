import { CompiledQuery } from 'kysely'
import type { Db } from '../../db/database.ts'
import type { OperationReport, ReportKey } from '../operation.ts'

// Fixed texts, not built by kysely: platforms poll all the time, and building one takes longer than
// all else that a poll does here. The names of the columns are those of OperationReport. The checks
// of `kind` and `state` allow only the values of their types.
// A subquery is run only for an old row, which has no offering and no plan.
const reports = `select operations.id, operations.kind, operations.state, operations.description,
    operations.instance_usable as "instanceUsable",
    operations.update_repeatable as "updateRepeatable",
    operations.next_step_at as "nextStepAt", operations.sent_at as "sentAt",
    operations.finished_at as "finishedAt",
    coalesce(operations.offering_id, (select instances.offering_id from instances
      where instances.id = operations.instance_key)) as "offeringId",
    coalesce(operations.plan_id, (select instances.plan_id from instances
      where instances.id = operations.instance_key)) as "planId"
  from operations where operations.platform_id = $1 and operations.instance_id = $2
    and operations.binding_id is not distinct from $3`
const namedReport = `${reports} and operations.id = $4`
const newestReport = `${reports} order by operations.created_at desc, operations.id desc limit 1`

/** @param operationId  undefined: the newest operation */
export async function findReport(
  db: Db,
  { platformId, instanceId, bindingId }: ReportKey,
  operationId: string | undefined,
): Promise<OperationReport | undefined> {
  const values = [platformId, instanceId, bindingId]
  const { rows } = await db.executeQuery<OperationReport>(
    operationId === undefined
      ? CompiledQuery.raw(newestReport, values)
      : CompiledQuery.raw(namedReport, [...values, operationId]),
  )
  return rows[0]
}
