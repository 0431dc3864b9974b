import { answer, checkSame, findTarget, readHint } from './call.ts'
import type { Call, Desk, StepResult } from './call.ts'
import { Refusal } from './refusal.ts'
import { findBinding } from './world.ts'

export function fetchBinding(desk: Desk, call: Call): StepResult {
  const serviceId = readHint(call, 'service_id')
  readHint(call, 'plan_id')
  const binding = findBinding(desk.world, call.instanceId, call.bindingId)
  if (binding === undefined || binding.state === 'creating' || binding.state === 'failed') {
    throw new Refusal(404, 'There is no such service binding.')
  }
  checkSame('service_id', serviceId, [binding.service_id])
  if (findTarget(desk, binding).offering?.bindings_retrievable !== true)
    throw new Refusal(405, 'Service bindings of this offering cannot be fetched.')
  return answer(200, { ...binding.data, parameters: binding.parameters })
}
