import type { DbOrTx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { OrganisationPage, OrganisationView } from '../../types.gen.ts'
import type { AccessScope } from '../principal.ts'
import { findView, listViews, type OrganisationFilter, type OrganisationRow } from './store.ts'

/** A page of the organisations within reach, newest first. `next` is the `before` of the page after it. */
export async function listOrganisations(
  db: DbOrTx,
  scope: AccessScope,
  filter: OrganisationFilter,
  limit: number,
): Promise<OrganisationPage> {
  const rows = await listViews(db, scope, filter, limit + 1)
  const items = rows.slice(0, limit).map(viewOf)
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

/**
 * One organisation, a retired one too.
 * @throws BrokerError `not_found`, when it is out of reach just as when there is none
 */
export async function describeOrganisation(
  db: DbOrTx,
  scope: AccessScope,
  nameOrId: string,
): Promise<OrganisationView> {
  const row = await findView(db, scope, nameOrId)
  if (row === undefined) throw new BrokerError('not_found', 'There is no such organisation.')
  return viewOf(row)
}

/**
 * Id of an organisation that the body of a request names.
 * @param field  where it is named
 * @throws BrokerError `invalid_request`
 */
export async function organisationIn(
  db: DbOrTx,
  scope: AccessScope,
  field: string,
  nameOrId: string,
): Promise<string> {
  const row = await findView(db, scope, nameOrId)
  if (row === undefined) throw new BrokerError('invalid_request', `${field} is no organisation.`)
  if (row.state === 'retired')
    throw new BrokerError('invalid_request', `${field} is an organisation that is retired.`)
  return row.id
}

function viewOf(row: OrganisationRow): OrganisationView {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    // both columns have check constraints with just these values
    level: row.level as OrganisationView['level'],
    state: row.state as OrganisationView['state'],
    parent:
      row.parent_id === null || row.parent_name === null
        ? null
        : { id: row.parent_id, name: row.parent_name },
    leitwegId: row.leitweg_id,
    // checked by the schema before they were written
    costCentres: row.cost_centres as unknown as OrganisationView['costCentres'],
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
