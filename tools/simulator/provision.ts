import { isDeepStrictEqual } from 'node:util'
import {
  acceptsIncomplete,
  answer,
  answerOperation,
  behaviourOf,
  checkMaintenance,
  offerDashboard,
  readObject,
  readText,
  requireOffered,
  runsAsync,
} from './call.ts'
import type { Call, Desk, StepResult } from './call.ts'
import { finishOperation, startOperation } from './operation.ts'
import { refuseBusy, requireAsync, Refusal } from './refusal.ts'
import type { InstanceRecord, Json } from './types.ts'
import { findOperation } from './world.ts'
import type { Change } from './world.ts'

export function provision(desk: Desk, call: Call): StepResult {
  const asked = readRequest(call.body)
  const existing = desk.world.instances.get(call.instanceId)
  if (existing !== undefined && desk.settings.duplicateDetection)
    return replay(desk, call, existing, asked)

  const { plan } = requireOffered(desk, asked.service_id, asked.plan_id)
  const behaviour = behaviourOf(desk, asked.service_id)
  const asynchronous = runsAsync(behaviour.mode === 'async', call)
  if (asynchronous) requireAsync(acceptsIncomplete(call))
  checkMaintenance(asked.maintenance_info, plan)

  const { maintenance_info: _asked, ...rest } = asked
  const operation = startOperation(
    {
      kind: 'provision',
      instance_id: call.instanceId,
      service_id: asked.service_id,
      plan_id: asked.plan_id,
      asked: { ...asked },
      asynchronous,
    },
    behaviour,
    call.now,
    call.twist,
  )
  const created_at = new Date(call.now).toISOString()
  const instance: InstanceRecord = {
    instance_id: call.instanceId,
    ...rest,
    maintenance_info: plan.maintenance_info ?? null,
    state: 'creating',
    operation: operation.operation,
    created_at,
  }
  const changes: Change[] = [
    { put: 'operation', operation },
    { put: 'instance', instance },
    { count: 'provisioned' },
  ]
  if (existing !== undefined)
    changes.push({
      put: 'duplicate',
      duplicate: { kind: 'instance', instance_id: call.instanceId, made_at: created_at },
    })
  if (!asynchronous) changes.push(...finishOperation(operation, instance, undefined))
  return answerOperation(
    operation,
    201,
    offerDashboard(desk, asked.service_id, call.instanceId),
    changes,
  )
}

interface ProvisionAsk {
  service_id: string
  plan_id: string
  organization_guid: string
  space_guid: string
  parameters: Json
  context: Json
  maintenance_info?: Json
}

function readRequest(body: Json): ProvisionAsk {
  const maintenance = readObject(body, 'maintenance_info')
  return {
    service_id: readText(body, 'service_id'),
    plan_id: readText(body, 'plan_id'),
    organization_guid: readText(body, 'organization_guid'),
    space_guid: readText(body, 'space_guid'),
    parameters: readObject(body, 'parameters') ?? {},
    context: readObject(body, 'context') ?? {},
    ...(maintenance ? { maintenance_info: maintenance } : {}),
  }
}

// OSB 2.17 "Provisioning": an equal request gets the same answer, any other under this id is a
// conflict. Checked before the catalog, so that a catalog change cannot break a re-send.
function replay(desk: Desk, call: Call, existing: InstanceRecord, asked: ProvisionAsk): StepResult {
  const running = findOperation(desk.world, existing.operation)
  if (running?.kind === 'deprovision') refuseBusy('The service instance is being deprovisioned.')
  if (existing.state === 'failed')
    throw new Refusal(409, 'Provisioning of this service instance failed; deprovision it first.')
  if (!isSame(existing, asked))
    throw new Refusal(409, 'A service instance with this id and different attributes exists.')
  const dashboard = offerDashboard(desk, existing.service_id, existing.instance_id)
  if (running?.kind !== 'provision') return answer(200, dashboard)
  requireAsync(acceptsIncomplete(call))
  return answerOperation(running, 202, dashboard, [])
}

function isSame(existing: InstanceRecord, asked: ProvisionAsk): boolean {
  return (
    existing.service_id === asked.service_id &&
    existing.plan_id === asked.plan_id &&
    existing.organization_guid === asked.organization_guid &&
    existing.space_guid === asked.space_guid &&
    isDeepStrictEqual(existing.parameters, asked.parameters)
  )
}
