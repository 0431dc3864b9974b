// What a list of operations, orphans, instances or bindings reads of a large table when little of
// it fits its filter.
import { Kysely, PostgresDialect, sql, type CompiledQuery } from 'kysely'
import pg from 'pg'
import t from 'tap'
import type { Db } from '../../src/db/database.ts'
import type { DB } from '../../src/db/schema.gen.ts'
import { listBindingViews } from '../../src/instances/listing/bindings/store.ts'
import { listViews } from '../../src/instances/listing/store.ts'
import { listOperations } from '../../src/operations/operator/read.ts'
import { listOrphans } from '../../src/orphans/operator/read.ts'
import { createDatabase } from '../support/postgres.ts'

const count = 10_000
const pageSize = 10
// Walking all rows of a table reads at least twice as many.
const maxBlocks = 100

const { url } = await createDatabase(t)
const asked: CompiledQuery[] = []
const pool = new pg.Pool({ connectionString: url, max: 1 })
// The database may be dropped, with its connections, before the pool ends.
pool.on('error', () => {})
const db: Db = new Kysely<DB>({
  dialect: new PostgresDialect({ pool }),
  log: ({ query }) => void asked.push(query),
})
t.teardown(() => db.destroy())

const id = sql`('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid`
const first = '00000000-0000-4000-8000-000000000001'
await sql`insert into platforms (id, name, created_at) values (${first}, 'known', now())`.execute(
  db,
)
await sql`
  insert into providers (id, name, display_name, backend, settings, concurrency, refresh_seconds,
    state, created_at, updated_at)
  values (${first}, 'known', 'Known', 'osb', '{}', 1, 60, 'active', now(), now())`.execute(db)
await sql`
  insert into offerings (id, provider_id, upstream_id, name, position, body, upstream_flags)
  values (${first}, ${first}, 'o', 'known', 1, '{}', '{}')`.execute(db)
await sql`
  insert into plans (id, offering_id, upstream_id, name, position, body)
  values (${first}, ${first}, 'p', 'known', 1, '{}')`.execute(db)
await sql`
  insert into instances (id, platform_id, instance_id, provider_id, offering_id, plan_id,
    upstream_id, upstream_service_id, upstream_plan_id, organization_guid, space_guid, state,
    created_at, updated_at)
  select ${id}, ${first}, 'i' || n, ${first}, ${first}, ${first}, n::text, 's', 'p', 'o', 's',
    'ready', now(), now()
  from generate_series(1, ${count}::int) n`.execute(db)
await sql`
  insert into operations (id, platform_id, provider_id, instance_key, instance_id, kind, state,
    fencing_token, deadline_at, accepts_incomplete, created_at, updated_at, finished_at)
  select ${id}, ${first}, ${first}, ${id}, 'i' || n, 'provision',
    case when n = 1 then 'failed' else 'succeeded' end, 1, now(), true, now(), now(), now()
  from generate_series(1, ${count}::int) n`.execute(db)
await sql`
  insert into orphans (id, operation_id, platform_id, provider_id, instance_id, upstream_id,
    upstream_service_id, upstream_plan_id, cause, state, created_at, updated_at, ended_at)
  select ${id}, ${id}, ${first}, ${first}, 'i' || n, n::text, 's', 'p', 'doubtful_call', 'removed',
    now(), now(), now()
  from generate_series(1, ${count}::int) n`.execute(db)
// One instance is of another organisation, platform, provider and plan than all others.
const few = '00000000-0000-4000-8000-000000000002'
await sql`insert into platforms (id, name, created_at) values (${few}, 'few', now())`.execute(db)
await sql`
  insert into providers (id, name, display_name, backend, settings, concurrency, refresh_seconds,
    state, created_at, updated_at)
  values (${few}, 'few', 'Few', 'osb', '{}', 1, 60, 'active', now(), now())`.execute(db)
await sql`
  insert into plans (id, offering_id, upstream_id, name, position, body)
  values (${few}, ${first}, 'few', 'few', 2, '{}')`.execute(db)
await sql`update instances set organisation_id = case when id = ${first} then ${few}::uuid
  else ${first}::uuid end`.execute(db)
await sql`update instances set platform_id = ${few}, provider_id = ${few}, plan_id = ${few},
  state = 'failed' where id = ${first}`.execute(db)
await sql`
  insert into bindings (id, platform_id, binding_id, instance_key, upstream_id, request,
    request_digest, state, created_at, updated_at)
  select id, platform_id, id::text, id, 'b', '', '', 'ready', now(), now() from instances
  where id = ${first} or instance_id like '%00'`.execute(db)
await sql`update bindings set state = 'failed' where id = ${first}`.execute(db)
await sql`
  insert into operations (id, platform_id, provider_id, instance_key, instance_id, binding_key,
    binding_id, kind, state, fencing_token, deadline_at, accepts_incomplete, created_at, updated_at,
    finished_at)
  select '00000000-0000-4000-8000-000000099999', platform_id, provider_id, id, instance_id, id,
    'b', 'bind', 'failed', 1,
    now(), true, now(), now(), now()
  from instances where id = ${first}`.execute(db)
await sql`vacuum analyze instances`.execute(db)
await sql`analyze`.execute(db)

/** How many blocks the statements that `list` sends read, from the cache or not. */
async function countBlocks(list: () => Promise<{ items: unknown[] } | unknown[]>) {
  asked.length = 0
  const read = await list()
  const items = Array.isArray(read) ? read : read.items
  if (asked.length === 0) throw new Error('A statement was expected.')
  let blocks = 0
  for (const query of asked.splice(0)) {
    const { rows } = await db.executeQuery<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>({
      ...query,
      sql: `explain (analyze, buffers, format json) ${query.sql}`,
    })
    const plan = rows[0]?.['QUERY PLAN'][0].Plan
    blocks += Number(plan?.['Shared Hit Blocks']) + Number(plan?.['Shared Read Blocks'])
  }
  return { items: items.length, blocks }
}

const deps = { db, now: () => new Date() }
const ofOperations = [
  [{}, pageSize],
  [{ state: 'failed' }, 2],
  [{ state: 'parked' }, 0],
  [{ state: 'unfinished' }, 0],
  [{ state: 'stuck' }, 0],
  [{ kind: 'unbind' }, 0],
  [{ kind: 'unbind', state: 'succeeded' }, 0],
  [{ kind: 'unbind', state: 'failed' }, 0],
  [{ platform: 'unknown' }, 0],
  [{ provider: 'unknown' }, 0],
  [{ platform: 'known', provider: 'known', kind: 'provision', state: 'succeeded' }, pageSize],
  [{ instanceId: 'unknown' }, 0],
] as const
for (const [filter, items] of ofOperations)
  t.test(`operations: ${JSON.stringify(filter)}`, async (t) => {
    const read = await countBlocks(() => listOperations(deps, 'all', filter, pageSize))
    t.equal(read.items, items)
    t.ok(read.blocks < maxBlocks, `${read.blocks} blocks`)
  })

const ofOrphans = [
  [{}, pageSize],
  [{ state: 'open' }, 0],
  [{ state: 'forgotten' }, 0],
  [{ cause: 'abandoned' }, 0],
  [{ provider: 'unknown' }, 0],
] as const
for (const [filter, items] of ofOrphans)
  t.test(`orphans: ${JSON.stringify(filter)}`, async (t) => {
    const read = await countBlocks(() => listOrphans(db, 'all', filter, pageSize))
    t.equal(read.items, items)
    t.ok(read.blocks < maxBlocks, `${read.blocks} blocks`)
  })

const ofFew = { organisations: [few], providers: [] }
const ofFirst = { organisations: [first], providers: [] }
const atFew = { organisations: [], providers: ['few'] }
const ofInstances = [
  ['all', {}, pageSize],
  ['all', { plan: 'few' }, 1],
  ['all', { platform: 'few' }, 1],
  ['all', { provider: 'few' }, 1],
  ['all', { organisations: [few] }, 1],
  ['all', { instanceId: 'i7' }, 1],
  ['all', { state: 'failed' }, 1],
  ['all', { state: 'failed', before: first }, 0],
  ['all', { state: 'failed', platform: 'known' }, 0],
  ['all', { state: 'provisioning' }, 0],
  ['all', { state: 'gone' }, 0],
  ['all', { state: 'gone', instanceId: 'i7' }, 0],
  ['all', { plan: 'known', platform: 'unknown' }, 0],
  [ofFirst, {}, pageSize],
  [ofFirst, { before: '00000000-0000-4000-8000-000000000009' }, 7],
  [ofFew, {}, 1],
  [ofFew, { state: 'failed' }, 1],
  [ofFew, { state: 'provisioning' }, 0],
  [ofFew, { q: 'unknown' }, 0],
  [atFew, {}, 1],
] as const
for (const [scope, filter, items] of ofInstances)
  t.test(`instances: ${JSON.stringify([scope, filter])}`, async (t) => {
    const read = await countBlocks(() => listViews(db, scope, filter, pageSize))
    t.equal(read.items, items)
    t.ok(read.blocks < maxBlocks, `${read.blocks} blocks`)
  })

const ofBindings = [
  ['all', {}, {}, pageSize],
  ['all', { platform: 'few' }, {}, 1],
  ['all', {}, { state: 'failed' }, 1],
  ['all', {}, { state: 'failed', before: first }, 0],
  ['all', { platform: 'known' }, { state: 'binding' }, 0],
  ['all', {}, { instance: first }, 1],
  [ofFew, {}, {}, 1],
  [atFew, {}, {}, 1],
  [ofFew, {}, { state: 'failed' }, 1],
  [ofFew, {}, { state: 'binding' }, 0],
] as const
for (const [scope, instances, filter, items] of ofBindings)
  t.test(`bindings: ${JSON.stringify([scope, instances, filter])}`, async (t) => {
    const read = await countBlocks(() => listBindingViews(db, scope, instances, filter, pageSize))
    t.equal(read.items, items)
    t.ok(read.blocks < maxBlocks, `${read.blocks} blocks`)
  })
