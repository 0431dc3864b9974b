import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid, newId } from '../../ids.ts'
import type { Caller } from '../../tenancy/caller.ts'
import { requireOrganisation } from '../../tenancy/organisations/resolve-organisation.ts'
import type { SetQuota } from '../../types.gen.ts'
import type { AccessDeps } from '../deps.ts'
import { resolvePlans } from '../resolve-plans.ts'
import { excludeOrders } from './count/store.ts'
import type { Quota, QuotaScope } from './quota.ts'
import { deleteQuota, findSame, insertQuota, lockQuotaSetting, updateQuota } from './store.ts'

export interface QuotaDeps extends AccessDeps {
  readonly now: () => Date
}

/**
 * Sets the maximum number of instances; changes the quota for the same scope if there is one. A
 * maximum below the present number removes nothing: Kontor refuses orders until the number is below
 * it.
 * @throws BrokerError `invalid_request` that names the field
 */
export async function setQuota(
  deps: QuotaDeps,
  caller: Caller,
  { instances, comment = null, ...reference }: SetQuota,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const scope = await resolveScope(deps, caller, reference)
  if (Object.keys(setOf(scope)).length === 0)
    throw new BrokerError(
      'invalid_request',
      'Say what the quota is for: organisation, provider, offering or plan.',
    )
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    await lockQuotaSetting(tx)
    const written = await write(tx, scope, { instances, comment }, now)
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: written.isNew ? 'quota.created' : 'quota.changed',
      objectKind: 'quota',
      objectId: written.id,
      outcome: 'succeeded',
      organisationId: scope.organisationId,
      providerId: scope.providerId,
      details: { instances, ...setOf(scope), ...(comment === null ? {} : { comment }) },
    })
    await announce(tx, 'quotas')
    return written
  })
}

// Orders lock the quotas that apply to them. An order that does not see a new quota yet must be
// committed before the quota is, or the orders after it would not count it.
async function write(
  tx: Tx,
  scope: QuotaScope,
  values: Pick<Quota, 'instances' | 'comment'>,
  now: Date,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const known = await findSame(tx, scope)
  if (known !== undefined) {
    await updateQuota(tx, known, values, now)
    return { id: known, isNew: false }
  }
  await excludeOrders(tx)
  const id = newId(now)
  await insertQuota(tx, id, scope, values, now)
  return { id, isNew: true }
}

/** @throws BrokerError `not_found` */
export async function removeQuota(deps: QuotaDeps, caller: Caller, id: string): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const quota = isUuid(id) ? await deleteQuota(tx, caller.scope, id) : undefined
    if (quota === undefined) throw new BrokerError('not_found', 'There is no such quota.')
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'quota.removed',
      objectKind: 'quota',
      objectId: id,
      outcome: 'succeeded',
      organisationId: quota.organisationId,
      providerId: quota.providerId,
      details: { instances: quota.instances, ...setOf(quota) },
    })
    await announce(tx, 'quotas')
  })
}

async function resolveScope(
  deps: AccessDeps,
  caller: Caller,
  { organisation: owner, ...reference }: Omit<SetQuota, 'instances' | 'comment'>,
): Promise<QuotaScope> {
  const organisation =
    owner === undefined
      ? undefined
      : await requireOrganisation(deps.directory, caller.scope, 'organisation', owner)
  const { providerId, offeringId, planId } = await resolvePlans(deps, reference, '')
  const { plans, offerings } = deps.catalog.current()
  const offering = plans.get(planId ?? '')?.offering ?? offerings.get(offeringId ?? '')
  return {
    organisationId: organisation?.id ?? null,
    providerId: offering?.plans[0]?.target.providerId ?? providerId,
    offeringId: offering?.id ?? null,
    planId,
  }
}

function setOf({
  organisationId,
  providerId,
  offeringId,
  planId,
}: QuotaScope): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ organisationId, providerId, offeringId, planId }).flatMap(([name, value]) =>
      value === null ? [] : [[name, value]],
    ),
  )
}
