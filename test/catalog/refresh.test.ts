// What a provider's catalog changes in the published one: its own valid offerings, and nothing
// else.
import t, { type Test } from 'tap'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { createCatalogReader } from '../../src/catalog/reading/catalog-reader.ts'
import { Rests, usualRest, type RestLimits } from '../../src/catalog/reading/rest.ts'
import { refreshCatalog } from '../../src/catalog/refresh.ts'
import type { OsbCatalog, OsbOffering } from '../../tools/simulator/types.ts'
import { writeAsKontor } from '../support/accept-rows.ts'
import { catalogOf } from '../support/catalogs.ts'
import {
  finished,
  here,
  startKontor,
  until,
  type Reply,
  type TestKontor,
} from '../support/kontor.ts'
import { readAndConfirm } from '../support/read-catalog.ts'
import { answer, scriptedUpstream, type Received } from '../support/scripted-upstream.ts'

interface Service {
  id: string
  name: string
  description: string
  plans: Array<{ id: string; name: string; schemas?: unknown }>
}

const kontor = await startKontor(t, {
  environment: { KONTOR_MAX_OFFERINGS: '2000', KONTOR_MAX_PLANS: '20000' },
})

let other: ReturnType<TestKontor['another']> | undefined
const secondProcess = () => (other ??= kontor.another())

/** One test after the other has the whole catalog for itself: its providers go with it. */
function removeProviders(t: Test): void {
  t.teardown(async () => {
    const { body } = await kontor.admin('GET', '/api/providers')
    for (const { id } of body.items as Array<{ id: string }>) {
      const { status, text } = await kontor.admin('DELETE', `/api/providers/${id}`)
      if (status !== 204) throw new Error(`The provider was not removed: ${text}`)
    }
    await kontor.running.runtime.refresh()
  })
}

/**
 * A provider whose catalog is whatever `read` was last given.
 * @param of  the test with which it goes; else it stays until the end
 */
async function withProvider(of?: Test) {
  if (of !== undefined) removeProviders(of)
  let script: (request: Received, response: ServerResponse) => void = answer(200, catalogOf('odd'))
  const upstream = await scriptedUpstream(of ?? t, (request, response) => script(request, response))
  const registered = await kontor.admin('POST', '/api/providers', {
    name: 'odd',
    backend: 'osb',
    settings: {
      url: upstream.url,
      catalogTimeoutSeconds: 1,
      maxCatalogBytes: 20_000_000,
    },
    credentials: { none: true },
    refreshSeconds: 3600,
  })
  const at = `/api/providers/${String(registered.body.id)}`
  await kontor.running.runtime.refresh()
  return {
    upstream,
    /** Serves this from now on. */
    serve(next: (request: Received, response: ServerResponse) => void): void {
      script = next
    },
    /** Reads the catalog that `next` serves, and waits until it is published. */
    async read(next: (request: Received, response: ServerResponse) => void): Promise<Reply> {
      script = next
      const reply = await readAndConfirm(kontor.admin, at)
      await kontor.running.runtime.refresh()
      return reply
    },
  }
}

async function published(kontor: TestKontor): Promise<Service[]> {
  return (await kontor.call('GET', '/v2/catalog')).body.services as Service[]
}

// By text, because JSON.stringify does not reach this depth.
const serve = (catalog: unknown) =>
  answer(
    200,
    JSON.stringify(catalog).replace('"DEEP"', `${'['.repeat(50_000)}${']'.repeat(50_000)}`),
  )
const named = async (kontor: TestKontor) => (await published(kontor)).map(({ name }) => name)

t.test(
  'CAT-26: instead of an invalid catalog the last good copy stays published, with the error for the ' +
    'operator',
  async (t) => {
    const { read } = await withProvider(t)
    await kontor.addProvider('nord')
    const { text } = await kontor.call('GET', '/v2/catalog')
    const bad: Record<
      string,
      readonly [(request: Received, response: ServerResponse) => void, RegExp]
    > = {
      HTML: [
        answer(200, '<!doctype html><p>Maintenance', { 'content-type': 'text/html' }),
        /^answered HTML instead of JSON$/,
      ],
      'HTML that says it is JSON': [answer(200, '<!doctype html>'), /HTML instead of JSON/],
      'half a catalog': [
        answer(200, JSON.stringify(catalogOf('odd')).slice(0, 200)),
        /^the answer is not JSON$/,
      ],
      'compressed though Kontor takes no encoding': [
        answer(200, gzipSync('{"services":[]}'), { 'content-encoding': 'gzip' }),
        /^the answer is not JSON$/,
      ],
      nothing: [answer(200, ''), /^the answer is empty$/],
      'a list': [answer(200, []), /^the answer is not a JSON object$/],
      'a number': [answer(200, '17'), /^the answer is not a JSON object$/],
      null: [answer(200, 'null'), /^the answer is not a JSON object$/],
      'no services': [answer(200, {}), /^the answer has no list "services"$/],
      'services that are no list': [
        answer(200, { services: 'none' }),
        /^the answer has no list "services"$/,
      ],
      '500': [answer(500, 'stack trace'), /500/],
      '503': [answer(503), /503/],
      '404': [answer(404), /404/],
      '401': [answer(401), /credentials/],
      '204': [answer(204, ''), /204/],
      'a redirect': [answer(302, '', { location: 'http://127.0.0.1:1/v2/catalog' }), /redirect/],
      'a hundred megabytes': [
        (_request, response) => {
          response.writeHead(200, { 'content-type': 'application/json' })
          const more = () => {
            while (!response.destroyed && response.write(' '.repeat(1_000_000)));
          }
          response.on('drain', more)
          more()
        },
        /longer than 8388608 bytes/,
      ],
      'no answer': [() => {}, /no answer within 1 s/],
      'a drip': [
        (_request, response) => {
          response.writeHead(200)
          const timer = setInterval(() => response.write(' '), 50)
          response.on('close', () => clearInterval(timer))
        },
        /no answer within 1 s/,
      ],
      'a closed connection': [
        (_request, response) => {
          response.socket?.destroy()
        },
        /./,
      ],
    }
    for (const [name, [script, says]] of Object.entries(bad)) {
      t.match(
        await read(script),
        { status: 200, body: { catalog: { offerings: 2, plans: 3, stale: true, error: says } } },
        name,
      )
      t.equal((await kontor.call('GET', '/v2/catalog')).text, text, name)
    }
    t.match(
      await read(serve(catalogOf('odd'))),
      { body: { catalog: { stale: false, error: null } } },
      'and a good catalog is published again',
    )
  },
)

t.test('one faulty offering is withheld alone, each with its reason', async (t) => {
  const { read } = await withProvider(t)
  const good = catalogOf('odd').services
  const one = good[0] as OsbOffering // catalogOf has two
  const plan = { id: 'p', name: 'p', description: 'd' }
  const sound = { id: 'x', name: 'x', description: 'd', bindable: false, plans: [plan] }
  const faulty: ReadonlyArray<readonly [offering: unknown, says: RegExp]> = [
    [null, /must be object/],
    ['text', /must be object/],
    [[], /must be object/],
    [{}, /is missing/],
    ...['id', 'name', 'description', 'bindable', 'plans'].map(
      (field) => [{ ...sound, [field]: undefined }, new RegExp(`${field} is missing`)] as const,
    ),
    ...['id', 'name', 'description'].map(
      (field) => [{ ...sound, [field]: '' }, new RegExp(`${field} must not be empty`)] as const,
    ),
    [{ ...sound, id: 7 }, /id must be string/],
    [{ ...sound, bindable: 'yes' }, /bindable must be boolean/],
    [{ ...sound, plans: [] }, /plans must NOT have fewer than 1/],
    [{ ...sound, tags: 'x' }, /tags must be array/],
    [{ ...sound, tags: [1] }, /tags\.0 must be string/],
    [{ ...sound, requires: ['everything'] }, /requires\.0 must be one of/],
    [{ ...sound, metadata: 'x' }, /metadata must be object/],
    [{ ...sound, plan_updateable: 1 }, /plan_updateable must be boolean/],
    [{ ...sound, id: one.id }, /id "odd-db" is used by an earlier offering/],
    [{ ...sound, name: one.name }, /name "db" is used by an earlier offering/],
    // What the database cannot store.
    [{ ...sound, id: 'a\0' }, /U\+0000/],
    [{ ...sound, name: 'a\0' }, /U\+0000/],
    [{ ...sound, description: 'a\0' }, /U\+0000/],
    [{ ...sound, metadata: { 'a\0': 1 } }, /U\+0000/],
    [{ ...sound, name: '\ud800' }, /unpaired surrogate/],
    [{ ...sound, id: `i${randomText(1_200)}` }, /id is longer than 1000 bytes/],
    [{ ...sound, name: `n${randomText(1_200)}` }, /name is longer than 1000 bytes/],
    [{ ...sound, name: `${'n'.repeat(99)}😀`, bindable: 1 }, /bindable must be boolean/],
    [{ ...sound, metadata: { deep: 'DEEP' } }, /nested/],
  ]
  for (const [offering, says] of faulty) {
    const reply = await read(serve({ services: [...good, offering] }))
    t.match(
      reply,
      {
        status: 200,
        body: {
          catalog: {
            offerings: 2,
            plans: 3,
            stale: false,
            error: null,
            findings: [{ path: '/services/2', problem: says, effect: 'offering_withheld' }],
          },
        },
      },
      `${JSON.stringify(offering).slice(0, 80)}: ${reply.text.slice(-300)}`,
    )
    t.strictSame(await named(kontor), ['odd-db', 'odd-app'])
  }
  const all = await read(
    serve({ services: [...faulty.slice(0, 20).map(([offering]) => offering), ...good] }),
  )
  t.equal(all.body.catalog.findings.length, 20, 'each has a finding')
  t.strictSame(await named(kontor), ['odd-db', 'odd-app'], 'wherever they stand')
  t.match(
    await read(serve({ services: [...good, sound] })),
    { body: { catalog: { offerings: 3, findings: { length: 0 } } } },
    'a repaired one is published',
  )
})

// Random text, which no compression makes shorter.
function randomText(characters: number): string {
  return Array.from({ length: characters }, (_, at) =>
    String.fromCodePoint(0x4e00 + ((at * 7919) % 20_000)),
  ).join('')
}

t.test('one faulty plan is withheld alone, each with its reason', async (t) => {
  const { read } = await withProvider(t)
  const plan = { id: 'good', name: 'good', description: 'd' }
  const faulty: ReadonlyArray<readonly [plan: unknown, problem: RegExp, planId?: string]> = [
    [null, /^A plan of "s": the plan must be object/],
    ['text', /must be object/],
    [{ ...plan, id: '' }, /^Plan "good" of "s": id must not be empty/],
    [{ ...plan, id: 'a', name: undefined }, /^A plan of "s": name is missing/, 'a'],
    [{ ...plan, id: 'b', name: 'b', free: 1 }, /free must be boolean/, 'b'],
    [
      { ...plan, id: 'c', name: 'c', maintenance_info: { description: 'd' } },
      /info\.version is missing/,
      'c',
    ],
    [
      { ...plan, id: 'd', name: 'd', maintenance_info: { version: '1' } },
      /maintenance_info\.version must match/,
      'd',
    ],
    [
      { ...plan, id: 'e', name: 'e', maximum_polling_duration: 1.5 },
      /maximum_polling_duration must be integer/,
      'e',
    ],
    [{ ...plan, name: 'other' }, /plan id "good" is used twice/, 'good'],
    [{ ...plan, id: 'f' }, /plan name "good" is used twice/, 'f'],
    [{ ...plan, id: 'elsewhere' }, /plan id "elsewhere" is used twice/, 'elsewhere'],
    [{ ...plan, id: 'g', name: 'n'.repeat(256) }, /name of a plan is longer than 255/, 'g'],
    [{ ...plan, id: '\0', name: 'h' }, /U\+0000/],
    [{ ...plan, id: 'i', name: 'i', metadata: { deep: 'DEEP' } }, /nested/, 'i'],
    [{ ...plan, id: `p${randomText(1_200)}`, name: 'j' }, /id is longer than 1000 bytes/],
  ]
  const offering = { description: 'd', bindable: false }
  const elsewhere = {
    ...offering,
    id: 'other',
    name: 'other',
    plans: [{ ...plan, id: 'elsewhere' }],
  }
  const sound = { ...plan, id: 'sound', name: 'sound' }
  const plans = [plan, ...faulty.map(([each]) => each), sound]
  const { body } = await read(
    serve({
      services: [
        elsewhere,
        { ...offering, id: 's', name: 's', plans },
        { ...offering, id: 'x', name: 'x', plans: [{ ...plan, id: 'x', description: '' }] },
      ],
    }),
  )
  t.match(body.catalog, { offerings: 2, plans: 3, stale: false, error: null })
  for (const [at, [, problem, planId]] of faulty.entries()) {
    const finding = body.catalog.findings[at]
    t.match(finding, {
      path: `/services/1/plans/${at + 1}`,
      problem,
      effect: 'plan_withheld',
      offeringId: 's',
    })
    t.equal(finding.planId, planId)
  }
  t.match(
    body.catalog.findings.slice(faulty.length),
    [
      { path: '/services/2/plans/0', effect: 'plan_withheld', problem: /description must not/ },
      {
        path: '/services/2',
        effect: 'offering_withheld',
        problem: /^"x": none of its plans can be published/,
        offeringId: 'x',
      },
    ],
    'an offering without a plan cannot be published',
  )
  t.strictSame(
    (await published(kontor)).map(({ name, plans: left }) => [name, left.map((each) => each.name)]),
    [
      ['odd-other', ['good']],
      ['odd-s', ['good', 'sound']],
    ],
  )
})

t.test('a parameter schema that is not allowed is dropped alone, its plan stays', async (t) => {
  const { read } = await withProvider(t)
  const $schema = 'http://json-schema.org/draft-04/schema#'
  const good = {
    $schema,
    type: 'object',
    properties: { size: { $ref: '#/definitions/size' } },
    definitions: { size: { type: 'integer' } },
    unknown: [1],
  }
  const withSchemas = (schemas: unknown) => ({
    services: [
      {
        id: 's',
        name: 's',
        description: 's',
        bindable: true,
        plans: [{ id: 'p', name: 'p', description: 'p', schemas }],
      },
    ],
  })
  const inEachLocation = (schema: unknown) => ({
    service_instance: { create: { parameters: good }, update: { parameters: schema } },
    service_binding: { create: { parameters: good, extension: 1 } },
  })
  const bad: Record<string, readonly [unknown, RegExp]> = {
    'without $schema': [{ type: 'object' }, /no "\$schema"/],
    'a remote $ref': [
      { $schema, properties: { a: { $ref: 'https://example.com/schema.json' } } },
      /outside itself: https:/,
    ],
    'a $ref to a file': [
      { $schema, allOf: [{ $ref: 'other.json#/a' }] },
      /outside itself: other\.json/,
    ],
    'too long': [{ $schema, description: 'x'.repeat(65_600) }, /bytes long; 64000 are allowed/],
    'too long in bytes': [{ $schema, description: 'ü'.repeat(33_000) }, /bytes long/],
    'unstorable text': [{ $schema, description: 'a\0' }, /U\+0000/],
    'too deep': [{ $schema, default: 'DEEP' }, /nested/],
  }
  for (const [name, [schema, says]] of Object.entries(bad)) {
    const reply = await read(serve(withSchemas(inEachLocation(schema))))
    t.match(
      reply.body.catalog,
      {
        offerings: 1,
        plans: 1,
        findings: [
          {
            path: '/services/0/plans/0/schemas/service_instance/update/parameters',
            problem: says,
            effect: 'schema_dropped',
          },
        ],
      },
      name,
    )
    const [service] = await published(kontor)
    t.match(
      service?.plans[0],
      {
        schemas: {
          service_instance: { create: { parameters: good } },
          service_binding: { create: { parameters: good, extension: 1 } },
        },
      },
      name,
    )
    t.notOk(JSON.stringify(service).includes('"update":{"parameters"'), name)
  }
  t.strictSame((await read(serve(withSchemas(inEachLocation(good))))).body.catalog.findings, [])
  t.strictSame(
    (await published(kontor))[0]?.plans[0]?.schemas,
    inEachLocation(good),
    'valid ones are published unchanged',
  )
})

t.test('unknown fields and metadata are published unchanged, secrets are not', async (t) => {
  const { read } = await withProvider(t)
  const metadata = {
    displayName: 'Ü',
    'z-last': 1,
    'a-first': { deep: [1.5, null, 'x', {}] },
    shareable: false,
    longDescription: '😀\n"quotes"',
  }
  const plan = {
    id: 'p',
    name: 'p',
    description: 'pd',
    free: false,
    'x-plan': [{}],
    metadata: { costs: [{ amount: { eur: 0.05 }, unit: 'MONTHLY' }], bullets: [] },
    bindable: true,
    maintenance_info: { version: '1.2.3', description: 'i', more: 1 },
  }
  await read(
    serve({
      services: [
        {
          id: 's',
          name: 's',
          description: 'sd',
          bindable: false,
          tags: ['a', 'odd'],
          'x-offering': { deep: true },
          metadata,
          requires: ['route_forwarding'],
          allow_context_updates: false,
          instances_retrievable: false,
          dashboard_client: { id: 'dashboard', secret: 'very-secret', redirect_uri: 'https://d' },
          plans: [plan],
        },
      ],
    }),
  )
  const reply = await kontor.call('GET', '/v2/catalog')
  const [service] = reply.body.services
  t.strictSame(service.plans[0], { ...plan, id: service.plans[0].id })
  const { kontor: ours, providerDisplayName, ...theirs } = service.metadata
  t.strictSame(theirs, metadata)
  t.strictSame(Object.keys(theirs), Object.keys(metadata), 'in its own order')
  t.match({ ours, providerDisplayName }, { ours: { provider: 'odd' }, providerDisplayName: 'odd' })
  t.match(service, {
    name: 'odd-s',
    description: 'sd',
    bindable: false,
    tags: ['a', 'odd'],
    'x-offering': { deep: true },
    requires: ['route_forwarding'],
    allow_context_updates: false,
  })
  t.notOk(reply.text.includes('very-secret'))
  t.notOk('dashboard_client' in service)
  for (const row of await kontor.running.runtime.db.selectFrom('offerings').selectAll().execute())
    t.notOk(JSON.stringify(row).includes('very-secret'), 'not even in our own rows')
})

t.test(
  'a withdrawn offering still serves its instances, and returns under the same id',
  async (t) => {
    const kontor = await startKontor(t) // Its instances outlive the test.
    const { call, admin, find } = kontor
    const { simulator, view } = await kontor.addProvider('nord', {
      behaviours: {
        '*': { mode: 'async', asyncBinding: true, provisionSeconds: 0.2, deprovisionSeconds: 0.2 },
      },
    })
    const read = async () => {
      await readAndConfirm(admin, `/api/providers/${view.id}`)
      await kontor.running.runtime.refresh()
    }
    const before = (await call('GET', '/v2/catalog')).text
    const small = await find('nord', 'db', 'small')
    const large = await find('nord', 'db', 'large')
    const ids = `service_id=${small.service_id}&plan_id=${small.plan_id}&accepts_incomplete=true`
    const I = '/v2/service_instances/i-1'
    const B = `${I}/service_bindings/b-1`
    const ordered = await call('PUT', `${I}?accepts_incomplete=true`, { ...small, ...here })
    t.equal(ordered.status, 202)
    simulator.configure({ catalogMode: 'shrink', catalogWithout: ['db'] })
    await read()
    t.strictSame(await named(kontor), ['nord-app'])
    t.match(
      await finished(call, I, ordered.body.operation),
      { body: { state: 'succeeded' } },
      'an order in progress ends',
    )
    t.equal((await call('GET', I)).status, 200)
    t.equal(
      (await call('PUT', `${I}?accepts_incomplete=true`, { ...small, ...here })).status,
      200,
      'an order sent again is judged before the catalog',
    )
    t.equal((await call('PUT', I, { ...large, ...here })).status, 409)
    t.match(
      await call('PUT', '/v2/service_instances/i-2?accepts_incomplete=true', { ...small, ...here }),
      { status: 400, body: { description: /"small" of "nord-db" is no longer offered/ } },
    )
    t.match(await call('PATCH', `${I}?accepts_incomplete=true`, large), {
      status: 400,
      body: { description: /no longer offered/ },
    })
    const bound = await call('PUT', `${B}?accepts_incomplete=true`, small)
    t.equal(bound.status, 202, bound.text)
    t.match(await finished(call, B, bound.body.operation), { body: { state: 'succeeded' } })
    t.equal((await call('GET', B)).status, 200)
    t.equal(
      (
        await call('PATCH', `${I}?accepts_incomplete=true`, {
          service_id: small.service_id,
          parameters: { a: 1 },
        })
      ).status,
      202,
      'parameters can still be changed',
    )
    await finished(call, I)
    const unbound = await call('DELETE', `${B}?${ids}`)
    t.match(await finished(call, B, unbound.body.operation), { body: { state: 'succeeded' } })
    const deleted = await call('DELETE', `${I}?${ids}`)
    t.match(await finished(call, I, deleted.body.operation), { body: { state: 'succeeded' } })
    t.strictSame(simulator.state().instances, [])

    simulator.configure({ catalogMode: 'normal', catalogWithout: [] })
    await read()
    t.equal((await call('GET', '/v2/catalog')).text, before)
    t.equal(
      (
        await call('PUT', '/v2/service_instances/i-2?accepts_incomplete=true', {
          ...small,
          ...here,
        })
      ).status,
      202,
    )
  },
)

t.test('a plan can be withdrawn alone; an empty catalog is no error', async (t) => {
  const { read } = await withProvider(t)
  const [database, app] = catalogOf('odd').services as [OsbOffering, OsbOffering]
  await read(serve({ services: [{ ...database, plans: database.plans.slice(0, 1) }, app] }))
  t.strictSame(
    (await published(kontor)).map(({ plans }) => plans.map(({ name }) => name)),
    [['small'], ['only']],
  )
  t.match((await read(serve({ services: [] }))).body.catalog, {
    offerings: 0,
    plans: 0,
    stale: false,
    error: null,
  })
  t.strictSame(await published(kontor), [])
})

t.test(
  'an offering with a new id is another offering, also under the old name; names may be swapped',
  async (t) => {
    const { read } = await withProvider(t)
    const before = await published(kontor)
    const [database, app] = catalogOf('odd').services as [OsbOffering, OsbOffering]
    await read(serve({ services: [{ ...database, id: 'new-id' }, app] }))
    const after = await published(kontor)
    t.equal(after[0]?.name, 'odd-db')
    t.not(after[0]?.id, before[0]?.id)
    t.not(
      after[0]?.plans[0]?.id,
      before[0]?.plans[0]?.id,
      'its plans are others too, whatever their ids are upstream',
    )
    t.equal(after[1]?.id, before[1]?.id)
    await read(
      serve({
        services: [
          { ...database, name: 'app' },
          { ...app, name: 'db' },
        ],
      }),
    )
    t.strictSame(
      (await published(kontor)).map(({ id, name }) => [id, name]),
      [
        [before[0]?.id, 'odd-app'],
        [before[1]?.id, 'odd-db'],
      ],
      'the same id renamed is the same offering',
    )
  },
)

const only = (name: string): OsbCatalog => ({
  services: [
    {
      id: `id-${name}`,
      name,
      description: name,
      bindable: false,
      plans: [{ id: 'p', name: 'p', description: 'p' }],
    },
  ],
})

t.test(
  'of two providers with the same published name the first keeps it, and the second gets it ' +
    'when it is free',
  async (t) => {
    removeProviders(t)
    const { admin } = kontor
    const first = await kontor.addProvider('aa', { catalog: only('b-c') })
    const second = await kontor.addProvider('aa-b', {
      catalog: {
        services: [
          ...only('c').services,
          ...only('d').services.map((offering) => ({
            ...offering,
            plans: [{ id: 'p2', name: 'p', description: 'p' }],
          })),
        ],
      },
    })
    t.match(second.view.catalog, {
      offerings: 1,
      findings: [
        { problem: /"aa-b-c" is published by another provider/, effect: 'offering_withheld' },
      ],
    })
    const services = await published(kontor)
    t.strictSame(
      services.map(({ name, description }) => [name, description]),
      [
        ['aa-b-c', 'b-c'],
        ['aa-b-d', 'd'],
      ],
    )
    const refresh = async () => {
      const { body } = await admin('POST', `/api/providers/${second.view.id}/refresh`)
      await kontor.running.runtime.refresh()
      return body.catalog as unknown
    }
    t.match(
      await refresh(),
      { offerings: 1, findings: [{ effect: 'offering_withheld' }] },
      'reading it again does not take the name',
    )
    t.strictSame(await published(kontor), services)
    t.equal((await admin('DELETE', `/api/providers/${first.view.id}`)).status, 204)
    t.match(
      await refresh(),
      { offerings: 2, findings: { length: 0 } },
      "the name is free, though the second one's catalog is as it was",
    )
    t.strictSame(
      (await published(kontor)).map(({ name, description }) => [name, description]),
      [
        ['aa-b-c', 'c'],
        ['aa-b-d', 'd'],
      ],
    )
  },
)

t.test('two providers with identical catalogs have different ids and names', async (t) => {
  removeProviders(t)
  await kontor.addProvider('nord', { catalog: catalogOf('same') })
  await kontor.addProvider('sued', { catalog: catalogOf('same') })
  const services = await published(kontor)
  const ids = services.flatMap(({ id, plans }) => [id, ...plans.map((plan) => plan.id)])
  t.equal(new Set(ids).size, ids.length)
  t.strictSame(
    services.map(({ name }) => name),
    ['nord-db', 'nord-app', 'sued-db', 'sued-app'],
  )
})

t.test(
  'a change at one process reaches the others at once, and both serve the same bytes',
  async (t) => {
    removeProviders(t)
    const second = await secondProcess()
    t.strictSame((await second.call('GET', '/v2/catalog')).body, { services: [] })
    const { simulator, view } = await kontor.addProvider('nord')
    // By notification: the next regular reading is an hour away.
    const seen = await until(
      () => second.call('GET', '/v2/catalog'),
      ({ body }) => body.services.length === 2,
      2_000,
    )
    const mine = await kontor.call('GET', '/v2/catalog')
    t.equal(seen.text, mine.text)
    t.equal(seen.headers['etag'], mine.headers['etag'])
    t.equal(seen.headers['last-modified'], mine.headers['last-modified'])
    simulator.configure({ catalogMode: 'shrink', catalogWithout: ['db'] })
    t.equal((await second.admin('POST', `/api/providers/${view.id}/refresh`)).status, 200)
    await until(
      () => kontor.call('GET', '/v2/catalog'),
      ({ body }) => body.services.length === 1,
      2_000,
    )
    t.equal((await second.admin('DELETE', `/api/providers/${view.id}`)).status, 204)
    await until(
      () => kontor.call('GET', '/v2/catalog'),
      ({ body }) => body.services.length === 0,
      2_000,
    )
    await kontor
      .newPlatform('late')
      .then(async (late) => t.equal((await late('GET', '/v2/catalog')).status, 200))
  },
)

t.test('many readings at once leave one catalog', async (t) => {
  removeProviders(t)
  const { view } = await kontor.addProvider('nord')
  const second = await secondProcess()
  const { text } = await kontor.call('GET', '/v2/catalog')
  const { runtime } = kontor.running
  await Promise.all(
    [runtime, second.running.runtime, runtime, second.running.runtime].map((at) =>
      refreshCatalog(at, view.id, AbortSignal.timeout(5_000)),
    ),
  )
  t.equal((await kontor.call('GET', '/v2/catalog')).text, text)
  t.equal((await second.call('GET', '/v2/catalog')).text, text)
})

t.test(
  'after a large catalog its provider rests, and all who ask share the next one',
  async (t) => {
    const { upstream, serve, read } = await withProvider(t)
    const { runtime } = kontor.running
    const { body } = await kontor.admin('GET', '/api/providers')
    const { id } = body.items[0]
    const readWith = (rest: RestLimits, readMs = 60_000) => {
      const catalogReader = createCatalogReader(runtime.catalogReader.caps, { rest, readMs })
      t.teardown(() => catalogReader.close())
      const endRests = () => catalogReader.turns.endRests()
      return [() => refreshCatalog({ ...runtime, catalogReader }, id), endRests] as const
    }
    const long = { smallBytes: 100_000, ratio: 1, minMs: 600_000, maxMs: 600_000, rowMs: 0 }
    const [without] = readWith({ ...long, smallBytes: Infinity })
    const restsAfter = async (name: string, script: Parameters<typeof read>[0]) => {
      serve(script)
      const [withRest, endRests] = readWith(long)
      await withRest()
      const seen = upstream.requests.length
      const waiting = [withRest(), withRest()]
      await without()
      t.equal(upstream.requests.length, seen + 1, `${name}: none but that of another process`)
      endRests()
      await Promise.all(waiting)
      t.equal(upstream.requests.length, seen + 2, `${name}: one for both`)
    }
    await restsAfter('large', answer(200, JSON.stringify(catalogOf('odd')).padEnd(100_001)))
    await read(answer(200, catalogOf('odd')))
    const [small] = readWith(long)
    t.equal(await small(), 'unchanged')
    t.equal(await small(), 'unchanged', 'none after a small one')
    await restsAfter('longer than allowed', answer(200, ' '.repeat(20_000_001)))
    await restsAfter('an error', answer(500, ' '.repeat(100_001)))
    await restsAfter('broken off', (_request, response) => {
      response.writeHead(200, { 'content-length': '200000' })
      response.write(' '.repeat(100_001), () => response.destroy())
    })
    const [short] = readWith({ ...long, minMs: 1_000, maxMs: 1_000 }, 900)
    serve(answer(500, ' '.repeat(100_001)))
    const seen = upstream.requests.length
    await short()
    await short()
    t.equal(upstream.requests.length, seen + 2, 'the time of a reading begins after the rest')
  },
)

t.test('the rests of a provider whose large readings follow each other grow', async (t) => {
  const rests = new Rests({ ...usualRest, rowMs: 1_000_000 })
  const large = { bytes: 131_073, tookMs: 1_000 }
  const after = (id: string, effort = large) => Math.round(rests.after(id, effort))
  t.strictSame(
    [after('a'), after('a'), after('b'), after('a'), after('a')],
    [9, 18, 9, 36, 60].map((s) => s * 1_000),
  )
  t.equal(after('c', { bytes: 131_072, tookMs: 1_000 }), 0)
  t.equal(after('c', { bytes: 131_073, tookMs: 1 }), 2_000, 'not too short')
  const later = new Rests({ ...usualRest, rowMs: -1_000_000 })
  for (const turn of [1, 2]) t.equal(later.after('a', large), 9_000, `${turn}: in no row`)
})

t.test(
  'a reading that ends after its provider was removed or changed publishes nothing',
  async (t) => {
    const { upstream, read } = await withProvider(t)
    const {
      admin,
      running: { runtime },
    } = kontor
    const {
      body: {
        items: [{ id }],
      },
    } = await admin('GET', '/api/providers')
    const slow = async (meanwhile: () => Promise<unknown>) => {
      const seen = upstream.requests.length
      const held = Promise.withResolvers<void>()
      const reading = read((request, response) => {
        void held.promise.then(() =>
          answer(200, { services: only('late').services })(request, response),
        )
      })
      await until(
        () => upstream.requests.length,
        (count) => count > seen,
      )
      await meanwhile()
      held.resolve()
      return reading
    }
    await slow(async () =>
      writeAsKontor(runtime.db, 'providers', { id }, (tx) =>
        tx.updateTable('providers').set({ revision: 99 }).where('id', '=', id).execute(),
      ),
    )
    t.strictSame(
      await named(kontor),
      ['odd-db', 'odd-app'],
      'what was read with other settings is not published',
    )
    t.equal((await slow(() => admin('DELETE', `/api/providers/${id}`))).status, 404)
    t.strictSame(await named(kontor), [])
    const rows = await runtime.db.selectFrom('offerings').select('withdrawn_at').execute()
    t.ok(
      rows.every((row) => row.withdrawn_at !== null),
      'none of its rows holds a name',
    )
  },
)

// The last one: its rows stay, and would slow the others down.
t.test('a catalog of twenty thousand plans is published whole, if it may be', async (t) => {
  const { read } = await withProvider()
  const services = Array.from({ length: 2_000 }, (_, at) => ({
    id: `s${at}`,
    name: `s${at}`,
    description: 'd',
    bindable: false,
    plans: Array.from({ length: 10 }, (_plan, index) => ({
      id: `s${at}-p${index}`,
      name: `p${index}`,
      description: 'd',
    })),
  }))
  const reply = await read(serve({ services }))
  t.match(
    reply,
    {
      status: 200,
      body: { catalog: { offerings: 2_000, plans: 20_000, error: null, findings: { length: 0 } } },
    },
    reply.text,
  )
  const all = await published(kontor)
  t.equal(all.length, 2_000)
  t.strictSame(
    all.map(({ name }) => name),
    services.map(({ name }) => `odd-${name}`),
    "in the provider's order",
  )
})
