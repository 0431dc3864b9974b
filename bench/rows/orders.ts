// Binds and deletes beside the least code that does them in two statements and one call.
import { randomUUID } from 'node:crypto'
import { applyLoad, type Target } from '../load.ts'
import type { Catalog } from '../register.ts'
import type { Side } from '../measure.ts'
import type { Stage } from '../stage.ts'
import { ask } from '../verify.ts'
import type { OrdersOptions } from '../servers/orders.ts'
import type { Row } from './row.ts'

const against = 'node:http + pg + undici: 1 statement, call, 1 statement'

export const bind: Row = {
  name: 'bind',
  against,
  wanted: 0.55,
  prepare: async (stage) =>
    pair(stage, async (base) => ({ target: bindTarget(base, await makeInstances(base)) })),
}

export const unbind: Row = {
  name: 'unbind',
  against,
  wanted: 0.55,
  prepare: async (stage) =>
    pair(stage, async (base) => {
      const bound = bindTarget(base, await makeInstances(base))
      return deleting(base, bound)
    }),
}

export const deprovision: Row = {
  name: 'deprovision',
  against,
  wanted: 0.55,
  prepare: async (stage) =>
    pair(stage, (base) => Promise.resolve(deleting(base, provisionTarget(base)))),
}

/** A server that is asked for the first bindable offering of the catalog. */
export interface Base {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceId: string
  readonly planId: string
  readonly connections: number
}

const instances = 64

const tables = `
  create schema if not exists bench;
  drop table if exists bench.resources, bench.resource_operations;
  create table bench.resources (id uuid primary key, external_id text not null unique,
    upstream_id text not null, parent_upstream_id text, state text not null, result text,
    created_at timestamptz not null);
  create table bench.resource_operations (id uuid primary key, resource_id uuid not null,
    state text not null, attempt integer not null, created_at timestamptz not null,
    finished_at timestamptz);`

async function pair(
  stage: Stage,
  prepare: (base: Base) => Promise<Omit<Side, 'pid'>>,
): ReturnType<Row['prepare']> {
  const { serviceId, planId } = await findBindable(stage)
  const [upstream] = await stage.query(
    'select upstream_service_id, upstream_plan_id from plan_targets where plan_id = $1',
    [planId],
  )
  await stage.query(tables)
  const options: OrdersOptions = {
    databaseUrl: stage.databaseUrl,
    connections: stage.connections,
    simulatorUrl: stage.simulator.url,
    authorization: stage.providerAuthorization,
    serviceId: String(upstream?.['upstream_service_id']),
    planId: String(upstream?.['upstream_plan_id']),
  }
  const other = stage.rival ?? (await stage.serve('orders', { ...options }))
  const { headers, connections } = stage
  const side = async ({ url, pid }: { url: string; pid: number }): Promise<Side> => ({
    ...(await prepare({ url, headers, serviceId, planId, connections })),
    pid,
  })
  return {
    ours: await side(stage.kontor),
    theirs: await side(other),
    verify: () => verifyRows(stage),
  }
}

export async function findBindable(stage: Stage): Promise<{ serviceId: string; planId: string }> {
  const { body } = await ask({
    url: stage.kontor.url,
    method: 'GET',
    path: () => '/v2/catalog',
    headers: stage.headers,
    status: 200,
  })
  const found = (JSON.parse(body) as Catalog).services.find(({ bindable }) => bindable)
  const planId = found?.plans[0]?.id
  if (found === undefined || planId === undefined) throw new Error('No offering is bindable.')
  return { serviceId: found.id, planId }
}

/** Orders of new instances, each with another id. */
export function provisionTarget(base: Base): Creating {
  const place = { organization_guid: 'c7ab6b7d', space_guid: '1f0c6ab4' }
  return putting(base, place, () => `/v2/service_instances/${randomUUID()}`)
}

/** Orders of new bindings of some instances. */
export function bindTarget(base: Base, paths: readonly string[]): Creating {
  let next = 0
  return putting(base, {}, () => {
    next = (next + 1) % paths.length
    return `${String(paths[next])}/service_bindings/${randomUUID()}`
  })
}

/** Remembers the paths of what it has made. */
interface Creating extends Target {
  readonly made: string[]
}

function putting(base: Base, more: object, newPath: () => string): Creating {
  const made: string[] = []
  return {
    url: base.url,
    method: 'PUT',
    path() {
      const path = newPath()
      made.push(path)
      return `${path}?accepts_incomplete=true`
    },
    headers: { ...base.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ service_id: base.serviceId, plan_id: base.planId, ...more }),
    status: 201,
    made,
  }
}

export async function makeInstances(base: Base): Promise<readonly string[]> {
  const target = provisionTarget(base)
  for (let count = 0; count < instances; count++) await ask(target)
  return target.made
}

/** Deletes what `creating` makes before each measurement. */
function deleting(base: Base, creating: Creating): Omit<Side, 'pid'> {
  const ids = `service_id=${base.serviceId}&plan_id=${base.planId}`
  return {
    target: {
      url: base.url,
      method: 'DELETE',
      path: () => `${String(creating.made.pop())}?${ids}&accepts_incomplete=true`,
      isExhausted: () => creating.made.length === 0,
      headers: base.headers,
      status: 200,
    },
    // All that was begun is answered when it ends.
    fill: async (seconds) => {
      await applyLoad(creating, base.connections, seconds)
    },
  }
}

// Each order that was answered is over.
async function verifyRows(stage: Stage): Promise<void> {
  const [row] = await stage.query(
    `select count(*)::int as open from operations
    where state <> 'succeeded' and created_at between $1 and now() - interval '1 second'`,
    [stage.openedAt],
  )
  if (row?.['open'] !== 0)
    throw new Error(`${String(row?.['open'])} orders were answered but are not finished.`)
}
