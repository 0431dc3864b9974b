import type { Db } from '../../db/database.ts'
import type { OperationReport, ReportKey } from '../operation.ts'
import type { OperationKind, OperationState } from '../states.ts'

/** @param operationId  undefined: the newest operation */
export async function findReport(
  db: Db,
  key: ReportKey,
  operationId: string | undefined,
): Promise<OperationReport | undefined> {
  const reports = db
    .selectFrom('operations')
    .innerJoin('instances', 'instances.id', 'operations.instance_key')
    .select([
      'operations.id',
      'operations.kind',
      'operations.state',
      'operations.description',
      'operations.instance_usable',
      'operations.update_repeatable',
      'operations.next_step_at',
      'operations.sent_at',
      'operations.finished_at',
      'instances.offering_id',
      'instances.plan_id',
    ])
    .where('operations.platform_id', '=', key.platformId)
    .where('operations.instance_id', '=', key.instanceId)
    .where('operations.binding_id', 'is not distinct from', key.bindingId)
  const found =
    operationId === undefined
      ? reports.orderBy('operations.created_at', 'desc').orderBy('operations.id', 'desc').limit(1)
      : reports.where('operations.id', '=', operationId)
  const row = await found.executeTakeFirst()
  if (row === undefined) return undefined
  return {
    id: row.id,
    // The two columns have check constraints with just these values.
    kind: row.kind as OperationKind,
    state: row.state as OperationState,
    description: row.description,
    instanceUsable: row.instance_usable,
    updateRepeatable: row.update_repeatable,
    nextStepAt: row.next_step_at,
    sentAt: row.sent_at,
    finishedAt: row.finished_at,
    offeringId: row.offering_id,
    planId: row.plan_id,
  }
}
