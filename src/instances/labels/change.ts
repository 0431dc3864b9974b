import { record } from '../../audit/record.ts'
import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { KnownPeople } from '../../people/known-people.ts'
import { mayIn, type SignedIn } from '../../people/person.ts'
import { rolesIn } from '../../people/roles.ts'
import { validateText } from '../../storable.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { UpdateInstance } from '../../types.gen.ts'
import { findView } from '../listing/store.ts'
import { assertLabel, maxLabels } from './label.ts'
import { lockDescription, updateDescription, type Description } from './store.ts'

export interface LabelDeps {
  readonly db: Db
  readonly directory: Directory
  readonly people: Pick<KnownPeople, 'personById' | 'grantsOf'>
  readonly now: () => Date
}

/**
 * Sets labels, owner and cost centre of an instance, whatever platform ordered it. Neither the
 * platform nor the provider learns of it.
 * @param id  Kontor's
 * @throws BrokerError `not_found` for one outside the scope, `forbidden` unless the person is an
 *   orderer of its organisation, `conflict` for one that is gone, `invalid_request` that names the
 *   field
 */
export async function describeInstanceAnew(
  deps: LabelDeps,
  signedIn: SignedIn,
  id: string,
  change: UpdateInstance,
): Promise<void> {
  const { db, now } = deps
  const { caller } = signedIn
  const row = isUuid(id) ? await findView(db, caller.scope, id) : undefined
  if (row === undefined) throw new BrokerError('not_found', 'There is no such instance.')
  const { organisationId } = row
  if (organisationId === null || !mayIn(signedIn, organisationId, 'orderer'))
    throw new BrokerError(
      'forbidden',
      'You need the role orderer in the organisation of the instance or above it.',
    )
  if (row.deletedAt !== null)
    throw new BrokerError('conflict', 'The instance is gone, so it cannot be described any more.')
  assertValid(deps, organisationId, change)
  const at = now()
  await db.transaction().execute(async (tx) => {
    const before = await lockDescription(tx, row.id, at)
    const after = changed(before, change)
    if (Object.keys(after.labels).length > maxLabels)
      throw new BrokerError('invalid_request', `labels: an instance has at most ${maxLabels}.`)
    await updateDescription(tx, row.id, after, at)
    await record(tx, {
      at,
      actor: caller.actor,
      action: 'instance.described',
      objectKind: 'instance',
      objectId: row.id,
      outcome: 'succeeded',
      organisationId,
      platformId: row.platformId,
      providerId: row.providerId,
      instanceId: row.instanceId,
      details: {
        fields: Object.keys(change).toSorted().join(' '),
        ...(change.labels === undefined
          ? {}
          : { labels: Object.keys(change.labels).toSorted().join(' ') }),
      },
    })
  })
}

function assertValid(
  { directory, people }: LabelDeps,
  organisationId: string,
  { labels = {}, ownerId, owner, costCentre }: UpdateInstance,
): void {
  for (const [key, value] of Object.entries(labels)) assertLabel('labels', key, value)
  for (const [name, text] of Object.entries({ owner, costCentre })) {
    const wrong = typeof text === 'string' ? validateText(text, name) : undefined
    if (wrong !== undefined) throw new BrokerError('invalid_request', wrong)
  }
  if (typeof ownerId !== 'string') return
  if (typeof owner === 'string')
    throw new BrokerError('invalid_request', 'Only one of ownerId and owner may be set.')
  // A person without a role there looks like an unknown one.
  const roles = rolesIn(directory, people.grantsOf(ownerId), organisationId)
  if (people.personById(ownerId) === undefined || roles.size === 0)
    throw new BrokerError('invalid_request', `ownerId: there is no person "${ownerId}".`)
}

function changed(before: Description, change: UpdateInstance): Description {
  const labels = new Map(Object.entries(before.labels))
  for (const [key, value] of Object.entries(change.labels ?? {}))
    if (value === null) labels.delete(key)
    else labels.set(key, value)
  const { ownerId, owner, costCentre = before.costCentre } = change
  const isOwnerChanged = ownerId !== undefined || owner !== undefined
  return {
    labels: Object.fromEntries(labels),
    ownerId: isOwnerChanged ? (ownerId ?? null) : before.ownerId,
    owner: isOwnerChanged ? (owner ?? null) : before.owner,
    costCentre,
  }
}
