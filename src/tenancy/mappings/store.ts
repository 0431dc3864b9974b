import { sql } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import { writeSealed } from '../../vault/sealed-rows/write-sealed.ts'
import type { Mapping, PlatformScope } from '../mapping.ts'
import type { AccessScope } from '../principal.ts'

/** @returns whether the platform scope had no mapping before */
export async function upsertMapping(
  tx: Tx,
  id: string,
  { platformId, kind, externalId, organisationId }: Mapping,
  now: Date,
): Promise<boolean> {
  const filter = filterOf({ platformId, kind, externalId })
  const row = await writeSealed(tx, 'organisation_mappings', filter, () =>
    tx
      .insertInto('organisation_mappings')
      .values({
        id,
        platform_id: platformId,
        kind,
        external_id: externalId,
        organisation_id: organisationId,
        created_at: now,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['platform_id', 'kind', 'external_id'])
          .doUpdateSet({ organisation_id: organisationId }),
      )
      .returning('id')
      .executeTakeFirstOrThrow(),
  )
  return row.id === id
}

/** @returns id of the organisation it was mapped to; undefined when there was no mapping */
export async function deleteMapping(tx: Tx, scope: PlatformScope): Promise<string | undefined> {
  const row = await writeSealed(tx, 'organisation_mappings', filterOf(scope), () =>
    tx
      .deleteFrom('organisation_mappings')
      .where('platform_id', '=', scope.platformId)
      .where('kind', '=', scope.kind)
      .where('external_id', '=', scope.externalId)
      .returning('organisation_id')
      .executeTakeFirst(),
  )
  return row?.organisation_id
}

export async function deleteMappings(tx: Tx, platformId: string): Promise<void> {
  await writeSealed(tx, 'organisation_mappings', { platform_id: platformId }, () =>
    tx.deleteFrom('organisation_mappings').where('platform_id', '=', platformId).execute(),
  )
}

function filterOf({ platformId, kind, externalId }: PlatformScope) {
  return { platform_id: platformId, kind, external_id: externalId }
}

export interface MappingFilter {
  readonly kind?: string | undefined
  readonly externalId?: string | undefined
  /** Only those older than this one. */
  readonly before?: string | undefined
}

/** A platform's mappings to organisations in the scope, newest first. */
export async function listViews(
  db: DbOrTx,
  scope: AccessScope,
  platformId: string,
  { kind, externalId, before }: MappingFilter,
  limit: number,
) {
  let query = db
    .selectFrom('organisation_mappings as mapping')
    .innerJoin('organisations', 'organisations.id', 'mapping.organisation_id')
    .select([
      'mapping.id',
      'mapping.kind',
      'mapping.external_id',
      'mapping.organisation_id',
      'organisations.name',
      'mapping.created_at',
    ])
    .where('mapping.platform_id', '=', platformId)
    .where(
      scope === 'all'
        ? sql<boolean>`true`
        : sql<boolean>`mapping.organisation_id = any(${scope.organisations}::uuid[])`,
    )
  if (kind !== undefined) query = query.where('mapping.kind', '=', kind)
  if (externalId !== undefined) query = query.where('mapping.external_id', '=', externalId)
  if (before !== undefined) query = query.where('mapping.id', '<', before)
  return query.orderBy('mapping.id', 'desc').limit(limit).execute()
}

export type MappingRow = Awaited<ReturnType<typeof listViews>>[number]
