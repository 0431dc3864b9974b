import type { ProvisionOptions } from '../servers/provision.ts'
import type { Stage } from '../stage.ts'
import { ask } from '../verify.ts'
import { newOrder } from './order.ts'
import type { Row } from './row.ts'

export const provision: Row = {
  name: 'provision',
  against: 'node:http + pg + undici: begin, 2 inserts, commit; call; update',
  wanted: 0.65,
  prepare: (stage) => prepare(stage, 'transaction'),
}

export const provisionTightest: Row = {
  name: 'provision-tightest',
  against: 'the same with both inserts in one statement',
  wanted: 0.65,
  prepare: (stage) => prepare(stage, 'statement'),
}

const tables = `
  create schema if not exists bench;
  drop table if exists bench.instances, bench.operations;
  create table bench.instances (id uuid primary key, instance_id text not null,
    upstream_id text not null, service_id text not null, plan_id text not null, context jsonb,
    parameters jsonb, state text not null, created_at timestamptz not null);
  create table bench.operations (id uuid primary key, instance_key uuid not null,
    instance_id text not null, kind text not null, state text not null, attempt integer not null,
    created_at timestamptz not null, finished_at timestamptz);`

async function prepare(
  stage: Stage,
  intent: ProvisionOptions['intent'],
): ReturnType<Row['prepare']> {
  const order = await newOrder(stage)
  await stage.query(tables)
  const options: ProvisionOptions = {
    databaseUrl: stage.databaseUrl,
    connections: stage.connections,
    simulatorUrl: stage.simulator.url,
    authorization: stage.providerAuthorization,
    ...order.upstream,
    intent,
  }
  const other = stage.rival ?? (await stage.serve('provision', { ...options }))
  const [ours, theirs] = [order.target(stage.kontor.url), order.target(other.url)]
  return {
    ours: { target: ours, pid: stage.kontor.pid },
    theirs: { target: theirs, pid: other.pid },
    async verify() {
      const [a, b] = [await ask(ours), await ask(theirs)]
      const shape = (text: string) =>
        Object.entries(JSON.parse(text) as object)
          .map(([name, value]) => `${name} ${String(value).length}`)
          .join()
      if (shape(a.body) !== shape(b.body))
        throw new Error(`The answers differ: ${a.body} and ${b.body}`)
      await verifyRows(stage)
    },
  }
}

// Each order that was answered has its rows and nothing is half done; orders that the end of a
// round cut off may still run.
async function verifyRows(stage: Stage): Promise<void> {
  const [row] = await stage.query(
    `select count(*) filter (where instances.state <> 'ready' or operations.state <> 'succeeded'
      or operations.id is null)::int as wrong
    from instances left join operations on operations.instance_key = instances.id
    where instances.created_at between $1 and now() - interval '1 second'`,
    [stage.openedAt],
  )
  if (row?.['wrong'] !== 0)
    throw new Error(`${String(row?.['wrong'])} orders were answered but are not finished.`)
}
