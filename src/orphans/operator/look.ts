import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { Reach } from '../../tenancy/principal.ts'
import type { OrphanPage, OrphanView } from '../../types.gen.ts'
import { findSeen, listSeen, listSeenOf, type OrphanFilter, type SeenRow } from './store.ts'

const mostOfOne = 100

/** A page of the orphans within reach, newest first. `next` is the `before` of the page after it. */
export async function listOrphans(
  db: Db,
  reach: Reach,
  filter: OrphanFilter,
  limit: number,
): Promise<OrphanPage> {
  const rows = await listSeen(db, reach, filter, limit + 1)
  const items = rows.slice(0, limit).map(viewOf)
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

/** What one operation may have left, the oldest first. */
export async function listOrphansOf(
  db: Db,
  reach: Reach,
  operationId: string,
): Promise<OrphanView[]> {
  return (await listSeenOf(db, reach, operationId, mostOfOne)).map(viewOf)
}

/** @throws BrokerError `not_found` */
export async function describeOrphan(db: Db, reach: Reach, id: string): Promise<OrphanView> {
  return viewOf(await lookUpOrphan(db, reach, id))
}

/** @throws BrokerError `not_found` */
export async function lookUpOrphan(db: Db, reach: Reach, id: string): Promise<SeenRow> {
  const row = isUuid(id) ? await findSeen(db, reach, id) : undefined
  if (row === undefined) throw new BrokerError('not_found', 'There is no such orphan.')
  return row
}

function viewOf(row: SeenRow): OrphanView {
  return {
    id: row.id,
    // the two columns have check constraints with just these values
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
    tries: row.tries,
    answer: row.answer,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    nextTryAt: row.next_try_at?.toISOString() ?? null,
    leaseUntil: row.lease_until?.toISOString() ?? null,
    quietUntil: row.quiet_until?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
  }
}
