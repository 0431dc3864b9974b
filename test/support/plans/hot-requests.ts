// Requests that make a Kontor send each statement that has to be fast however much is stored.
import { randomUUID } from 'node:crypto'
import type { Call, Reply } from '../kontor.ts'
import type { Statement } from './watch-statements.ts'

export interface HotKontor {
  /** As a platform, with credentials. */
  readonly call: Call
  /** As the admin. */
  readonly admin: Call
  /** A plan that can be bound and updated, and whose provider answers at once. */
  readonly sync: PlanIds
  /** A plan whose provider takes its time. */
  readonly async: PlanIds
  /** Makes the connection break at the next provision of `sync`, after it has taken effect. */
  breakNextProvision(): void
  /** The statements since it was called before. */
  take(): Statement[]
}

export interface PlanIds {
  readonly service_id: string
  readonly plan_id: string
}

const place = { organization_guid: 'org', space_guid: 'space' }
const waitMs = 30_000

/** Sends them. @returns the statements that Kontor sent meanwhile, by the step */
export async function sendHotRequests(kontor: HotKontor): Promise<Map<string, Statement[]>> {
  const { call, admin, sync, take } = kontor
  const statements = new Map<string, Statement[]>()
  const step = async (name: string, status: number, send: () => Promise<Reply>) => {
    take()
    const reply = await send()
    if (reply.status !== status) throw new Error(`${name}: ${reply.status} ${reply.text}`)
    statements.set(name, take())
    return reply
  }
  const instance = `/v2/service_instances/${randomUUID()}`
  const binding = `${instance}/service_bindings/${randomUUID()}`
  const query = `?${new URLSearchParams({ ...sync }).toString()}`
  const provision = () => call('PUT', instance, { ...sync, ...place })
  await step('provision', 201, provision)
  await step('provision again', 200, provision)
  await step('last operation', 200, () => call('GET', `${instance}/last_operation`))
  await step('fetch an instance', 200, () => call('GET', instance))
  await step('update', 200, () =>
    call('PATCH', instance, { service_id: sync.service_id, parameters: { size: 1 } }),
  )
  await step('bind', 201, () => call('PUT', binding, sync))
  await step('bind again', 200, () => call('PUT', binding, sync))
  await step('fetch a binding', 200, () => call('GET', binding))
  await step('last operation of a binding', 200, () => call('GET', `${binding}/last_operation`))
  await step('unbind', 200, () => call('DELETE', `${binding}${query}`))
  await step('unbind again', 410, () => call('DELETE', `${binding}${query}`))
  await step('deprovision', 200, () => call('DELETE', `${instance}${query}`))
  await step('deprovision again', 410, () => call('DELETE', `${instance}${query}`))
  await runBackground(kontor, statements)
  await step('set a quota', 201, () =>
    admin('PUT', '/api/quotas', { offering: sync.service_id, instances: 1_000_000 }),
  )
  await step('provision under a quota', 201, () =>
    call('PUT', `/v2/service_instances/${randomUUID()}`, { ...sync, ...place }),
  )
  for (const path of lists) await step(`GET ${path}`, 200, () => admin('GET', path))
  return statements
}

/** An operation that workers carry on, one that breaks and is removed, and the audit's chain. */
async function runBackground(
  { call, async, sync, breakNextProvision, take }: HotKontor,
  statements: Map<string, Statement[]>,
): Promise<void> {
  take()
  const slow = `/v2/service_instances/${randomUUID()}`
  const ordered = await call('PUT', `${slow}?accepts_incomplete=true`, { ...async, ...place })
  if (ordered.status !== 202) throw new Error(`The order was answered: ${ordered.text}`)
  breakNextProvision()
  const broken = `/v2/service_instances/${randomUUID()}`
  await call('PUT', `${broken}?accepts_incomplete=true`, { ...sync, ...place })
  for (const path of [slow, broken]) await untilOver(call, path)
  statements.set('operations that workers carry on', take())
}

async function untilOver(call: Call, path: string): Promise<void> {
  const endsAt = Date.now() + waitMs
  while (Date.now() < endsAt) {
    const { body } = await call('GET', `${path}/last_operation`)
    if (body?.state !== 'in progress') return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${path} is still in progress.`)
}

const known = [
  'offering=db',
  'plan=small',
  'platform=first',
  'provider=north',
  'offering=db&plan=small&platform=first&provider=north',
]

/**
 * With filters that match nothing or everything, and without any. Not the search `q` for part of a
 * name, which reads all that the reader may see.
 */
const lists = [
  '/api/operations',
  ...['parked', 'unfinished', 'stuck', 'waiting', 'failed'].map(
    (state) => `/api/operations?state=${state}`,
  ),
  '/api/operations?kind=unbind&state=failed',
  '/api/operations?instanceId=unknown',
  '/api/operations?platform=unknown',
  '/api/operations?provider=unknown',
  '/api/instances',
  ...['provisioning', 'failed', 'gone', 'gone&instanceId=unknown', 'gone&platform=unknown'].map(
    (state) => `/api/instances?state=${state}`,
  ),
  ...['owner', 'costCentre', 'labels', 'instanceId', 'offering', 'plan'].map(
    (filter) => `/api/instances?${filter}=unknown`,
  ),
  '/api/instances?provider=unknown&platform=unknown',
  ...known.map((filter) => `/api/instances?${filter}`),
  ...known.map((filter) => `/api/instances?state=failed&${filter}`),
  '/api/instances?expiresBefore=2001-01-01',
  '/api/instances?expiresBefore=2101-01-01',
  '/api/bindings',
  ...['binding', 'failed', 'failed&platform=unknown'].map(
    (state) => `/api/bindings?state=${state}`,
  ),
  ...['bindingId', 'instanceId', 'platform', 'provider', 'plan'].map(
    (filter) => `/api/bindings?${filter}=unknown`,
  ),
  ...known.map((filter) => `/api/bindings?${filter}`),
  ...known.map((filter) => `/api/bindings?state=failed&${filter}`),
  '/api/bindings?expiresBefore=2001-01-01',
  '/api/bindings?expiresBefore=2101-01-01',
  '/api/bindings?expiresBefore=2101-01-01&platform=first',
  '/api/bindings?expiresBefore=2001-01-01&platform=unknown',
  '/api/orders',
  '/api/orders?state=draft',
  '/api/orders?state=discarded',
  `/api/orders?person=${'0'.repeat(8)}-0000-7000-8000-${'0'.repeat(12)}`,
  '/api/orphans',
  '/api/orphans?state=open',
  '/api/orphans?cause=abandoned',
  '/api/orphans?provider=unknown',
  '/api/audit/events',
  '/api/audit/events?actor=unknown',
  '/api/audit/events?action=platform.retired',
  '/api/audit/events?action=orphan.removed',
  '/api/audit/events?outcome=refused',
  '/api/audit/events?objectKind=instance&objectId=unknown',
  '/api/audit/events?objectId=unknown',
  '/api/audit/events?from=2001-01-01&to=2001-01-02',
]
