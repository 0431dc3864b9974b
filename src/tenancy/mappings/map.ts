import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { Caller } from '../caller.ts'
import { revokeOutgrown } from '../credentials/revoke-outgrown.ts'
import type { TenancyDeps } from '../deps.ts'
import type { MappingKind } from '../mapping.ts'
import { ownerIn } from '../organisations/lock.ts'
import { lockTree } from '../organisations/store.ts'
import { assertNoConsole, lockLivePlatform } from '../platforms/lock.ts'
import { describePlatform } from '../platforms/read.ts'
import { deleteMapping, upsertMapping } from './store.ts'

/** A platform scope as a request names it. */
export interface NamedScope {
  /** Name or id. */
  readonly platform: string
  readonly kind: MappingKind
  readonly externalId: string
}

/**
 * From now on orders from a platform scope are for an organisation, which need not be below the
 * platform's owner. What was ordered before stays with its organisation. Credentials that an agency
 * issued end if the organisation is outside its scope.
 * @param organisation  its id or name
 * @returns whether the platform scope had no mapping before
 * @throws BrokerError `not_found`, `conflict` for a retired platform, `invalid_request` for an
 * organisation that is unknown or retired
 */
export async function mapScope(
  deps: TenancyDeps,
  { actor, scope }: Caller,
  { platform, kind, externalId }: NamedScope,
  organisation: string,
): Promise<boolean> {
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    const tree = await lockTree(tx)
    const locked = await lockLivePlatform(tx, scope, platform)
    assertNoConsole(locked)
    const { id: platformId } = locked
    const organisationId = await ownerIn(tree, scope, 'organisation', organisation)
    const mapping = { platformId, kind, externalId, organisationId }
    const isNew = await upsertMapping(tx, newId(now), mapping, now)
    await revokeOutgrown(tx, { tree, actor, now, platform: { id: platformId } })
    await record(tx, {
      at: now,
      actor,
      action: isNew ? 'mapping.created' : 'mapping.changed',
      objectKind: 'platform',
      objectId: platformId,
      outcome: 'succeeded',
      organisationId,
      platformId,
      details: { kind, externalId, organisationId },
    })
    await announce(tx, 'platforms')
    return isNew
  })
}

/**
 * Removes a mapping: orders from the platform scope are for the platform's owner again, or the one
 * an annotation names.
 * @throws BrokerError `not_found`
 */
export async function unmapScope(
  deps: TenancyDeps,
  { actor, scope }: Caller,
  { platform, kind, externalId }: NamedScope,
): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const { id: platformId } = await describePlatform(tx, scope, platform)
    const organisationId = await deleteMapping(tx, { platformId, kind, externalId })
    if (organisationId === undefined)
      throw new BrokerError(
        'not_found',
        `The ${kind} "${externalId}" of the platform is not mapped.`,
      )
    await record(tx, {
      at: now,
      actor,
      action: 'mapping.removed',
      objectKind: 'platform',
      objectId: platformId,
      outcome: 'succeeded',
      organisationId,
      platformId,
      details: { kind, externalId, organisationId },
    })
    await announce(tx, 'platforms')
  })
}
