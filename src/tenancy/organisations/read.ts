import type { DbOrTx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { cutPage, type Page } from '../../cut-page.ts'
import type { CostCentre, OrganisationView } from '../../types.gen.ts'
import type { AccessScope } from '../principal.ts'
import {
  findView,
  listCostCentreRows,
  listViews,
  type OrganisationFilter,
  type OrganisationRow,
} from './read/store.ts'

/**
 * A page of the organisations in the scope, newest first. `next` is the `before` of the page after
 * it.
 */
export async function listOrganisations(
  db: DbOrTx,
  scope: AccessScope,
  filter: OrganisationFilter,
  limit: number,
): Promise<Page<OrganisationView>> {
  const rows = await listViews(db, scope, filter, limit + 1)
  const { items, next } = cutPage(rows, limit)
  return { items: items.map(viewOf), next }
}

/**
 * One organisation, a retired one too.
 * @param reference  its id or name
 * @throws BrokerError `not_found`, for one outside the scope just as for an unknown one
 */
export async function describeOrganisation(
  db: DbOrTx,
  scope: AccessScope,
  reference: string,
): Promise<OrganisationView> {
  const row = await findView(db, scope, reference)
  if (row === undefined) throw new BrokerError('not_found', 'There is no such organisation.')
  return viewOf(row)
}

/** Ids of the cost centres of some organisations. */
export async function listCostCentres(db: DbOrTx, ids: readonly string[]): Promise<string[]> {
  const rows = ids.length === 0 ? [] : await listCostCentreRows(db, ids)
  // the schema has checked them before they were written
  return rows.flatMap((row) => (row.cost_centres as unknown as CostCentre[]).map(({ id }) => id))
}

function viewOf(row: OrganisationRow): OrganisationView {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    // check constraints allow just these values in both columns
    level: row.level as OrganisationView['level'],
    state: row.state as OrganisationView['state'],
    parent:
      row.parent_id === null || row.parent_name === null
        ? null
        : { id: row.parent_id, name: row.parent_name },
    leitwegId: row.leitweg_id,
    // the schema has checked them before they were written
    costCentres: row.cost_centres as unknown as OrganisationView['costCentres'],
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
