import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid, newId } from '../../ids.ts'
import type { Caller } from '../../tenancy/caller.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import { lockTree, ownerIn } from '../../tenancy/organisations/lock.ts'
import type { CreateMembership } from '../../types.gen.ts'
import { assertActive } from './assert-active.ts'
import { insertMembership, isPersonIn, type Membership } from './store.ts'

/**
 * Gives a person a role in an organisation. An administrator may give it to those who are members
 * of what he administers; others are invited.
 * @returns id of the membership
 * @throws BrokerError `invalid_request` for an organisation or a person that is not in the scope,
 *   `conflict` when the person has the role already, `forbidden` in a suspended organisation
 */
export async function giveMembership(
  { db, now }: TenancyDeps,
  caller: Caller,
  { person, organisation, role }: CreateMembership,
): Promise<string> {
  const at = now()
  const id = newId(at)
  await db.transaction().execute(async (tx) => {
    const tree = await lockTree(tx)
    const organisationId = await ownerIn(tree, caller.scope, 'organisation', organisation)
    assertActive(tree, caller, organisationId)
    if (!isUuid(person) || !(await isPersonIn(tx, caller.scope, person)))
      throw new BrokerError('invalid_request', `person: there is no person "${person}".`)
    await addMembership(tx, caller.actor, { id, personId: person, organisationId, role }, at)
  })
  return id
}

/**
 * As `giveMembership`, in the transaction `tx`, without checking who may give it.
 * @throws BrokerError `conflict` when the person has the role already
 */
export async function addMembership(
  tx: Tx,
  actor: string,
  membership: Membership,
  now: Date,
): Promise<void> {
  if (!(await insertMembership(tx, membership, now)))
    throw new BrokerError('conflict', 'The person has that role there already.')
  const { id, personId, organisationId, role } = membership
  await record(tx, {
    at: now,
    actor,
    action: 'membership.given',
    objectKind: 'membership',
    objectId: id,
    outcome: 'succeeded',
    organisationId,
    details: { personId, role },
  })
  await announce(tx, 'people')
}
