// Orders beside a server that writes the same rows by the same statements, with all constraints,
// indexes and triggers, and does nothing else.
import pg from 'pg'
import type { Side } from '../measure.ts'
import type { SameRowsOptions } from '../servers/same-rows.ts'
import type { Stage } from '../stage.ts'
import { ask } from '../verify.ts'
import { watchOrders } from './order-statements.ts'
import { bindTarget, findBindable, makeInstances, provisionTarget, type Base } from './orders.ts'
import type { Row } from './row.ts'

const against = 'node:http + pg + undici: the statements that Kontor sends, around the call'

export const provisionSameRows: Row = {
  name: 'provision-same-rows',
  against,
  wanted: 0.75,
  prepare: async (stage) => pair(stage, async (base) => ({ target: provisionTarget(base) })),
}

export const bindSameRows: Row = {
  name: 'bind-same-rows',
  against,
  wanted: 0.7,
  prepare: async (stage) =>
    pair(stage, async (base) => ({ target: bindTarget(base, await makeInstances(base)) })),
}

async function pair(
  stage: Stage,
  prepare: (base: Base) => Promise<Omit<Side, 'pid'>>,
): ReturnType<Row['prepare']> {
  const { headers, connections, kontor } = stage
  const ids = await findBindable(stage)
  const baseOf = (url: string): Base => ({ url, headers, connections, ...ids })
  const databaseUrl = stage.rival === undefined ? await copySchema(stage) : stage.databaseUrl
  const other = stage.rival ?? (await serve(stage, baseOf(kontor.url), databaseUrl))
  return {
    ours: { ...(await prepare(baseOf(kontor.url))), pid: kontor.pid },
    theirs: { ...(await prepare(baseOf(other.url))), pid: other.pid },
    async verify() {
      for (const { url } of [kontor, other]) await ask(provisionTarget(baseOf(url)))
      await verifyRows(databaseUrl)
    },
  }
}

async function serve(stage: Stage, base: Base, databaseUrl: string) {
  const [upstream] = await stage.query(
    'select upstream_service_id, upstream_plan_id from plan_targets where plan_id = $1',
    [base.planId],
  )
  const options: SameRowsOptions = {
    databaseUrl,
    connections: stage.connections,
    simulatorUrl: stage.simulator.url,
    authorization: stage.providerAuthorization,
    serviceId: String(upstream?.['upstream_service_id']),
    planId: String(upstream?.['upstream_plan_id']),
    statements: await watchOrders(stage, provisionTarget(base), (path) => bindTarget(base, [path])),
  }
  return stage.serve('same-rows', { ...options })
}

let copies = 0

/** A database of its own: Kontor would carry on what it finds in its own one. */
async function copySchema(stage: Stage): Promise<string> {
  const url = await stage.createDatabase(`same_rows_${++copies}`)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const table of ['providers', 'platforms']) {
      const rows = await stage.query(`select to_jsonb(${table}) as row from ${table}`)
      for (const { row } of rows)
        await client.query(
          `insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`,
          [row],
        )
    }
  } finally {
    await client.end()
  }
  return url
}

async function verifyRows(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client
    .query<{ wrong: number }>(
      `select count(*) filter (where operations.state <> 'succeeded'
        or instances.state <> 'ready')::int as wrong
      from operations join instances on instances.id = operations.instance_key
      where operations.created_at < now() - interval '1 second'`,
    )
    .finally(() => client.end())
  if (rows[0]?.wrong !== 0)
    throw new Error(`${String(rows[0]?.wrong)} orders were answered but are not finished.`)
}
