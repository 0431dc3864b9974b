// Caps of what a provider may send. Its own settings cannot raise them.
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import type { OsbOffering } from '../../tools/simulator/types.ts'
import { readConfig } from '../../src/config.ts'
import { createCatalogReader, type ReaderLimits } from '../../src/catalog/reading/catalog-reader.ts'
import { lockPublication } from '../../src/catalog/publication/store.ts'
import { deleteTombstones } from '../../src/catalog/tombstones/store.ts'
import { trimTombstones } from '../../src/catalog/trim-tombstones.ts'
import { startKontor } from '../support/kontor.ts'
import { scriptedProvider } from '../support/scripted-provider.ts'
import { answer } from '../support/scripted-upstream.ts'

const kontor = await startKontor(t, {
  environment: {
    KONTOR_MAX_CATALOG_BYTES: '40000',
    KONTOR_MAX_RESPONSE_BYTES: '1024',
    KONTOR_MAX_OFFERINGS: '4',
    KONTOR_MAX_PLANS: '12',
    KONTOR_MAX_PLANS_PER_OFFERING: '5',
    KONTOR_MAX_OFFERING_BYTES: '2048',
    KONTOR_MAX_PLAN_BYTES: '3000',
    KONTOR_MAX_FINDINGS: '3',
    KONTOR_MAX_WITHDRAWN: '6',
  },
})
const { db } = kontor.running.runtime

const plan = (id: string, more: object = {}) => ({ id, name: id, description: 'd', ...more })
const offering = (
  id: string,
  plans: readonly [ReturnType<typeof plan>, ...ReturnType<typeof plan>[]],
  more: object = {},
): OsbOffering => ({ id, name: id, description: 'd', bindable: false, plans: [...plans], ...more })
const good = (id: string) => offering(id, [plan(`${id}-p`)])
const long = (characters: number) => ({ metadata: { text: 'x'.repeat(characters) } })

/** A provider of this name with a good catalog, and its further catalogs. */
async function provider(t: Test, name: string) {
  const scripted = await scriptedProvider(t, kontor, name, {
    catalog: { services: [good('a'), good('b')] },
    settings: { maxCatalogBytes: 50_000_000, maxResponseBytes: 50_000_000 },
  })
  return {
    ...scripted,
    async read(services: readonly unknown[]) {
      scripted.respond({ catalog: answer(200, { services }) })
      return (await scripted.refresh()).body.catalog
    },
  }
}

t.test('an offering or a plan beyond a cap is withheld alone, with a finding', async (t) => {
  const { read } = await provider(t, 'parts')
  const many = Array.from({ length: 6 }, (_, at) => plan(`m${at}`))
  t.match(await read([good('a'), offering('big', [plan('big-p')], long(2_100))]), {
    offerings: 1,
    error: null,
    findings: [
      {
        problem: /^"parts-big": without its plans the offering is 2\d{3} bytes long; 2048 are /,
        effect: 'offering_withheld',
      },
    ],
  })
  t.match(await read([good('a'), { ...good('many'), plans: many }]), {
    offerings: 1,
    error: null,
    findings: [{ problem: /^"many": it has 6 plans; at most 5/, effect: 'offering_withheld' }],
  })
  const half = offering('half', [plan('small'), plan('large', long(3_100))])
  t.match(await read([good('a'), half, offering('none', [plan('larger', long(3_100))])]), {
    offerings: 2,
    plans: 2,
    findings: [
      { problem: /^Plan "large" of "parts-half": with its schemas /, effect: 'plan_withheld' },
      { problem: /^Plan "larger" of "parts-none"/, effect: 'plan_withheld' },
      { problem: /^"parts-none": none of its plans/, effect: 'offering_withheld' },
    ],
  })
  const $schema = 'http://json-schema.org/draft-07/schema#'
  const schemas = (characters: number) => ({
    schemas: {
      service_instance: { create: { parameters: { $schema, title: 'x'.repeat(characters) } } },
    },
  })
  t.match(
    await read([offering('s', [plan('fits', schemas(2_500)), plan('not', schemas(3_000))])]),
    { offerings: 1, plans: 1, findings: [{ problem: /^Plan "not"/, effect: 'plan_withheld' }] },
    'schemas count',
  )
})

t.test('beyond a total the last good copy stays published, with the reason', async (t) => {
  const { read, path } = await provider(t, 'totals')
  const five = (id: string) =>
    offering(id, [plan(`${id}1`), plan(`${id}2`), plan(`${id}3`), plan(`${id}4`), plan(`${id}5`)])
  const totals: ReadonlyArray<readonly [services: unknown[], error: RegExp]> = [
    [['a', 'b', 'c', 'd', 'e'].map(good), /^the catalog has 5 offerings; at most 4 are allowed/],
    [[1, 1, 1, 1, 1], /^the catalog has 5 offerings/],
    [['a', 'b', 'c'].map(five), /^the catalog has 15 plans; at most 12 are allowed/],
    [[offering('a', [plan('p')], long(41_000))], /^the answer is longer than 40000 bytes$/],
    [
      [{ ...good('a'), metadata: { list: Array.from({ length: 9_000 }, () => [[]]) } }],
      /^the answer is longer/,
    ],
  ]
  for (const [services, error] of totals)
    t.match(await read(services), { offerings: 2, plans: 2, stale: true, error }, String(error))
  t.match((await kontor.admin('GET', path)).body.settings, { maxCatalogBytes: 50_000_000 })
  t.match(await read(['a', 'b'].map(five)), { plans: 10, stale: false, error: null })
})

t.test('a reading keeps so many findings, and the number of the others', async (t) => {
  const { read } = await provider(t, 'finds')
  const { findings } = await read([
    offering(
      'a',
      ['1', '2', '3', '4', '5'].map((id) => plan(id, { description: 'x'.repeat(300) })) as [
        ReturnType<typeof plan>,
      ],
    ),
    { ...good('b'), bindable: 'no' },
  ])
  t.match(findings, [
    { path: '/services/1', effect: 'offering_withheld' },
    { effect: 'note' },
    { effect: 'note' },
    { problem: 'And 3 more findings.', effect: 'note' },
  ])
  t.equal(findings.length, 4)
  const noted = ['1', '2', '3', '4'].map((id) => plan(id, { description: 'x'.repeat(300) }))
  t.match(
    (
      await read([
        { ...good('a'), plans: noted },
        { ...good('b'), name: 'b!' },
      ])
    ).findings,
    [
      { path: '/services/1', problem: /published name must be/, effect: 'offering_withheld' },
      { path: '/services/0/plans/0', effect: 'note' },
      { path: '/services/0/plans/1', effect: 'note' },
      { problem: 'And 2 more findings.', effect: 'note' },
    ],
    'what is found only at the publication comes first, too; else they have the order of the catalog',
  )
})

t.test('a refused order names what withholds its plan, however many notes there are', async (t) => {
  const { read, order } = await provider(t, 'why')
  const noted = (id: string) => plan(id, { description: 'x'.repeat(300) })
  const many = [noted('1'), noted('2'), noted('3'), noted('4')] as const
  await read([offering('c', [...many]), { ...good('a'), bindable: 'no' }])
  const refused = async (id: string, description: RegExp) => {
    const reply = await order('provision', id, { ai: false })
    t.match(reply, { status: 400, body: { description } }, reply.text)
  }
  await refused('i-1', /until its provider corrects its catalog: "a": bindable must be boolean/)
  const faulty = ['d', 'e', 'f', 'g'].map((id) => plan(id, long(3_100)))
  const { findings } = await read([
    { ...offering('c', [noted('1')]), plans: [noted('1'), ...faulty] },
  ])
  t.match(findings.at(-1), { problem: 'And 2 more findings.', effect: 'plan_withheld' })
  await refused('i-2', /no longer offered by its provider, or cannot be ordered until .* too many/)
})

t.test('no answer may be longer, whatever the provider has set', async (t) => {
  const { respond, order } = await provider(t, 'answers')
  respond({ provision: answer(200, { dashboard_url: `https://d/${'x'.repeat(1_100)}` }) })
  const reply = await order('provision', 'i-long', { ai: false })
  t.match(reply, { status: 502, body: { description: /the answer is too long/ } }, reply.text)
})

t.test('of withdrawn plans the oldest go, but none that an instance needs', async (t) => {
  const { read, order, name } = await provider(t, 'withdraws')
  const round = (at: number) =>
    ['x', 'y'].map((id) =>
      offering(
        `${id}${at}`,
        [1, 2, 3].map((n) => plan(`${id}${at}-${n}`)) as [ReturnType<typeof plan>],
      ),
    )
  t.equal((await order('provision', 'i-kept', { ai: false })).status, 201)
  for (const at of [1, 2, 3, 4]) t.match(await read(round(at)), { plans: 6, error: null })
  const rows = await db
    .selectFrom('plans')
    .innerJoin('offerings', 'offerings.id', 'plans.offering_id')
    .select(['plans.name', 'plans.withdrawn_at'])
    .where('offerings.name', 'like', `${name}-%`)
    .execute()
  const names = (isWithdrawn: boolean) =>
    rows
      .filter(({ withdrawn_at }) => (withdrawn_at !== null) === isWithdrawn)
      .map((row) => row.name)
      .toSorted()
  t.strictSame(names(false), ['x4-1', 'x4-2', 'x4-3', 'y4-1', 'y4-2', 'y4-3'])
  t.strictSame(
    names(true),
    ['a-p', 'x3-1', 'x3-2', 'x3-3', 'y3-1', 'y3-2', 'y3-3'],
    'the plan of the instance, and the last six',
  )
  t.equal((await kontor.call('GET', '/v2/service_instances/i-kept')).status, 200)
  t.equal((await order('deprovision', 'i-kept')).status, 200)
  const now = [good('a'), good('b')]
  t.match(await read(now), { plans: 2 }, 'a deleted one returns')
  // As a process of 0.2.0 leaves them.
  await sql`
    insert into plans (id, offering_id, upstream_id, name, position, body, withdrawn_at)
    select gen_random_uuid(), id, 'old' || at, 'old', 0, '{}', timestamptz '2020-01-01'
    from offerings, generate_series(1, 5100) as at where name = ${`${name}-a`}`.execute(db)
  const old = async () =>
    (await db.selectFrom('plans').select('id').where('name', '=', 'old').execute()).length
  await read(now)
  t.equal(await old(), 100, 'an unchanged catalog is enough; each reading deletes some')
  await read(now)
  t.equal(await old(), 0)
  t.equal((await order('provision', 'i-again', { ai: false })).status, 201)
})

t.test('withdrawn plans that must stay hold up no other publication', async (t) => {
  const { read, order, id } = await provider(t, 'stays')
  t.equal((await order('provision', 'i-stays', { ai: false })).status, 201)
  t.match(await read([good('b')]), { plans: 1, error: null })
  const limits = { withdrawn: 0, bytes: 0 }
  await db.transaction().execute(async (tx) => {
    await lockPublication(tx)
    const trimmed = trimTombstones(db, id, limits, new Date())
    const late = wait(3_000, 'late', { ref: false })
    t.not(await Promise.race([trimmed, late]), 'late')
  })
  t.equal((await order('deprovision', 'i-stays')).status, 200)
})

t.test('the sizes of withdrawn plans are known without their bodies', async (t) => {
  const { name, id } = await provider(t, 'sizes')
  const isEnd = new Error('Nothing of it stays.')
  const transaction = db.transaction().execute(async (tx) => {
    await sql`
      insert into plans (id, offering_id, upstream_id, name, position, body, withdrawn_at)
      select gen_random_uuid(), id, n::text, n::text, n, json_build_object('text', (
        select string_agg(md5(random()::text), '') from generate_series(1, 300)
      )), now()
      from offerings, generate_series(1, 5) as n where name = ${`${name}-a`}`.execute(tx)
    const fetched = async () => {
      const { rows } = await sql<{ readonly fetched: number }>`
        select idx_tup_fetch::int as fetched from pg_stat_xact_all_tables
        where relid = (select reltoastrelid from pg_class where oid = 'plans'::regclass)`.execute(
        tx,
      )
      return rows[0]?.fetched
    }
    const before = await fetched()
    t.equal(await deleteTombstones(tx, id, { withdrawn: 9, bytes: 100_000 }), false)
    t.equal(await fetched(), before)
    await sql`select md5(body::text) from plans`.execute(tx)
    t.ok(Number(await fetched()) > Number(before), 'they are stored apart')
    t.equal(await deleteTombstones(tx, id, { withdrawn: 9, bytes: 40_000 }), true)
    throw isEnd
  })
  await t.rejects(transaction, isEnd)
})

t.test('withdrawn plans take no more bytes than a catalog may have', async (t) => {
  const { read, name } = await provider(t, 'fills')
  const catalog = [good('a'), good('b')]
  t.match(await read(catalog), { plans: 2 })
  await sql`
    with inserted as (
      insert into offerings
        (id, provider_id, upstream_id, name, position, body, upstream_flags, withdrawn_at)
      select gen_random_uuid(), provider_id, 'old' || at, 'old' || at, 0,
        json_build_object('text', repeat('x', 9000)), upstream_flags,
        timestamptz '2020-01-01' + at * interval '1 day'
      from offerings, generate_series(1, 3) as at where name = ${`${name}-a`}
      returning id, name, withdrawn_at
    )
    insert into plans (id, offering_id, upstream_id, name, position, body, withdrawn_at)
    select gen_random_uuid(), id, 'p' || at, name || '-' || at, 0,
      json_build_object('text', repeat('x', 5000)), withdrawn_at
    from inserted, generate_series(1, 2) as at`.execute(db)
  await read(catalog)
  const rows = await db
    .selectFrom('plans')
    .select('name')
    .where('name', 'like', 'old%')
    .orderBy('name')
    .execute()
  t.strictSame(
    rows.map((row) => row.name),
    ['old2-1', 'old2-2', 'old3-1', 'old3-2'],
    '38 kB of 40 kB: each offering counts once',
  )
})

t.test(
  'with other rules a catalog is read in full, though the provider has not changed it',
  async (t) => {
    const { respond, refresh, requests, id } = await provider(t, 'rules')
    const services = [good('a')]
    respond({ catalog: answer(200, { services }, { etag: '"1"' }) })
    const asked = async () => {
      await refresh()
      return requests('catalog').at(-1)?.headers['if-none-match']
    }
    await refresh()
    t.equal(await asked(), '"1"')
    // As processes of 0.2.0 leave it: the first reading, and one after a reading by this release.
    for (const left of [{ reading_rules: null }, { content_digest: Buffer.from('other') }]) {
      await db.updateTable('provider_catalogs').set(left).where('provider_id', '=', id).execute()
      t.equal(await asked(), undefined)
      t.equal(await asked(), '"1"')
    }
  },
)

t.test('a catalog that takes too much time or memory fails alone', async (t) => {
  const caps = readConfig({ KONTOR_MAX_OFFERINGS: '100000' }).catalogCaps
  const publisher = { name: 'p', displayName: 'P', storeBindingCredentials: true }
  const never = new AbortController().signal
  const read = async (limits: Partial<ReaderLimits>, services: string) => {
    const reader = createCatalogReader(caps, { threads: 1, ...limits })
    t.teardown(() => reader.close())
    const bytes = (text: string) => [new TextEncoder().encode(`{"services":[${text}]}`)]
    const hostile = reader.read('hostile', { body: bytes(services), publisher }, never)
    const other = reader.read('other', { body: bytes(''), publisher }, never)
    return [await hostile, (await other).kind]
  }
  const numbers = `${'1,'.repeat(90_000)}1`
  t.strictSame(await read({ cpuMs: 60 }, numbers), [
    { kind: 'unusable', description: 'to read the catalog takes longer than 0.06 s of computing' },
    'inspected',
  ])
  const objects = `{"list":[${'{},'.repeat(500_000)}{}]}`
  t.strictSame(await read({ megabytes: 16 }, objects), [
    { kind: 'unusable', description: 'to read the catalog takes more memory than it may' },
    'inspected',
  ])
})
