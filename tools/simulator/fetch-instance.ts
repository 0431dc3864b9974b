import { answer, checkSame, findTarget, offerDashboard, readHint } from './call.ts'
import type { Call, Desk, StepResult } from './call.ts'
import { refuseBusy, Refusal } from './refusal.ts'

export function fetchInstance(desk: Desk, call: Call): StepResult {
  const serviceId = readHint(call, 'service_id')
  readHint(call, 'plan_id')
  const instance = desk.world.instances.get(call.instanceId)
  if (instance === undefined || instance.state === 'creating' || instance.state === 'failed') {
    throw new Refusal(404, 'There is no such service instance.')
  }
  checkSame('service_id', serviceId, [instance.service_id])
  // Not 404: that would read as "it is gone".
  if (findTarget(desk, instance).offering?.instances_retrievable !== true)
    throw new Refusal(405, 'Service instances of this offering cannot be fetched.')
  if (instance.state !== 'ready') refuseBusy(`The service instance is ${instance.state}.`)
  return answer(200, {
    service_id: instance.service_id,
    plan_id: instance.plan_id,
    ...offerDashboard(desk, instance.service_id, instance.instance_id),
    parameters: instance.parameters,
    ...(instance.maintenance_info === null ? {} : { maintenance_info: instance.maintenance_info }),
  })
}
