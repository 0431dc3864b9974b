import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { CreateOrganisation } from '../../types.gen.ts'
import type { Caller } from '../caller.ts'
import type { TenancyDeps } from '../deps.ts'
import { checkName } from '../names.ts'
import { recordMove } from '../record-move.ts'
import { checkedCostCentres, checkedLeitwegId } from './check.ts'
import { ownerIn } from './lock.ts'
import { insertOrganisation, lockTree } from './store.ts'
import { validateParent } from './tree.ts'

/**
 * Creates an organisation below its parent, or as a root of the tree.
 * @returns its id
 * @throws BrokerError `invalid_request` for a parent, a Leitweg-ID or cost centres that are not
 * valid; `conflict` for a name that is taken, by a retired organisation too
 */
export async function createOrganisation(
  { db, now }: TenancyDeps,
  caller: Caller,
  given: CreateOrganisation,
): Promise<string> {
  return db.transaction().execute((tx) => createOrganisationIn(tx, caller, given, now()))
}

/** As `createOrganisation`, in the transaction `tx`. */
export async function createOrganisationIn(
  tx: Tx,
  caller: Pick<Caller, 'actor' | 'scope'>,
  { name, ...given }: CreateOrganisation,
  now: Date,
): Promise<string> {
  checkName(name)
  const { displayName, level } = given
  const leitwegId = checkedLeitwegId(given.leitwegId ?? null)
  const costCentres = checkedCostCentres(given.costCentres ?? [])
  const id = newId(now)
  const tree = await lockTree(tx)
  const parentId =
    given.parent == null ? null : await ownerIn(tree, caller.scope, 'parent', given.parent)
  const validationError = validateParent(tree, undefined, level, parentId)
  if (validationError !== undefined) throw new BrokerError('invalid_request', validationError)
  const values = { displayName, level, parentId, leitwegId, costCentres }
  if (!(await insertOrganisation(tx, id, name, values, now)))
    throw new BrokerError(
      'conflict',
      `An organisation named "${name}" exists already, perhaps a retired one.`,
    )
  await record(tx, {
    at: now,
    actor: caller.actor,
    action: 'organisation.created',
    objectKind: 'organisation',
    objectId: id,
    outcome: 'succeeded',
    organisationId: id,
    details: { name, level },
  })
  await recordMove(
    tx,
    { at: now, actor: caller.actor, objectKind: 'organisation', objectId: id },
    null,
    parentId,
  )
  await announce(tx, 'platforms')
  return id
}
