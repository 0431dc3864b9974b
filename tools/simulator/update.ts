import { isDeepStrictEqual } from 'node:util'
import {
  acceptsIncomplete,
  answer,
  answerOperation,
  behaviourOf,
  checkMaintenance,
  checkSame,
  findTarget,
  offerDashboard,
  readObject,
  readOptionalText,
  readText,
  requireOffered,
  runsAsync,
} from './call.ts'
import type { Call, Desk, StepResult } from './call.ts'
import { finishOperation, mergeUpdate, startOperation } from './operation.ts'
import { refuseBusy, requireAsync, Refusal } from './refusal.ts'
import type { InstanceRecord, Json, OsbPlan } from './types.ts'
import { findOperation } from './world.ts'
import type { Change } from './world.ts'

export function update(desk: Desk, call: Call): StepResult {
  const asked = readRequest(call.body)
  const instance = desk.world.instances.get(call.instanceId)
  if (instance === undefined) throw new Refusal(404, 'There is no such service instance.')
  checkSame('service_id', asked.service_id, [instance.service_id])
  const dashboard = offerDashboard(desk, instance.service_id, instance.instance_id)

  const running = findOperation(desk.world, instance.operation)
  if (running !== undefined) {
    if (running.kind !== 'update' || !isSame(running.asked, asked))
      refuseBusy(`A ${running.kind} of this service instance is running.`)
    requireAsync(acceptsIncomplete(call))
    return answerOperation(running, 202, dashboard, [])
  }
  if (instance.state === 'failed')
    throw new Refusal(422, 'Provisioning of this service instance failed: it cannot be updated.')

  const plan = resolvePlan(desk, instance, asked.plan_id)
  checkMaintenance(asked.maintenance_info, plan)
  const effective = withCatalogVersion(asked, instance, plan)
  if (isNothing(instance, effective)) return answer(200, {}, takeContext(desk, instance, asked))

  const behaviour = behaviourOf(desk, instance.service_id)
  const asynchronous = runsAsync(behaviour.mode === 'async', call)
  if (asynchronous) requireAsync(acceptsIncomplete(call))
  const operation = startOperation(
    {
      kind: 'update',
      instance_id: instance.instance_id,
      service_id: instance.service_id,
      plan_id: instance.plan_id,
      asked: { ...effective },
      asynchronous,
    },
    behaviour,
    call.now,
    call.twist,
  )
  const busy: InstanceRecord = { ...instance, state: 'updating', operation: operation.operation }
  const changes: Change[] = [
    { put: 'operation', operation },
    { put: 'instance', instance: busy },
  ]
  if (!asynchronous) changes.push(...finishOperation(operation, busy, undefined))
  return answerOperation(operation, 200, dashboard, changes)
}

interface UpdateAsk {
  service_id: string
  plan_id?: string
  parameters?: Json
  context?: Json
  maintenance_info?: Json
}

function readRequest(body: Json): UpdateAsk {
  const planId = readOptionalText(body, 'plan_id')
  const parameters = readObject(body, 'parameters')
  const context = readObject(body, 'context')
  const maintenance = readObject(body, 'maintenance_info')
  readObject(body, 'previous_values')
  return {
    service_id: readText(body, 'service_id'),
    ...(planId === undefined ? {} : { plan_id: planId }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(context === undefined ? {} : { context }),
    ...(maintenance === undefined ? {} : { maintenance_info: maintenance }),
  }
}

function resolvePlan(
  desk: Desk,
  instance: InstanceRecord,
  planId: string | undefined,
): OsbPlan | undefined {
  const current = findTarget(desk, instance)
  if (planId === undefined || planId === instance.plan_id) return current.plan
  const { plan } = requireOffered(desk, instance.service_id, planId)
  // The plan that is used now decides, and overrides its offering both ways.
  const isUpdateable = current.plan?.plan_updateable ?? current.offering?.plan_updateable ?? false
  if (!isUpdateable) throw new Refusal(422, 'The plan of this service instance cannot be changed.')
  return plan
}

// A plan change brings the new plan's maintenance version with it, sent or not.
function withCatalogVersion(
  asked: UpdateAsk,
  instance: InstanceRecord,
  plan: OsbPlan | undefined,
): UpdateAsk {
  const isMoving = asked.plan_id !== undefined && asked.plan_id !== instance.plan_id
  if (plan?.maintenance_info === undefined || !(isMoving || asked.maintenance_info !== undefined))
    return asked
  return { ...asked, maintenance_info: { ...plan.maintenance_info } }
}

function isNothing(instance: InstanceRecord, asked: UpdateAsk): boolean {
  const after = mergeUpdate(instance, { ...asked })
  return (
    after.plan_id === instance.plan_id &&
    isDeepStrictEqual(after.parameters, instance.parameters) &&
    after.maintenance_info?.['version'] === instance.maintenance_info?.['version']
  )
}

// Only an offering that says so takes context-only updates; the others answer 200 and keep what
// they had.
function takeContext(desk: Desk, instance: InstanceRecord, asked: UpdateAsk): Change[] {
  if (
    asked.context === undefined ||
    findTarget(desk, instance).offering?.allow_context_updates !== true
  )
    return []
  return [
    { put: 'instance', instance: { ...instance, context: asked.context } },
    { count: 'updated' },
  ]
}

// The running one's maintenance_info may have been filled in from the catalog, so only a sent one
// is compared.
function isSame(before: Json, asked: UpdateAsk): boolean {
  const { maintenance_info: had, context: _before, ...old } = before
  const { maintenance_info: has, context: _now, ...fresh } = asked
  if (has !== undefined && (had as Json | undefined)?.['version'] !== has['version']) return false
  return isDeepStrictEqual(old, fresh)
}
