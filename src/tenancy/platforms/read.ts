import type { DbOrTx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { cutPage, type Page } from '../../cut-page.ts'
import type { PlatformView } from '../../types.gen.ts'
import type { AccessScope } from '../principal.ts'
import { findView, listViews, type PlatformFilter, type PlatformRow } from './store.ts'

/**
 * A page of the platforms in the scope, newest first. `next` is the `before` of the page after it.
 */
export async function listPlatforms(
  db: DbOrTx,
  scope: AccessScope,
  filter: PlatformFilter,
  limit: number,
): Promise<Page<PlatformView>> {
  const rows = await listViews(db, scope, filter, limit + 1)
  const { items, next } = cutPage(rows, limit)
  return { items: items.map(viewOf), next }
}

/**
 * One platform, a retired one too.
 * @param reference  its id or name
 * @throws BrokerError `not_found`, for one outside the scope just as for an unknown one
 */
export async function describePlatform(
  db: DbOrTx,
  scope: AccessScope,
  reference: string,
): Promise<PlatformView> {
  const row = await findView(db, scope, reference)
  if (row === undefined) throw new BrokerError('not_found', 'There is no such platform.')
  return viewOf(row)
}

function viewOf(row: PlatformRow): PlatformView {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name ?? row.name,
    // check constraints allow just these values in both columns
    kind: row.kind as PlatformView['kind'],
    state: row.state as PlatformView['state'],
    organisation:
      row.organisation_id === null || row.organisation_name === null
        ? null
        : { id: row.organisation_id, name: row.organisation_name },
    createdAt: row.created_at.toISOString(),
    updatedAt: (row.updated_at ?? row.created_at).toISOString(),
  }
}
