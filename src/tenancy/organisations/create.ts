import type { Caller } from '../caller.ts'
import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { CreateOrganisation } from '../../types.gen.ts'
import { checkName } from '../names.ts'
import { recordMove } from '../record-move.ts'
import { checkedCostCentres, checkedLeitwegId } from './check.ts'
import { organisationIn } from './read.ts'
import { insertOrganisation, lockTree } from './store.ts'
import { validateParent } from './tree.ts'

export interface TreeDeps {
  readonly db: Db
  readonly now: () => Date
}

/**
 * Creates an organisation in its place in the tree.
 * @returns its id
 * @throws BrokerError `invalid_request` for a place, a Leitweg-ID or cost centres that cannot be, `conflict` for a name that
 * is taken, by a retired one too
 */
export async function createOrganisation(
  deps: TreeDeps,
  caller: Caller,
  { name, ...given }: CreateOrganisation,
): Promise<string> {
  checkName(name)
  const leitwegId = checkedLeitwegId(given.leitwegId ?? null)
  const costCentres = checkedCostCentres(given.costCentres ?? [])
  const now = deps.now()
  const id = newId(now)
  await deps.db.transaction().execute(async (tx) => {
    const tree = await lockTree(tx)
    const parentId =
      given.parent == null ? null : await organisationIn(tx, 'all', 'parent', given.parent)
    const validationError = validateParent(tree, undefined, given.level, parentId)
    if (validationError !== undefined) throw new BrokerError('invalid_request', validationError)
    if (
      !(await insertOrganisation(
        tx,
        id,
        name,
        { displayName: given.displayName, level: given.level, parentId, leitwegId, costCentres },
        now,
      ))
    ) {
      throw new BrokerError(
        'conflict',
        `An organisation named "${name}" exists already, perhaps a retired one.`,
      )
    }
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'create',
      objectKind: 'organisation',
      objectId: id,
      outcome: 'succeeded',
      organisationId: id,
      details: { name, level: given.level },
    })
    await recordMove(
      tx,
      { at: now, actor: caller.actor, objectKind: 'organisation', objectId: id },
      null,
      parentId,
    )
    await announce(tx, 'platforms')
  })
  return id
}
