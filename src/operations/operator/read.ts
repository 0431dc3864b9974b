import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import { listOrphansOf } from '../../orphans/operator/read.ts'
import { cutPage, type Page } from '../../cut-page.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { OperationView } from '../../types.gen.ts'
import { findView, listViews, type OperationFilter, type ViewRow } from './store.ts'

export interface LookDeps {
  readonly db: Db
  readonly now: () => Date
}

/**
 * A page of the operations within the scope, newest first. `next` is the `before` of the next page.
 */
export async function listOperations(
  deps: LookDeps,
  scope: AccessScope,
  filter: OperationFilter,
  limit: number,
): Promise<Page<OperationView>> {
  const rows = await listViews(deps.db, scope, filter, limit + 1, deps.now())
  const { items, next } = cutPage(rows, limit)
  return { items: items.map(viewOf), next }
}

/**
 * One operation with its orphans.
 * @throws BrokerError `not_found`
 */
export async function describeOperation(
  deps: LookDeps,
  scope: AccessScope,
  id: string,
): Promise<OperationView> {
  const row = isUuid(id) ? await findView(deps.db, scope, id, deps.now()) : undefined
  if (row === undefined) throw new BrokerError('not_found', 'There is no such operation.')
  return { ...viewOf(row), orphans: await listOrphansOf(deps.db, scope, row.id) }
}

function viewOf(row: ViewRow): OperationView {
  return {
    id: row.id,
    // Check constraints allow just these values.
    kind: row.kind as OperationView['kind'],
    state: row.state as OperationView['state'],
    stuck: row.is_stuck,
    platform: { id: row.platform_id, name: row.platform_name },
    provider: { id: row.provider_id, name: row.provider_name },
    instanceId: row.instance_id,
    bindingId: row.binding_id,
    offering: { id: row.offering_id, name: row.offering_name },
    plan: { id: row.plan_id, name: row.plan_name },
    upstream: {
      instanceId: row.upstream_id,
      serviceId: row.upstream_service_id,
      planId: row.upstream_plan_id,
      bindingId: row.upstream_binding_id,
    },
    fencingToken: row.fencing_token,
    retries: row.retries,
    internalErrors: row.internal_errors,
    acceptsIncomplete: row.accepts_incomplete,
    description: row.description,
    refusal: row.refusal,
    requestIdentity: row.request_identity,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    nextStepAt: row.next_step_at?.toISOString() ?? null,
    leaseUntil: row.lease_until?.toISOString() ?? null,
    inDoubtUntil: row.in_doubt_until?.toISOString() ?? null,
    deadlineAt: row.deadline_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  }
}
