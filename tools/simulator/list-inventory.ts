import { answer } from './call.ts'
import type { Call, Desk, StepResult } from './call.ts'
import { refuseBadRequest } from './refusal.ts'
import { listBindings } from './world.ts'

/**
 * All that exists, in the order of the ids; a page's token is the last id before it, so nothing
 * that stays is passed over.
 */
export function listInventory(desk: Desk, call: Call): StepResult {
  const page = call.query.get('page')
  if (page === '') refuseBadRequest('page must not be empty.')
  const after = page === null ? '' : Buffer.from(page, 'base64url').toString()
  const ids = [...desk.world.instances.keys()]
    .filter((id) => id > after)
    .toSorted((a, b) => (a < b ? -1 : 1))
  const shown = ids.slice(0, desk.settings.inventoryPageSize)
  const last = shown.at(-1)
  return answer(200, {
    instances: shown
      .flatMap((id) => desk.world.instances.get(id) ?? [])
      .map((instance) => ({
        instance_id: instance.instance_id,
        service_id: instance.service_id,
        plan_id: instance.plan_id,
        bindings: listBindings(desk.world, instance.instance_id).map(({ binding_id: id }) => id),
      })),
    ...(last === undefined || shown.length === ids.length
      ? {}
      : { next: Buffer.from(last).toString('base64url') }),
  })
}
