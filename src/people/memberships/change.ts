import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import { lockTree } from '../../tenancy/organisations/lock.ts'
import type { UpdateMembership } from '../../types.gen.ts'
import type { Asker } from '../asker.ts'
import { assertActive } from './assert-active.ts'
import { noMembership } from './read.ts'
import {
  deleteMembership,
  findMembership,
  hasOtherAdministrator,
  hasRole,
  updateRole,
  type Membership,
} from './store.ts'

/**
 * Gives a membership another role.
 * @throws BrokerError `not_found`, `conflict` when the person has that role already or is the last
 *   administrator and asks for it himself, `forbidden` in a suspended organisation
 */
export async function changeMembership(
  { db, now }: TenancyDeps,
  asker: Asker,
  id: string,
  { role }: UpdateMembership,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const membership = await lockMembership(tx, asker, id)
    if (membership.role === role) return
    await assertNotLast(tx, asker, membership)
    if (await hasRole(tx, { ...membership, role }))
      throw new BrokerError('conflict', 'The person has that role there already.')
    await updateRole(tx, id, role)
    const details = { from: membership.role, to: role }
    await recordAct(tx, asker, 'membership.changed', membership, details, now())
  })
}

/**
 * Takes a membership away: it counts from now on in no process. Persons leave also where they
 * administer nothing, but not by a personal token, which may be limited to less.
 * @throws BrokerError `not_found`, `conflict` for the last administrator who asks for it himself,
 *   `forbidden` in a suspended organisation
 */
export async function removeMembership(
  { db, now }: TenancyDeps,
  asker: Asker,
  id: string,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const leaver = asker.tokenId === undefined ? asker.own : undefined
    const membership = await lockMembership(tx, asker, id, leaver)
    await assertNotLast(tx, asker, membership)
    await deleteMembership(tx, id)
    await recordAct(tx, asker, 'membership.removed', membership, { role: membership.role }, now())
  })
}

// The lock of the tree: two administrators who leave at once must not both be the last but one.
async function lockMembership(
  tx: Tx,
  { caller }: Asker,
  id: string,
  leaver?: string,
): Promise<Membership> {
  if (!isUuid(id)) throw noMembership()
  const tree = await lockTree(tx)
  const membership = await findMembership(tx, id)
  if (membership === undefined) throw noMembership()
  const { organisationId, personId } = membership
  const isInScope = caller.scope === 'all' || caller.scope.organisations.includes(organisationId)
  if (!isInScope && personId !== leaver) throw noMembership()
  assertActive(tree, caller, organisationId)
  return membership
}

async function assertNotLast(tx: Tx, { own }: Asker, membership: Membership): Promise<void> {
  const { role, personId } = membership
  if (role !== 'administrator' || personId !== own) return
  if (await hasOtherAdministrator(tx, membership)) return
  throw new BrokerError(
    'conflict',
    'You are the last administrator of the organisation. Make another person one first.',
  )
}

async function recordAct(
  tx: Tx,
  { caller }: Asker,
  action: 'membership.changed' | 'membership.removed',
  { id, personId, organisationId }: Membership,
  details: Readonly<Record<string, string>>,
  now: Date,
): Promise<void> {
  await record(tx, {
    at: now,
    actor: caller.actor,
    action,
    objectKind: 'membership',
    objectId: id,
    outcome: 'succeeded',
    organisationId,
    details: { personId, ...details },
  })
  await announce(tx, 'people')
}
