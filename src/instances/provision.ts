import { reserveQuota } from '../access/quotas/reserve-quota.ts'
import type { InstanceResult } from '../backends/backend.ts'
import type { CatalogPlan } from '../catalog/snapshot.ts'
import { isTransaction, type DbOrTx } from '../db/database.ts'
import { writePart } from '../db/parts.ts'
import { BrokerError } from '../errors.ts'
import { newId, newOpaqueId } from '../ids.ts'
import { firstOperation } from '../operations/for-orders.ts'
import { validateOrdering } from '../tenancy/ordering-organisation.ts'
import type { ProvisionRequest } from '../types.gen.ts'
import { decideProvision, validateProvider, type Allowed } from './decide.ts'
import { identityMacOf, type Identity } from './identity.ts'
import { firstParameters, type Instance } from './instance.ts'
import { findWithOperations } from './instance-with-operations.ts'
import { acceptance, newOperation } from './new-operation.ts'
import type { OrderDeps, OrderResult, OrderSource } from './order.ts'
import type { WrittenInstance } from './provision-handler.ts'
import { replayProvision } from './replay-provision.ts'
import { insertInstance, insertUnlimited } from './intent/store.ts'
import { findInstance } from './store.ts'
import { answerOrder, needsTransaction, submitOrder, type IntentResult } from './submit-order.ts'
import type { OrderTurn } from './take-turn.ts'

export interface ProvisionOrder extends OrderSource {
  readonly instanceId: string
  readonly body: ProvisionRequest
}

/**
 * Orders an instance. The same order sent again gets the same instance; another order under its id
 * is a conflict. The answer:
 *
 *     decision  submission     an instance has the id  no instance has it
 *     --------  -------------  ----------------------  ----------------------
 *     refused   none           replay                  the decision's error
 *     allowed   none: dry run  replay                  validated
 *     allowed   refused        replay                  the submission's error
 *     allowed   not written    replay                  explainNotWritten
 *     allowed   throws         cannot be               `quota_exceeded`, or
 *                                                      `unavailable`
 *     allowed   submitted      what the first call came to, see answerOrder
 *
 * The table in replay-provision.ts says what a replay is; of a dry run it is `validated` where the
 * table has no error.
 * @throws BrokerError `forbidden`, `unknown_plan`, `not_offered`, `plan_withdrawn`,
 * `quota_exceeded`, `maintenance_info_conflict`, `invalid_parameters`, `conflict`, `concurrency`,
 * `async_required`, `rate_limited`, `provider_unavailable`, `unavailable`, or what the provider
 * answered
 */
export async function provision(
  deps: OrderDeps,
  order: ProvisionOrder,
): Promise<OrderResult<InstanceResult>> {
  const decision = await decideProvision(deps, order)
  const submission =
    decision.kind === 'refused' || order.isDryRun
      ? decision
      : await submitOrder(deps, order, {
          providerId: decision.plan.target.providerId,
          plan: decision.plan,
          subject: decision,
          write: writeIntent,
          isRepeated: () => isKnown(deps, order),
        })
  if (submission.kind === 'submitted') return answerOrder(submission)
  // An order sent again is answered from its row, for the catalog may have changed, and all slots
  // may be taken.
  const existing = await findWithOperations(deps.db, order.platformId, order.instanceId)
  if (existing !== undefined) {
    const answer = replayProvision(deps, order, existing)
    return order.isDryRun ? { kind: 'validated' } : answer
  }
  if (decision.kind === 'refused') throw decision.error
  if (submission.kind === 'refused') throw submission.error
  if (submission.kind === 'not_written') throw await explainNotWritten(deps, order, decision)
  return { kind: 'validated' }
}

async function isKnown({ db }: OrderDeps, order: ProvisionOrder): Promise<boolean> {
  return (await findInstance(db, order.platformId, order.instanceId)) !== undefined
}

/**
 * @returns undefined when an instance has that id, or its provider, platform or organisation takes
 * no new orders
 */
async function writeIntent(
  db: DbOrTx,
  deps: OrderDeps,
  order: ProvisionOrder,
  { plan, organisationId }: Allowed,
  turn: OrderTurn,
): Promise<IntentResult> {
  const instance = newInstance(deps, order, plan, organisationId, turn.now)
  const operation = newOperation(deps, order, instance, plan, turn, 'provision')
  const parts = [firstOperation(operation, instance), ...acceptance(db, operation)]
  const written: WrittenInstance = { instance, parameters: order.body.parameters }
  if (isTransaction(db)) {
    const quotas = await insertInstance(db, instance, turn.now)
    if (quotas === undefined) return undefined
    for (const part of parts) await writePart(db, part)
    if (quotas.length > 0 || !deps.quotas.hasNone()) await reserveQuota(db, deps, instance, quotas)
    return { operation, written }
  }
  if (!deps.quotas.hasNone()) return needsTransaction
  const outcome = await insertUnlimited(db, instance, turn.now, parts)
  // Another process has set a quota, and this one has not read it yet.
  if (outcome === 'under_quota') return needsTransaction
  return outcome === 'written' ? { operation, written } : undefined
}

function newInstance(
  deps: OrderDeps,
  { body, platformId, instanceId }: ProvisionOrder,
  plan: CatalogPlan,
  organisationId: string | null,
  now: Date,
): Instance {
  const key = newId(now)
  const { parameters } = body
  const identity: Identity = {
    key,
    platformId,
    instanceId,
    providerId: plan.target.providerId,
    organisationId,
    offeringId: plan.offering.id,
    upstreamId: newOpaqueId(),
    upstreamServiceId: plan.target.upstreamServiceId,
  }
  return {
    ...identity,
    identityMac: identityMacOf(deps.vault, identity),
    planId: plan.id,
    previousPlanId: null,
    upstreamPlanId: plan.target.upstreamPlanId,
    organizationGuid: body.organization_guid,
    spaceGuid: body.space_guid,
    context: body.context ?? null,
    parameters: parameters ? firstParameters(deps.vault, key, platformId, parameters) : null,
    parametersVersion: 0,
    parametersDigest: deps.vault.digest(parameters ?? {}),
    maintenanceVersion: body.maintenance_info?.version ?? null,
    dashboardUrl: null,
    metadata: null,
    extensions: null,
    extensionsVersion: 0,
    state: 'provisioning',
    usable: true,
    createdAt: now,
  }
}

/** Why an instance could not be inserted although there is none under its id. */
async function explainNotWritten(
  deps: OrderDeps,
  order: ProvisionOrder,
  { plan, organisationId }: Allowed,
): Promise<BrokerError> {
  const withdrawn = await validateProvider(deps, plan)
  if (withdrawn !== undefined) return withdrawn
  // Its platform or organisation may be retired, and this process has not read that yet.
  await deps.directory.reload()
  return (
    validateOrdering(deps.directory, order.platformId, organisationId) ??
    // Deleted between the insert and the query, or its order failed.
    new BrokerError(
      'concurrency',
      'Another order for this instance has just ended. Send this one again.',
    )
  )
}
