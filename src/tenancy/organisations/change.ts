import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import { BrokerError } from '../../errors.ts'
import type { UpdateOrganisation } from '../../types.gen.ts'
import type { Caller } from '../caller.ts'
import { revokeOutgrown } from '../credentials/revoke-outgrown.ts'
import type { TenancyDeps } from '../deps.ts'
import { recordMove } from '../record-move.ts'
import { checkedCostCentres, checkedLeitwegId } from './check.ts'
import { lockOrganisation, ownerIn } from './lock.ts'
import { updateOrganisation, type OrganisationValues } from './store.ts'
import { validateParent } from './tree.ts'

/**
 * Changes an organisation's data, or moves it together with its subtree. What was ordered for it
 * stays its own. Credentials that an agency issued end if it moves out of the agency's scope.
 * @param reference  its id or name
 * @throws BrokerError `not_found`, `conflict` for a retired one, `invalid_request` for a parent, a
 * Leitweg-ID or cost centres that are not valid
 */
export async function changeOrganisation(
  deps: TenancyDeps,
  caller: Caller,
  reference: string,
  change: UpdateOrganisation,
): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const { organisation, tree } = await lockOrganisation(tx, caller.scope, reference)
    const { id } = organisation
    const level = change.level ?? organisation.level
    const parentId =
      change.parent == null
        ? change.parent
        : await ownerIn(tree, caller.scope, 'parent', change.parent)
    const newParentId = parentId === undefined ? organisation.parentId : parentId
    const validationError =
      change.level === undefined && change.parent === undefined
        ? undefined
        : validateParent(tree, id, level, newParentId)
    if (validationError !== undefined) throw new BrokerError('invalid_request', validationError)
    const values = { level, parentId: newParentId, ...checkedData(change) }
    await updateOrganisation(tx, id, values, now)
    if (newParentId !== organisation.parentId) {
      const moved = new Map(tree).set(id, { ...organisation, parentId: newParentId })
      await revokeOutgrown(tx, { tree: moved, actor: caller.actor, now })
    }
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'organisation.changed',
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
      newParentId,
    )
    await announce(tx, 'platforms')
  })
}

function checkedData({
  displayName,
  leitwegId,
  costCentres,
}: UpdateOrganisation): Partial<OrganisationValues> {
  return {
    ...(displayName === undefined ? {} : { displayName }),
    ...(leitwegId === undefined ? {} : { leitwegId: checkedLeitwegId(leitwegId) }),
    ...(costCentres === undefined ? {} : { costCentres: checkedCostCentres(costCentres) }),
  }
}
