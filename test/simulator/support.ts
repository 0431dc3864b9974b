import { startSimulator } from '../../tools/simulator/start.ts'
import type {
  Json,
  OsbCatalog,
  ServiceBehaviour,
  Simulator,
  SimulatorOptions,
} from '../../tools/simulator/types.ts'
import type { Teardown } from '../support/teardown.ts'

export interface Answer {
  status: number
  body: Json
  text: string
  headers: Headers
}

export const catalog: OsbCatalog = {
  services: [
    {
      id: 'svc-sync',
      name: 'wiki',
      description: 'A wiki',
      bindable: true,
      tags: ['postgresql'],
      plan_updateable: true,
      instances_retrievable: true,
      bindings_retrievable: true,
      allow_context_updates: true,
      plans: [
        {
          id: 'plan-s',
          name: 's',
          description: 'Small',
          binding_rotatable: true,
          maintenance_info: { version: '1.0.0' },
        },
        {
          id: 'plan-m',
          name: 'm',
          description: 'Medium',
          maintenance_info: { version: '2.0.0+build.1' },
        },
        {
          id: 'plan-fixed',
          name: 'fixed',
          description: 'Not bindable, not updateable',
          bindable: false,
          plan_updateable: false,
        },
      ],
    },
    {
      id: 'svc-async',
      name: 'messenger',
      description: 'A messenger',
      bindable: true,
      plan_updateable: true,
      instances_retrievable: true,
      bindings_retrievable: true,
      plans: [
        { id: 'plan-a', name: 'a', description: 'A' },
        { id: 'plan-b', name: 'b', description: 'B' },
      ],
    },
    {
      id: 'svc-closed',
      name: 'closed',
      description: 'Nothing can be fetched',
      bindable: true,
      plans: [{ id: 'plan-c', name: 'c', description: 'C' }],
    },
  ],
}

export const behaviours: Record<string, ServiceBehaviour> = {
  'svc-async': {
    mode: 'async',
    asyncBinding: true,
    provisionSeconds: 10,
    updateSeconds: 10,
    deprovisionSeconds: 10,
    bindSeconds: 2,
    unbindSeconds: 2,
    steps: ['checking', 'creating', 'connecting', 'filling', 'testing'],
    retryAfterSeconds: 3,
  },
}

export interface Fixture {
  simulator: Simulator
  clock: { at: number }
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>
}

export async function build(
  t: Teardown,
  options: Partial<SimulatorOptions> = {},
): Promise<Fixture> {
  const clock = { at: Date.parse('2026-03-04T05:06:07Z') }
  const simulator = await startSimulator({ catalog, behaviours, now: () => clock.at, ...options })
  t.teardown(() => simulator.stop())
  return { simulator, clock, call: (...args) => callAt(simulator.url, ...args) }
}

export async function callAt(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isText = typeof body === 'string'
  const response = await fetch(url + path, {
    method,
    headers: {
      'X-Broker-API-Version': '2.17',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    signal: AbortSignal.timeout(10_000),
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, text, body: parse(text), headers: response.headers }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return {}
  }
}

export const order = {
  sync: {
    service_id: 'svc-sync',
    plan_id: 'plan-s',
    organization_guid: 'org',
    space_guid: 'space',
  },
  async: {
    service_id: 'svc-async',
    plan_id: 'plan-a',
    organization_guid: 'org',
    space_guid: 'space',
  },
}

export const query = {
  sync: 'service_id=svc-sync&plan_id=plan-s',
  async: 'service_id=svc-async&plan_id=plan-a&accepts_incomplete=true',
}

export const at = (id: string): string => `/v2/service_instances/${id}`
export const bindingAt = (id: string, binding: string): string =>
  `${at(id)}/service_bindings/${binding}`
export const ai = '?accepts_incomplete=true'
