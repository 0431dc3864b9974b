import type { Caller } from '../caller.ts'
import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import { BrokerError } from '../../errors.ts'
import type { UpdateOrganisation } from '../../types.gen.ts'
import { recordMove } from '../record-move.ts'
import { checkedCostCentres, checkedLeitwegId } from './check.ts'
import type { TreeDeps } from './create.ts'
import { organisationIn } from './read.ts'
import { lockTree, updateOrganisation } from './store.ts'
import { validateParent } from './tree.ts'

/**
 * Changes what is told of an organisation, or moves it with all that is below it. What was ordered for it stays its own.
 * @throws BrokerError `not_found`, `conflict` for a retired one, `invalid_request` for a place, a Leitweg-ID or cost centres that cannot be
 */
export async function changeOrganisation(
  deps: TreeDeps,
  caller: Caller,
  id: string,
  change: UpdateOrganisation,
): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const tree = await lockTree(tx)
    const organisation = tree.get(id)
    if (organisation === undefined)
      throw new BrokerError('not_found', 'There is no such organisation.')
    if (organisation.state === 'retired')
      throw new BrokerError('conflict', 'The organisation is retired.')
    const level = change.level ?? organisation.level
    const parentId =
      change.parent === undefined
        ? organisation.parentId
        : change.parent === null
          ? null
          : await organisationIn(tx, 'all', 'parent', change.parent)
    const validationError =
      change.level === undefined && change.parent === undefined
        ? undefined
        : validateParent(tree, id, level, parentId)
    if (validationError !== undefined) throw new BrokerError('invalid_request', validationError)
    await updateOrganisation(
      tx,
      id,
      {
        level,
        parentId,
        ...(change.displayName === undefined ? {} : { displayName: change.displayName }),
        ...(change.leitwegId === undefined
          ? {}
          : { leitwegId: checkedLeitwegId(change.leitwegId) }),
        ...(change.costCentres === undefined
          ? {}
          : { costCentres: checkedCostCentres(change.costCentres) }),
      },
      now,
    )
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'change',
      objectKind: 'organisation',
      objectId: id,
      outcome: 'succeeded',
      organisationId: id,
      details: { fields: Object.keys(change).join(',') },
    })
    await recordMove(
      tx,
      { at: now, actor: caller.actor, objectKind: 'organisation', objectId: id },
      organisation.parentId,
      parentId,
    )
    await announce(tx, 'platforms')
  })
}
