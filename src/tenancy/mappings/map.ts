import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { MappingPage, MappingView } from '../../types.gen.ts'
import type { Mapping } from '../mapping.ts'
import type { TreeDeps } from '../organisations/create.ts'
import { organisationToOwn } from '../organisations/own.ts'
import { lockLivePlatform } from '../platforms/change.ts'
import type { DbOrTx } from '../../db/database.ts'
import type { Reach } from '../principal.ts'
import {
  deleteMapping,
  listSeen,
  upsertMapping,
  type MappingFilter,
  type SeenMapping,
} from './store.ts'

/** A place of a platform: an organisation of Cloud Foundry, a namespace of Kubernetes. */
export type MappedPlace = Omit<Mapping, 'organisationId'>

/**
 * From now on orders from a place are for an organisation, whichever one it is. What was ordered stays where it is.
 * @returns whether it was mapped to none before
 * @throws BrokerError `not_found`, `conflict` for a retired platform, `invalid_request` for an organisation that is none
 */
export async function mapPlace(
  deps: TreeDeps,
  by: string,
  place: MappedPlace,
  organisation: string,
): Promise<boolean> {
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    const organisationId = await organisationToOwn(tx, 'organisation', organisation)
    await lockLivePlatform(tx, place.platformId)
    const isNew = await upsertMapping(tx, newId(now), { ...place, organisationId }, now)
    await record(tx, {
      at: now,
      actor: by,
      action: 'map',
      objectKind: 'platform',
      objectId: place.platformId,
      outcome: 'succeeded',
      organisationId,
      platformId: place.platformId,
      details: { kind: place.kind, externalId: place.externalId, organisationId },
    })
    await announce(tx, 'platforms')
    return isNew
  })
}

/** @throws BrokerError `not_found` */
export async function unmapPlace(deps: TreeDeps, by: string, place: MappedPlace): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const organisationId = await deleteMapping(tx, place)
    if (organisationId === undefined)
      throw new BrokerError('not_found', 'This place is not mapped.')
    await record(tx, {
      at: now,
      actor: by,
      action: 'unmap',
      objectKind: 'platform',
      objectId: place.platformId,
      outcome: 'succeeded',
      organisationId,
      platformId: place.platformId,
      details: { kind: place.kind, externalId: place.externalId, organisationId },
    })
    await announce(tx, 'platforms')
  })
}

/** A page of a platform's mappings to organisations within reach, newest first. `next` is the `before` of the page after it. */
export async function listMappings(
  db: DbOrTx,
  reach: Reach,
  platformId: string,
  filter: MappingFilter,
  limit: number,
): Promise<MappingPage> {
  const rows = await listSeen(db, reach, platformId, filter, limit + 1)
  const page = rows.slice(0, limit)
  return { items: page.map(viewOf), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null }
}

/** @throws BrokerError `not_found` */
export async function describeMapping(
  db: DbOrTx,
  reach: Reach,
  { platformId, ...filter }: MappedPlace,
): Promise<MappingView> {
  const [row] = await listSeen(db, reach, platformId, filter, 1)
  if (row === undefined) throw new BrokerError('not_found', 'This place is not mapped.')
  return viewOf(row)
}

function viewOf(row: SeenMapping): MappingView {
  return {
    // the column has a check constraint with just these kinds
    kind: row.kind as MappingView['kind'],
    externalId: row.external_id,
    organisation: { id: row.organisation_id, name: row.name },
    createdAt: row.created_at.toISOString(),
  }
}
