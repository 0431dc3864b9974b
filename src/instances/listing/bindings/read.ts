import { cutPage, type Page } from '../../../cut-page.ts'
import { BrokerError } from '../../../errors.ts'
import { isUuid } from '../../../ids.ts'
import type { AccessScope } from '../../../tenancy/principal.ts'
import type { BindingView } from '../../../types.gen.ts'
import { readSelector } from '../../labels/selector.ts'
import type { ListingDeps } from '../deps.ts'
import { organisationsBelow } from '../organisations.ts'
import type { InstanceQuery } from '../read.ts'
import { namedOrganisation, runningOf } from '../view.ts'
import { findBindingView, listBindingViews, type BindingFilter, type BindingRow } from './store.ts'

/** What a list of bindings shows; `instances` is what it asks of their instances. */
export interface BindingQuery extends BindingFilter {
  readonly instances: Omit<InstanceQuery, 'state' | 'expiresBefore' | 'before'>
}

/**
 * A page of the bindings within the scope, whatever platform ordered them: those of the newest
 * instance first.
 * @throws BrokerError `invalid_request` for an organisation that is not within the scope
 */
export async function listBindings(
  { db, directory, now }: ListingDeps,
  scope: AccessScope,
  { instances: { organisation, labels, ...instances }, ...filter }: BindingQuery,
  limit: number,
): Promise<Page<BindingView>> {
  const organisations = await organisationsBelow(directory, scope, organisation)
  const requirements = labels === undefined ? undefined : readSelector(labels)
  const wanted = { ...instances, organisations, labels: requirements }
  const rows = await listBindingViews(db, scope, wanted, filter, limit + 1)
  const { items, next } = cutPage(rows, limit)
  const at = now()
  return { items: items.map((row) => viewOf(directory, row, at)), next }
}

/**
 * One binding, even if it is deleted, without what its result says.
 * @param id  Kontor's
 * @throws BrokerError `not_found`, also for one outside the scope
 */
export async function readBinding(
  { db, directory, now }: ListingDeps,
  scope: AccessScope,
  id: string,
): Promise<BindingView> {
  const row = isUuid(id) ? await findBindingView(db, scope, id) : undefined
  if (row === undefined) throw new BrokerError('not_found', 'There is no such binding.')
  return viewOf(directory, row, now())
}

function viewOf(directory: ListingDeps['directory'], row: BindingRow, now: Date): BindingView {
  return {
    id: row.id,
    bindingId: row.bindingId,
    instance: { id: row.instanceKey, instanceId: row.instanceId, name: row.instanceName },
    platform: { id: row.platformId, name: row.platformName },
    // Check constraints allow just these values.
    platformKind: row.platformKind as BindingView['platformKind'],
    provider: { id: row.providerId, name: row.providerName },
    organisation: namedOrganisation(directory, row.organisationId),
    offering: { id: row.offeringId, name: row.offeringName },
    plan: { id: row.planId, name: row.planName },
    state: row.state as BindingView['state'],
    predecessorId: row.predecessorId,
    operation: runningOf(row),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    isExpired: row.expiresAt !== null && row.expiresAt <= now,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    deletedAt: row.deletedAt?.toISOString() ?? null,
  }
}
