import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { bind } from './bind.ts'
import { parseBody, readBody } from './body.ts'
import { acceptsIncomplete, answer, isObject } from './call.ts'
import type { Call, Desk, StepResult } from './call.ts'
import { deliver, deliverSpoilt } from './deliver.ts'
import { deprovision } from './deprovision.ts'
import { actsFirst, kindOf, readTwist } from './fault.ts'
import type { createFaults } from './fault.ts'
import { fetchBinding } from './fetch-binding.ts'
import { fetchCatalog } from './fetch-catalog.ts'
import { fetchInstance } from './fetch-instance.ts'
import { listInventory } from './list-inventory.ts'
import { checkContentType, checkIdentity, checkVersion } from './headers.ts'
import type { Journal } from './journal.ts'
import { settleInstance } from './operation.ts'
import { fillWithNulls } from './nulls.ts'
import { poll } from './poll.ts'
import { provision } from './provision.ts'
import { refuseBadRequest, Refusal } from './refusal.ts'
import { findRoute } from './route.ts'
import type { Route } from './route.ts'
import type { Endpoint, Json, RequestRecord, StandingFault } from './types.ts'
import { unbind } from './unbind.ts'
import { update } from './update.ts'

export interface Counter {
  desk: Desk
  journal: Journal
  faults: ReturnType<typeof createFaults>
  signal: AbortSignal
  now(): number
  crash(): void
  count(endpoint: Endpoint): void
}

const verbs = {
  catalog: fetchCatalog,
  inventory: listInventory,
  provision,
  update,
  deprovision,
  fetch_instance: fetchInstance,
  last_operation: poll,
  bind,
  unbind,
  fetch_binding: fetchBinding,
  binding_last_operation: poll,
} as const satisfies Record<Endpoint, (desk: Desk, call: Call) => StepResult>

const readers: readonly Endpoint[] = [
  'catalog',
  'inventory',
  'fetch_instance',
  'last_operation',
  'fetch_binding',
  'binding_last_operation',
]

/**
 * One request of the broker's, already authenticated. Faults come first: a broken provider does not
 * validate before it breaks.
 */
export async function serveBroker(
  counter: Counter,
  req: IncomingMessage,
  res: ServerResponse,
  entry: RequestRecord,
  target: { segments: string[]; query: URLSearchParams },
): Promise<void> {
  const route = findRoute(req.method ?? 'GET', target.segments)
  entry.endpoint = route.endpoint
  counter.count(route.endpoint)
  const text = await readBody(req)
  const body = tryParse(text)
  entry.body = body
  const { delays, fault } = counter.faults.meet(meetingOf(counter.desk, route, target.query, body))
  if (fault !== undefined) entry.fault = fault.id
  await sleepAll(
    counter,
    delays.filter((delay) => delay.when !== 'after'),
  )

  const judge = () => {
    const verdict = judgeCall(counter, route, target.query, text, entry.headers, fault)
    return counter.desk.settings.nulls ? fillWithNulls(route.endpoint, verdict) : verdict
  }
  if (fault === undefined) {
    const verdict = judge()
    await sleepAll(
      counter,
      delays.filter((delay) => delay.when === 'after'),
    )
    deliver(res, verdict)
    entry.status = verdict.status
    return
  }
  await misbehave(counter, res, entry, fault, route, judge)
}

async function misbehave(
  counter: Counter,
  res: ServerResponse,
  entry: RequestRecord,
  fault: StandingFault,
  route: Route,
  judge: () => StepResult,
): Promise<void> {
  const kind = kindOf(fault.do)
  // A read changes nothing, so the spoilt answer may as well start from the true one.
  const isSpoiltRead =
    readers.includes(route.endpoint) && (kind === 'malformed' || kind === 'hugeBytes')
  const verdict = actsFirst(fault) || isSpoiltRead ? judge() : answer(200, {})
  if (kind === 'hang') return
  if (kind === 'crash') return counter.crash()
  entry.status = await deliverSpoilt(res, verdict, fault.do, counter.signal)
}

function judgeCall(
  counter: Counter,
  route: Route,
  query: URLSearchParams,
  text: string,
  headers: Record<string, string>,
  fault: StandingFault | undefined,
): StepResult {
  const now = counter.now()
  const call: Call = { ...route, query, headers, now, body: {}, twist: readTwist(fault) }
  try {
    checkVersion(headers)
    checkIdentity(headers)
    call.body = requireBody(call, text)
    checkAcceptsIncomplete(call)
    if (call.instanceId !== '')
      counter.journal.commit(settleInstance(counter.desk.world, call.instanceId, now))
    const verdict = verbs[route.endpoint](counter.desk, call)
    // forget: the answer claims success, but nothing was written.
    if (fault === undefined || !('forget' in fault.do)) counter.journal.commit(verdict.changes)
    return verdict
  } catch (error) {
    if (error instanceof Refusal) return answer(error.status, error.body)
    throw error
  }
}

function requireBody(call: Call, text: string): Json {
  if (!['provision', 'update', 'bind'].includes(call.endpoint)) return {}
  checkContentType(call.headers)
  const body = parseBody(text)
  return isObject(body) ? body : refuseBadRequest('The body must be a JSON object.')
}

function checkAcceptsIncomplete(call: Call): void {
  const value = call.query.get('accepts_incomplete')
  if (value !== null && value !== 'false' && !acceptsIncomplete(call))
    refuseBadRequest('accepts_incomplete must be true or false.')
}

// Broken JSON is refused later; a fault may still match by path.
function tryParse(text: string): unknown {
  try {
    return parseBody(text)
  } catch {
    return text.slice(0, 1000)
  }
}

function meetingOf(desk: Desk, route: Route, query: URLSearchParams, body: unknown) {
  const named = isObject(body) ? body['service_id'] : query.get('service_id')
  const serviceId =
    typeof named === 'string' ? named : desk.world.instances.get(route.instanceId)?.service_id
  return {
    endpoint: route.endpoint,
    ...(route.instanceId === '' ? {} : { instance_id: route.instanceId }),
    ...(serviceId === undefined ? {} : { service_id: serviceId }),
  }
}

async function sleepAll(counter: Counter, delays: StandingFault[]): Promise<void> {
  for (const { do: action } of delays) {
    if ('delayMs' in action) await sleep(action.delayMs, undefined, { signal: counter.signal })
  }
}
