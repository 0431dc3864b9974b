// A change of the catalog costs what changed: what is the same is neither written nor read again.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gunzipSync } from 'node:zlib'
import { sql } from 'kysely'
import t from 'tap'
import { request } from 'undici'
import { readNameRules } from '../../src/catalog/inspection/names.ts'
import { firstPlan, listPlans } from '../../src/catalog/pages/store.ts'
import {
  lockPublication,
  upsertPlans,
  withdrawAll,
  withdrawOthers,
} from '../../src/catalog/publication/store.ts'
import { listPublishedPlans } from '../../src/catalog/quarantine/store.ts'
import { countPublished } from '../../src/catalog/store.ts'
import { deleteTombstones } from '../../src/catalog/tombstones/store.ts'
import { requiresOf } from '../../src/catalog/upstream-flags.ts'
import { lookUpProvider } from '../../src/providers/look-up-provider.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import type { CatalogFinding } from '../../src/types.gen.ts'
import type { OsbOffering } from '../../tools/simulator/types.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { catalogOf } from '../support/catalogs.ts'
import { here, startKontor, until } from '../support/kontor.ts'
import { longestStep } from '../support/longest-step.ts'

const kontor = await startKontor(t)
const { runtime } = kontor.running
const { db, catalog } = runtime
const { view: nord, simulator } = await kontor.addProvider('nord')
const { view: sued } = await kontor.addProvider('sued')

interface Service {
  readonly name: string
}

const { username, password } = await createPlatform(runtime, commandLineCaller('test'), 'bytes')
const credentials = { authorization: basicAuth(username, password), 'x-broker-api-version': '2.17' }
await runtime.refresh()

const revisions = async () => {
  const rows = await db
    .selectFrom('offerings')
    .select(['name', 'revision'])
    .orderBy('provider_id')
    .orderBy('upstream_id')
    .execute()
  return Object.fromEntries(rows.map(({ name, revision }) => [name, Number(revision)]))
}
const revision = async () =>
  Number((await db.selectFrom('catalog_revision').select('revision').executeTakeFirst())?.revision)
const part = (id: string) => catalog.current().parts.find(({ providerId }) => providerId === id)
const offering = (name: string) =>
  [...catalog.current().offerings.values()].find((one) => one.name === name)
const services = async () =>
  (await kontor.call('GET', '/v2/catalog')).body.services as Array<Record<string, unknown>>
const described = async () => (await services()).map(({ description }) => description)

const findingsOf = async (id: string) =>
  (await kontor.admin('GET', `/api/providers/${id}`)).body.catalog.findings as CatalogFinding[]

async function publish(change: (offerings: readonly OsbOffering[]) => readonly unknown[]) {
  simulator.setCatalog({ services: change(catalogOf('nord').services) } as never)
  const { status } = await kontor.admin('POST', `/api/providers/${nord.id}/refresh`)
  if (status !== 200) throw new Error(`refreshed: ${status}`)
}

t.test(
  'a publication writes the offering that differs, and its process reads only it',
  async (t) => {
    const [before, app, other] = [await revisions(), offering('nord-app'), part(sued.id)]
    await publish(([database, ...rest]) => [{ ...database, description: 'Changed' }, ...rest])
    t.strictSame(await revisions(), { ...before, 'nord-db': await revision() })
    t.equal((await services())[0]?.['description'], 'Changed')
    t.equal(offering('nord-app'), app, 'the same object')
    t.equal(part(sued.id), other, 'all of another provider, too')

    await publish(([database, ...rest]) => [
      { ...database, plans: database?.plans.slice(0, 1) },
      ...rest,
    ])
    t.strictSame(
      await revisions(),
      { ...before, 'nord-db': await revision() },
      'a plan that is withdrawn is a change of its offering',
    )
    t.equal(offering('nord-app'), app)
    await publish((all) => all)
    t.strictSame(
      (await services()).map(({ plans }) => (plans as unknown[]).length),
      [2, 1, 2, 1],
      'and it returns',
    )
  },
)

t.test('a publication reads none of the offerings and plans of others', async (t) => {
  const provider = await lookUpProvider(db, 'all', nord.id)
  const isEnd = new Error('Nothing of it stays.')
  const transaction = db.transaction().execute(async (tx) => {
    const own = await sql<Record<string, unknown>>`
      select plans.id, offering_id, offerings.upstream_id as upstream_service_id,
        plans.upstream_id, plans.name, plans.position, plans.body || '{}' as body
      from (select id, offering_id, upstream_id, name, position, body::jsonb as body from plans)
        plans join offerings on offerings.id = offering_id
      where provider_id = ${nord.id}`.execute(tx)
    const ids = [...new Set(own.rows.map((row) => String(row['offering_id'])))]
    const changed = (turn: number) =>
      Buffer.from(JSON.stringify(own.rows.map((row) => ({ ...row, body: { turn } }))))
    let turn = 0
    const queries = {
      load: () => listPlans(tx, ids, firstPlan),
      count: () => countPublished(tx, nord.id),
      quarantine: () => listPublishedPlans(tx, nord.id),
      publication: () => upsertPlans(tx, nord.id, changed(turn++), []),
      names: () => readNameRules(tx, provider),
      withdrawal: () => withdrawOthers(tx, nord.id, [], new Date()),
      removal: () => withdrawAll(tx, nord.id, new Date()),
      trim: () => deleteTombstones(tx, nord.id, { withdrawn: 99, bytes: 1e6 }),
    }
    // So that a prepared one has a lasting plan, made for small tables, until they are analyzed.
    for (let n = 0; n < 12; n++) for (const query of Object.values(queries)) await query()
    await sql`
      with many as (
        insert into offerings (id, provider_id, upstream_id, name, position, body, upstream_flags)
        select gen_random_uuid(), provider_id, n::text, 'sued-' || n, n, '{}', upstream_flags
        from offerings, generate_series(1, 3000) as n where name = 'sued-db' returning id
      )
      insert into plans (id, offering_id, upstream_id, name, position, body)
      select gen_random_uuid(), id, n::text, n::text, n, '{}'
      from many, generate_series(1, 2) as n`.execute(tx)
    await sql`
      insert into plan_targets (plan_id, provider_id, upstream_service_id, upstream_plan_id)
      select plans.id, ${sued.id}, 'x', plans.id from plans where name ~ '^[0-9]'`.execute(tx)
    const read = async () => {
      const { rows } = await sql<{ readonly read: number }>`
        select sum(seq_tup_read + idx_tup_fetch)::int as read from pg_stat_xact_user_tables
        where relname in ('plans', 'offerings', 'plan_targets')`.execute(tx)
      return rows[0]?.read ?? NaN
    }
    for (const [name, query] of Object.entries(queries)) {
      if (name === 'publication') await lockPublication(tx)
      const before = await read()
      await query()
      const rows = (await read()) - before
      t.ok(rows < 100, `${name}: ${rows} of more than 10,000`)
    }
    throw isEnd
  })
  await t.rejects(transaction, isEnd)
})

t.test('what a process of an earlier release publishes is read, too', async (t) => {
  const second = await kontor.another()
  await db.transaction().execute(async (tx) => {
    await sql`update plans set body = '{"description":"From before"}' where name = 'only'`.execute(
      tx,
    )
    await sql`update catalog_revision set revision = revision + 1`.execute(tx)
  })
  await runtime.refresh()
  await second.running.runtime.refresh()
  for (const { call } of [kontor, second])
    t.strictSame(
      (await call('GET', '/v2/catalog')).body.services.map(
        ({ plans }: { plans: Array<{ description?: string }> }) => plans.at(-1)?.description,
      ),
      ['large database', 'From before', 'large database', 'From before'],
    )
})

t.test('a provider that stops or is renamed changes all of its plans', async (t) => {
  const label = () => offering('sued-db')?.plans[0]?.target.providerLabel
  const nordPart = part(nord.id)
  await kontor.admin('PATCH', `/api/providers/${sued.id}`, { displayName: 'South' })
  t.equal(label(), 'South')
  await sql`update providers set state = 'draining' where id = ${sued.id}`.execute(db)
  await sql`update catalog_revision set revision = revision + 1`.execute(db)
  await runtime.refresh()
  t.equal((await services()).length, 2)
  t.equal(offering('sued-db')?.plans[0]?.isPublished, false)
  await sql`update providers set state = 'active' where id = ${sued.id}`.execute(db)
  await sql`update catalog_revision set revision = revision + 1`.execute(db)
  await runtime.refresh()
  t.equal((await services()).length, 4)
  t.equal(part(nord.id), nordPart)
})

t.test(
  'an offering that cannot be read is withheld alone, now and at the next start',
  async (t) => {
    const write = async (body: string) => {
      await sql`update offerings set body = ${body} where name = 'sued-db'`.execute(db)
      await sql`update catalog_revision set revision = revision + 1`.execute(db)
      await runtime.refresh()
    }
    const { body } = await db
      .selectFrom('offerings')
      .select(sql<string>`body::text`.as('body'))
      .where('name', '=', 'sued-db')
      .executeTakeFirstOrThrow()
    const all = await described()
    for (const bad of ['null', '[1]', '17', '"text"']) {
      await write(bad)
      t.strictSame(await described(), [...all.slice(0, 2), all[3]], bad)
    }
    const second = await kontor.another()
    t.equal((await second.call('GET', '/v2/catalog')).body.services.length, 3)
    await write(body)
    t.strictSame(await described(), all)
  },
)

t.test('a plan of megabytes that an earlier release published is not parsed', async (t) => {
  const find = () => offering('sued-db')?.plans.find(({ name }) => name === 'large')
  const touch = async () => {
    await sql`update catalog_revision set revision = revision + 1`.execute(db)
    await runtime.refresh()
  }
  const write = async (body: string) => {
    await sql`update plans set body = ${body} where id = ${find()?.id}`.execute(db)
    await sql`update offerings set position = position where name = 'sued-db'`.execute(db)
    await touch()
  }
  const { text: before = Buffer.alloc(0) } = find() ?? {}
  const { id: _id, name: _name, ...body } = JSON.parse(before.toString()) as Record<string, unknown>
  const known = { ...body, bindable: false, plan_updateable: true, binding_rotatable: true }
  const small = JSON.stringify({ ...known, maximum_polling_duration: 3_660, metadata: { a: 1 } })
  const objects = `[${'{},'.repeat(2_700_000)}1]`
  const longest = await longestStep(() => write(`${small.slice(0, -1)},"unknown":${objects}}`))
  t.ok(longest < 100, `a step took ${longest} ms`)
  const plan = find()
  t.match(plan, { bindable: false, updateable: true, rotatable: true, isPublished: true })
  t.equal(plan?.maximumPollingSeconds, 3_600)
  const length = await longestStep(async () => t.match(plan?.body['metadata'], { a: 1 }))
  t.ok(length < 20, `to look into it took ${length} ms`)
  t.ok(plan?.text.includes(objects), 'it is published as it was')

  const many = Array<string>(100_000).fill('syslog_drain')
  const maintenance = { version: '7.0.0', unknown: many }
  await write(JSON.stringify({ ...known, maintenance_info: maintenance }))
  t.equal(find()?.maintenanceVersion, '7.0.0', 'orders and updates may name it as before')
  const { rows } = await sql<{ body: string }>`
    select body::text as body from offerings where name = 'sued-db'`.execute(db)
  const writeOffering = async (body: unknown) => {
    await sql`update offerings set body = ${JSON.stringify(body)}::json
      where name = 'sued-db'`.execute(db)
    await touch()
    const { id = '' } = offering('sued-db') ?? {}
    return [...requiresOf(catalog, id)]
  }
  const whole = JSON.parse(rows[0]?.body ?? '') as Record<string, unknown>
  t.strictSame(
    await writeOffering({ ...whole, requires: [...many, 'volume_mount'] }),
    ['syslog_drain', 'volume_mount'],
    'bindings may hold what they could',
  )
  t.strictSame(await writeOffering({ ...whole, requires: Array<string>(100_000).fill('x') }), [])
  t.strictSame(await writeOffering(whole), [])

  const path = '/v2/service_instances/tried'
  const tryWith = async (parameters?: object) => {
    const body = { service_id: plan?.offering.id, plan_id: plan?.id, ...here, parameters }
    return kontor.call('PUT', path, body, { 'x-dry-run': 'true' })
  }
  const padding = Array<object>(100_000).fill({})
  const parameters = { type: 'object', properties: { a: { maximum: 1 } }, padding }
  await write(
    JSON.stringify({ ...known, schemas: { service_instance: { create: { parameters } } } }),
  )
  t.match(await tryWith({ a: 9 }), { status: 400, text: /parameters cannot be checked/ })
  t.equal((await tryWith()).status, 200)
  const rule = {
    effect: 'deny',
    what: { label: { name: 'tier', value: 'secret' } },
    who: { everybody: true },
    reason: 'r',
  }
  const created = await kontor.admin('POST', '/api/visibility-rules', rule)
  t.equal(created.status, 201, created.text)
  await runtime.refresh()
  t.equal((await tryWith()).status, 200)
  await write(JSON.stringify({ ...known, metadata: { tier: 'secret', padding } }))
  t.equal((await tryWith()).status, 400, 'whether the label is there is unknown')
  t.strictSame(
    await until(
      async () => (await findingsOf(sued.id)).map(({ problem }) => problem),
      (problems) => problems.length === 2,
    ),
    [
      'Of these plans the schemas have too many values to be read, so orders with parameters are ' +
        'refused: "large" of "sued-db".',
      'Of these plans the metadata or tags have too many values to be read, so rules that name a ' +
        'label refuse them: "large" of "sued-db".',
    ],
  )
  await kontor.admin('DELETE', `/api/visibility-rules/${String(created.body.id)}`)
  const picture = 'x'.repeat(2_000_000)
  await write(JSON.stringify({ ...known, metadata: { picture } }))
  t.ok(find()?.body['metadata'], 'a long text does not matter')
  await write(JSON.stringify(body))
})

t.test('a large catalog is made while it is sent, and every byte is right', async (t) => {
  const [database] = catalogOf('nord').services
  const one = (index: number, description = 'One of many') => ({
    ...database,
    id: `large-${index}`,
    name: `large-${index}`,
    description,
    metadata: { text: 'äöü '.repeat(3 * index) },
    plans: database?.plans.map((plan) => ({ ...plan, id: `${plan.id}-${index}` })),
  })
  const many = Array.from({ length: 450 }, (_, index) => one(index))
  await publish(() => many)
  const bytes = async (method: 'GET' | 'HEAD', encoding: string) => {
    const reply = await request(`${kontor.url}/v2/catalog`, {
      method,
      headers: { ...credentials, 'accept-encoding': encoding },
    })
    const body = Buffer.from(await reply.body.arrayBuffer())
    return { status: reply.statusCode, headers: reply.headers, body }
  }
  const plain = await bytes('GET', 'identity')
  t.ok(plain.body.length > 1_000_000)
  const { services: all } = JSON.parse(plain.body.toString()) as { services: Service[] }
  t.strictSame(
    all.map(({ name }) => name),
    [...many.map(({ name }) => `nord-${name}`), 'sued-db', 'sued-app'],
  )
  const zipped = await bytes('GET', 'gzip')
  t.ok(gunzipSync(zipped.body).equals(plain.body), 'length and checksum are right')
  for (const { headers, body } of [plain, zipped])
    t.equal(headers['content-length'], String(body.length))
  for (const [encoding, got] of [
    ['identity', plain],
    ['gzip', zipped],
  ] as const) {
    const head = await bytes('HEAD', encoding)
    t.equal(head.body.length, 0)
    for (const name of ['content-length', 'etag', 'content-encoding', 'content-type'])
      t.equal(head.headers[name], got.headers[name], `${encoding} ${name}`)
  }

  await publish(() => many.with(200, one(200, 'Another')))
  const changed = await bytes('GET', 'gzip')
  t.not(changed.headers['etag'], zipped.headers['etag'])
  t.equal(JSON.parse(gunzipSync(changed.body).toString()).services[200].description, 'Another')
  await publish(() => many)
  t.equal((await bytes('GET', 'gzip')).headers['etag'], zipped.headers['etag'], 'equal again')
})

t.test('a catalog that was sent compressed is forgotten when it is replaced', async (t) => {
  const offerings = (round: number) =>
    catalogOf('nord').services.flatMap((service) =>
      Array.from({ length: 15 }, (_, index) => ({
        ...service,
        id: `${service.id}-${index}`,
        name: `${service.name}-${index}`,
        metadata: { text: `${round} `.padEnd(50_000, 'compressible ') },
        plans: service.plans.map((plan) => ({ ...plan, id: `${plan.id}-${index}` })),
      })),
    )
  const replaced: Array<WeakRef<object>> = []
  for (let round = 1; round <= 3; round++) {
    await publish(() => offerings(round))
    const { body } = await request(`${kontor.url}/v2/catalog`, {
      headers: { ...credentials, 'accept-encoding': 'gzip' },
    })
    t.match(gunzipSync(await body.arrayBuffer()).toString(), `"${round} compressible`)
    replaced.push(new WeakRef(offering('nord-db-0') as object))
  }
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await until(
    () => {
      collect()
      return replaced.filter((each) => each.deref() !== undefined).length
    },
    (kept) => kept <= 1,
    10_000,
  )
})

t.test('no version of an offering stays in memory for one that did not change', async (t) => {
  const { view: west, simulator: changing } = await kontor.addProvider('west')
  const [, app] = catalogOf('west').services
  const texts = () => {
    const offerings = [...(part(west.id)?.offerings.values() ?? [])]
    return offerings.flatMap(({ text, plans }) => [text, ...plans.map((plan) => plan.text)])
  }
  const sum = (all: Iterable<number>) => [...all].reduce((total, each) => total + each, 0)
  for (let round = 8; round > 0; round--) {
    const services = Array.from({ length: 8 }, (_, at) => ({
      ...app,
      id: `app-${at}`,
      name: `app-${at}`,
      metadata: { text: `${at < round ? round : at + 1}`.padEnd(20_000, 'x') },
      plans: app?.plans.map((plan) => ({ ...plan, id: `${plan.id}-${at}` })),
    }))
    changing.setCatalog({ services } as never)
    const { status } = await kontor.admin('POST', `/api/providers/${west.id}/refresh`)
    t.equal(status, 200)
  }
  const used = sum(texts().map(({ length }) => length))
  const buffers = new Set(texts().map(({ buffer }) => buffer))
  const held = sum([...buffers].map(({ byteLength }) => byteLength))
  t.ok(used > 160_000)
  t.ok(held <= 2 * used, `${held} bytes are kept for ${used}`)
})

t.test('a view has the tag of what it shows, however the rest changes', async (t) => {
  const client = await kontor.newPlatform('half')
  const only = (words: string) => ({ ...catalogOf('nord').services[1], description: words })
  await publish(([database]) => [database, only('Hidden')])
  const { body: rule } = await kontor.admin('POST', '/api/visibility-rules', {
    effect: 'deny',
    who: { platform: 'half' },
    what: { offering: 'nord-app' },
    reason: 'r',
  })
  const before = await client('GET', '/v2/catalog')
  await publish(([database]) => [database, only('Hidden, and longer '.repeat(10))])
  const after = await client('GET', '/v2/catalog')
  t.equal(after.headers['etag'], before.headers['etag'])
  t.equal(after.text, before.text)
  await kontor.admin('DELETE', `/api/visibility-rules/${rule.id}`)
  t.not((await client('GET', '/v2/catalog')).headers['etag'], before.headers['etag'])
})
