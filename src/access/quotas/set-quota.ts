import type { Caller } from '../../tenancy/caller.ts'
import { record } from '../../audit/record.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid, newId } from '../../ids.ts'
import type { SetQuota, QuotaView } from '../../types.gen.ts'
import { organisationCalled, plansCalled, type NameDeps } from '../names.ts'
import { describeOne } from './describe-quotas.ts'
import type { Quota, QuotaScope } from './quota.ts'
import {
  deleteQuota,
  findSame,
  insertQuota,
  excludeOrders,
  lockQuotaSetting,
  updateQuota,
} from './store.ts'

export interface QuotaDeps extends NameDeps {
  readonly now: () => Date
}

/**
 * Sets how many instances there may be; one that there was for the same is changed. A limit below what is there takes
 * nothing away: no more are taken until there is room again.
 * @throws BrokerError `invalid_request` that names the field
 */
export async function setQuota(
  deps: QuotaDeps,
  caller: Caller,
  setting: SetQuota,
): Promise<{ readonly quota: QuotaView; readonly isNew: boolean }> {
  const scope = await scopeOf(deps, setting)
  if (Object.keys(setOf(scope)).length === 0)
    throw new BrokerError(
      'invalid_request',
      'Say what the quota is for: organisation, provider, offering or plan.',
    )
  const now = deps.now()
  const { quota, isNew } = await deps.db.transaction().execute(async (tx) => {
    await lockQuotaSetting(tx)
    const written = await write(
      tx,
      scope,
      { instances: setting.instances, comment: setting.comment ?? null },
      now,
    )
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: written.isNew ? 'create' : 'change',
      objectKind: 'quota',
      objectId: written.quota.id,
      outcome: 'succeeded',
      organisationId: scope.organisationId,
      providerId: scope.providerId,
      details: {
        instances: setting.instances,
        ...setOf(scope),
        ...(setting.comment == null ? {} : { comment: setting.comment }),
      },
    })
    return written
  })
  return { quota: await describeOne(deps, quota), isNew }
}

// Orders lock the quotas that they find. One that does not find a new quota yet must be written before it is, or it would not be
// counted by those after it.
async function write(
  tx: Tx,
  scope: QuotaScope,
  values: Pick<Quota, 'instances' | 'comment'>,
  now: Date,
): Promise<{ readonly quota: Quota; readonly isNew: boolean }> {
  const known = await findSame(tx, scope)
  if (known !== undefined) return { quota: await updateQuota(tx, known, values, now), isNew: false }
  await excludeOrders(tx)
  return { quota: await insertQuota(tx, newId(now), scope, values, now), isNew: true }
}

/** @throws BrokerError `not_found` */
export async function removeQuota(deps: QuotaDeps, caller: Caller, id: string): Promise<void> {
  const now = deps.now()
  await deps.db.transaction().execute(async (tx) => {
    const quota = isUuid(id) ? await deleteQuota(tx, id) : undefined
    if (quota === undefined) throw new BrokerError('not_found', 'There is no such quota.')
    await record(tx, {
      at: now,
      actor: caller.actor,
      action: 'remove',
      objectKind: 'quota',
      objectId: id,
      outcome: 'succeeded',
      organisationId: quota.organisationId,
      providerId: quota.providerId,
      details: { instances: quota.instances, ...setOf(quota) },
    })
  })
}

async function scopeOf(deps: QuotaDeps, setting: SetQuota): Promise<QuotaScope> {
  const organisation =
    setting.organisation === undefined
      ? undefined
      : await organisationCalled(deps, setting.organisation, 'organisation')
  const { providerId, offeringId, planId } = await plansCalled(deps, setting, '')
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
