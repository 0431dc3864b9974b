import { cutPage, type Page } from '../../cut-page.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import { shownDashboard } from '../../providers/dashboard-urls.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { InstanceView } from '../../types.gen.ts'
import type { ListingDeps } from './deps.ts'
import { readSelector } from '../labels/selector.ts'
import { organisationsBelow } from './organisations.ts'
import { findView, listViews, type InstanceListFilter } from './store.ts'
import { instanceView } from './view.ts'

export interface InstanceQuery extends Omit<InstanceListFilter, 'organisations' | 'labels'> {
  /** A label query, such as `env=prod,team!=x`. */
  readonly labels?: string | undefined
  /** Id or name of an organisation, whose subtree is meant. */
  readonly organisation?: string | undefined
}

/**
 * A page of the instances within the scope, whatever platform ordered them, newest first.
 * @throws BrokerError `invalid_request` for an organisation that is not within the scope, and for a
 *   label query that cannot be read
 */
export async function listInstances(
  deps: ListingDeps,
  scope: AccessScope,
  { organisation, labels, ...filter }: InstanceQuery,
  limit: number,
): Promise<Page<InstanceView>> {
  const organisations = await organisationsBelow(deps.directory, scope, organisation)
  const requirements = labels === undefined ? undefined : readSelector(labels)
  const wanted = { ...filter, organisations, labels: requirements }
  const rows = await listViews(deps.db, scope, wanted, limit + 1)
  const { items, next } = cutPage(rows, limit)
  return { items: items.map((row) => instanceView(deps, row)), next }
}

/**
 * One instance, even if it is deleted.
 * @param id  Kontor's
 * @throws BrokerError `not_found`, also for one outside the scope
 */
export async function describeInstance(
  deps: ListingDeps,
  scope: AccessScope,
  id: string,
): Promise<InstanceView> {
  const row = isUuid(id) ? await findView(deps.db, scope, id) : undefined
  if (row === undefined) throw new BrokerError('not_found', 'There is no such instance.')
  const dashboardUrl = shownDashboard(deps.dashboards, row.dashboardUrl) ?? null
  return { ...instanceView(deps, row), dashboardUrl }
}
