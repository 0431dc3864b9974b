import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import { cutPage, type Page } from '../../cut-page.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { OrphanView } from '../../types.gen.ts'
import { findView, listViews, listViewsOf, type OrphanFilter, type ViewRow } from './store.ts'

const maxPerOperation = 100

/**
 * A page of the orphans within the scope, newest first. `next` is the `before` of the next page.
 */
export async function listOrphans(
  db: Db,
  scope: AccessScope,
  filter: OrphanFilter,
  limit: number,
): Promise<Page<OrphanView>> {
  const rows = await listViews(db, scope, filter, limit + 1)
  const { items, next } = cutPage(rows, limit)
  return { items: items.map(viewOf), next }
}

/** The orphans of one operation, oldest first. */
export async function listOrphansOf(
  db: Db,
  scope: AccessScope,
  operationId: string,
): Promise<OrphanView[]> {
  return (await listViewsOf(db, scope, operationId, maxPerOperation)).map(viewOf)
}

/** @throws BrokerError `not_found` */
export async function describeOrphan(db: Db, scope: AccessScope, id: string): Promise<OrphanView> {
  return viewOf(await lookUpOrphan(db, scope, id))
}

/** @throws BrokerError `not_found` */
export async function lookUpOrphan(db: Db, scope: AccessScope, id: string): Promise<ViewRow> {
  const row = isUuid(id) ? await findView(db, scope, id) : undefined
  if (row === undefined) throw new BrokerError('not_found', 'There is no such orphan.')
  return row
}

function viewOf(row: ViewRow): OrphanView {
  return {
    id: row.id,
    // Check constraints allow just these values.
    state: row.state as OrphanView['state'],
    cause: row.cause as OrphanView['cause'],
    platform: { id: row.platform_id, name: row.platform_name },
    provider: { id: row.provider_id, name: row.provider_name },
    operationId: row.operation_id,
    instanceId: row.instance_id,
    bindingId: row.binding_id,
    upstream: {
      instanceId: row.upstream_id,
      serviceId: row.upstream_service_id,
      planId: row.upstream_plan_id,
      bindingId: row.upstream_binding_id,
    },
    retries: row.retries,
    answer: row.answer,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    nextRetryAt: row.next_retry_at?.toISOString() ?? null,
    leaseUntil: row.lease_until?.toISOString() ?? null,
    inDoubtUntil: row.in_doubt_until?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
  }
}
