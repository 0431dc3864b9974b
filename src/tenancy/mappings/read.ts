import type { DbOrTx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { cutPage, type Page } from '../../cut-page.ts'
import type { MappingView } from '../../types.gen.ts'
import { describePlatform } from '../platforms/read.ts'
import type { AccessScope } from '../principal.ts'
import type { NamedScope } from './map.ts'
import { listViews, type MappingFilter, type MappingRow } from './store.ts'

/**
 * A page of a platform's mappings to organisations in the scope, newest first. `next` is the
 * `before` of the page after it.
 * @param platform  its id or name
 * @throws BrokerError `not_found` for an unknown platform
 */
export async function listMappings(
  db: DbOrTx,
  scope: AccessScope,
  platform: string,
  filter: MappingFilter,
  limit: number,
): Promise<Page<MappingView>> {
  const { id } = await describePlatform(db, scope, platform)
  const rows = await listViews(db, scope, id, filter, limit + 1)
  const { items, next } = cutPage(rows, limit)
  return { items: items.map(viewOf), next }
}

/** @throws BrokerError `not_found` */
export async function describeMapping(
  db: DbOrTx,
  scope: AccessScope,
  { platform, kind, externalId }: NamedScope,
): Promise<MappingView> {
  const { id } = await describePlatform(db, scope, platform)
  const [row] = await listViews(db, scope, id, { kind, externalId }, 1)
  if (row === undefined)
    throw new BrokerError('not_found', `The ${kind} "${externalId}" of the platform is not mapped.`)
  return viewOf(row)
}

function viewOf(row: MappingRow): MappingView {
  return {
    // a check constraint allows just these kinds
    kind: row.kind as MappingView['kind'],
    externalId: row.external_id,
    organisation: { id: row.organisation_id, name: row.name },
    createdAt: row.created_at.toISOString(),
  }
}
