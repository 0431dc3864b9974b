// The organisation that an order is for: by mapping, by annotation, by the platform's owner.
import { sql } from 'kysely'
import pg from 'pg'
import t from 'tap'
import { newId } from '../../src/ids.ts'
import { acceptRows } from '../support/accept-rows.ts'
import { asOwner } from '../support/as-owner.ts'
import { here, startKontor, until } from '../support/kontor.ts'
import { createPlatform, type TestPlatform } from './platforms.ts'

type Body = Record<string, unknown>

const kontor = await startKontor(t)
const { admin } = kontor
const { db } = kontor.running.runtime
await kontor.addProvider('nord')
const small = await kontor.find('nord', 'db', 'small')
const app = await kontor.find('nord', 'app')
const key = 'kontor.internal/organisation'
const reason = { reason: 'Ticket 4711.' }
let orders = 0

for (const [name, parent] of [
  ['land', null],
  ['stadt', 'land'],
  ['amt', 'stadt'],
  ['mapped', null],
  ['foreign', null],
  ['gone', 'land'],
] as const) {
  await admin('POST', '/api/organisations', { name, displayName: name, level: 'land', parent })
}
await admin('POST', '/api/organisations/gone/retire', reason)
const cf = await createPlatform(kontor, 'cf', { kind: 'cloudfoundry', organisation: 'land' })
const kube = await createPlatform(kontor, 'kube', { kind: 'kubernetes', organisation: 'land' })
const lone = await createPlatform(kontor, 'lone')
const map = (name: string, kind: string, externalId: string, organisation: string) =>
  admin('PUT', `/api/platforms/${name}/mappings/${kind}/${encodeURIComponent(externalId)}`, {
    organisation,
  })

/** The name of an order's organisation, or the refusal. */
async function orderedFor(
  platform: TestPlatform,
  body: Body,
): Promise<string | null | readonly [status: number, says: string]> {
  const id = `i-${++orders}`
  const {
    status,
    body: { description },
  } = await platform.call('PUT', `/v2/service_instances/${id}`, { ...small, ...here, ...body })
  const row = await db
    .selectFrom('instances')
    .leftJoin('organisations', 'organisations.id', 'instances.organisation_id')
    .select('organisations.name')
    .where('instance_id', '=', id)
    .executeTakeFirst()
  if (status !== 201)
    return row === undefined ? [status, description] : [0, 'it was written all the same']
  return row?.name ?? null
}

const ofCf = (guid: string, more: Body = {}) => ({
  organization_guid: guid,
  context: { platform: 'cloudfoundry', organization_guid: guid, ...more },
})
const ofKube = (namespace: string, more: Body = {}) => ({
  context: { platform: 'kubernetes', namespace, clusterid: 'c', ...more },
})
const noted = (name: unknown) => ({
  organization_annotations: { 'other.example/organisation': 'foreign', [key]: name },
  namespace_annotations: { [key]: name },
})

t.test("without more an order is for the platform's own organisation", async (t) => {
  t.equal(await orderedFor(cf, ofCf('guid')), 'land')
  t.equal(await orderedFor(kube, ofKube('team')), 'land')
  t.equal(await orderedFor(cf, {}), 'land', 'without a context')
  t.equal(await orderedFor(lone, ofCf('guid')), null)
})

t.test(
  'a mapped platform scope orders for its organisation, wherever that is in the tree',
  async (t) => {
    t.match(await map('cf', 'cf_organization', 'guid-1', 'mapped'), {
      status: 201,
      body: { kind: 'cf_organization', externalId: 'guid-1', organisation: { name: 'mapped' } },
    })
    t.equal((await map('kube', 'k8s_namespace', 'team-1', 'mapped')).status, 201)
    t.equal((await map('lone', 'cf_organization', 'guid-1', 'stadt')).status, 201)
    t.equal(await orderedFor(cf, ofCf('guid-1')), 'mapped')
    t.equal(
      await orderedFor(cf, { organization_guid: 'guid-1' }),
      'mapped',
      'a platform that sends no context',
    )
    t.equal(
      await orderedFor(cf, {
        organization_guid: 'guid-1',
        context: { platform: 'cloudfoundry', organization_guid: 'guid-2' },
      }),
      'land',
      'the context comes before the field that it replaces',
    )
    t.equal(await orderedFor(kube, ofKube('team-1')), 'mapped')
    t.equal(await orderedFor(kube, { organization_guid: 'team-1', ...ofKube('team-2') }), 'land')
    t.equal(await orderedFor(kube, ofCf('team-1')), 'land', 'a namespace is no organisation')
    t.equal(
      await orderedFor(lone, { organization_guid: 'guid-1', context: { platform: 'pipeline' } }),
      'stadt',
      'a platform of its own kind',
    )
    t.equal(
      await orderedFor(kube, ofCf('guid-1')),
      'land',
      'those of another platform are not its own',
    )
  },
)

t.test('an annotation names an organisation below that of the platform', async (t) => {
  for (const name of ['land', 'stadt', 'amt']) {
    t.equal(await orderedFor(cf, ofCf('guid', noted(name))), name)
    t.equal(await orderedFor(kube, ofKube('team', noted(name))), name)
  }
  t.equal(await orderedFor(cf, ofCf('guid-1', noted('stadt'))), 'mapped', 'the mapping comes first')
  t.equal(
    await orderedFor(
      cf,
      ofCf('guid', { organization_annotations: { 'other.example/organisation': 'foreign' } }),
    ),
    'land',
    'another key does not count',
  )
  t.equal(
    await orderedFor(
      cf,
      ofCf('guid', {
        namespace_annotations: { [key]: 'stadt' },
        space_annotations: { [key]: 'stadt' },
        instance_annotations: { [key]: 'foreign' },
      }),
    ),
    'land',
    'nor do annotations that the people who order can write',
  )
  for (const odd of [null, 'x', [], {}, 7])
    t.equal(
      await orderedFor(cf, ofCf('guid', { organization_annotations: odd })),
      'land',
      JSON.stringify(odd),
    )
})

t.test('a foreign organisation looks like one that does not exist', async (t) => {
  const refusal = [
    403,
    `The annotation ${key} does not name an organisation for which this platform may order.`,
  ]
  for (const name of ['foreign', 'mapped', 'gone', 'nobody', '__proto__', 'x'.repeat(1_000)]) {
    t.strictSame(await orderedFor(cf, ofCf('guid', noted(name))), refusal, name.slice(0, 20))
    t.strictSame(await orderedFor(kube, ofKube('team', noted(name))), refusal, name.slice(0, 20))
  }
  t.strictSame(
    await orderedFor(lone, ofCf('guid', noted('land'))),
    refusal,
    'a platform without an owner cannot use annotations',
  )
  for (const odd of ['', 7, null, {}, ['stadt']])
    t.strictSame(
      await orderedFor(cf, ofCf('guid', noted(odd))),
      [400, `The annotation ${key} must be the name of an organisation.`],
      JSON.stringify(odd),
    )
})

t.test('a suspended organisation orders nothing, however the order names it', async (t) => {
  await admin('POST', '/api/organisations/stadt/suspend', reason)
  await admin('POST', '/api/organisations/mapped/suspend', reason)
  for (const [platform, body, name] of [
    [cf, ofCf('guid', noted('amt')), 'stadt'],
    [kube, ofKube('team', noted('stadt')), 'stadt'],
    [cf, ofCf('guid-1'), 'mapped'],
    [kube, ofKube('team-1'), 'mapped'],
  ] as const) {
    t.strictSame(await orderedFor(platform, body), [
      403,
      `The organisation "${name}" is suspended: nothing new can be ordered. What is there ` +
        'can still be read and deleted.',
    ])
  }
  t.equal(await orderedFor(cf, ofCf('guid')), 'land', 'its parent goes on')
  await admin('POST', '/api/organisations/land/suspend', reason)
  await admin('POST', '/api/organisations/mapped/resume', reason)
  t.match(
    await orderedFor(cf, ofCf('guid-1')),
    [403, /^The organisation "land" is suspended/],
    'a platform of a suspended owner orders for no other organisation either',
  )
  for (const name of ['land', 'stadt'])
    await admin('POST', `/api/organisations/${name}/resume`, reason)
})

t.test('what is ordered stays with its organisation', async (t) => {
  const path = '/v2/service_instances/stays'
  const organisation = async () =>
    (
      await db
        .selectFrom('instances')
        .innerJoin('organisations', 'organisations.id', 'instances.organisation_id')
        .select('organisations.name')
        .where('instance_id', '=', 'stays')
        .executeTakeFirst()
    )?.name
  t.equal(
    (await cf.call('PUT', path, { ...app, ...here, ...ofCf('guid', noted('amt')) })).status,
    201,
  )
  t.equal(
    (
      await cf.call('PATCH', path, {
        service_id: app.service_id,
        ...ofCf('guid', noted('stadt')),
        parameters: { n: 1 },
      })
    ).status,
    200,
  )
  t.equal(
    (
      await cf.call('PATCH', path, {
        service_id: app.service_id,
        ...ofCf('guid', noted('foreign')),
        parameters: { n: 2 },
      })
    ).status,
    200,
    'an update changes no organisation',
  )
  await admin('PATCH', '/api/organisations/amt', { parent: 'foreign' })
  await map('cf', 'cf_organization', 'guid', 'foreign')
  t.equal(await organisation(), 'amt')
  t.equal(
    (await cf.call('PUT', path, { ...app, ...here, ...ofCf('guid') })).status,
    409,
    'the order is another one now',
  )
  await admin('POST', '/api/organisations/amt/suspend', reason)
  t.match(await cf.call('PATCH', path, { service_id: app.service_id, parameters: { n: 3 } }), {
    status: 403,
    body: { description: /"amt" is suspended/ },
  })
})

t.test('mappings are listed, changed and removed', async (t) => {
  t.match(await map('cf', 'cf_organization', 'a b/ä', 'stadt'), { status: 201 })
  const first = await admin('GET', '/api/platforms/cf/mappings?limit=1')
  t.match(first.body, {
    items: [{ externalId: 'a b/ä', kind: 'cf_organization', organisation: { name: 'stadt' } }],
  })
  t.equal(
    (await admin('GET', `/api/platforms/cf/mappings?cursor=${first.body.next}`)).body.items.length,
    2,
  )
  t.match(await map('cf', 'cf_organization', 'a b/ä', 'land'), {
    status: 200,
    body: { organisation: { name: 'land' } },
  })
  t.strictSame(
    (await admin('GET', `/api/platforms/cf/mappings?externalId=${encodeURIComponent('a b/ä')}`))
      .body.items.length,
    1,
  )
  t.equal(
    (
      await admin(
        'DELETE',
        `/api/platforms/cf/mappings/cf_organization/${encodeURIComponent('a b/ä')}`,
      )
    ).status,
    204,
  )
  t.match(await admin('DELETE', '/api/platforms/cf/mappings/cf_organization/none'), {
    status: 404,
    body: { detail: 'The cf_organization "none" of the platform is not mapped.' },
  })
  t.match(await map('cf', 'vm', 'x', 'land'), {
    status: 400,
    body: { detail: /^kind must be one of/ },
  })
  t.match(await map('cf', 'k8s_namespace', 'x', 'nobody'), {
    status: 400,
    body: { detail: 'organisation: there is no organisation "nobody".' },
  })
  t.match(await map('cf', 'k8s_namespace', 'x', 'gone'), {
    status: 400,
    body: { detail: 'organisation: the organisation "gone" is retired.' },
  })
  t.match(await map('nobody', 'k8s_namespace', 'x', 'land'), { status: 404 })
  const events = await db
    .selectFrom('audit_events')
    .select(['action', 'details'])
    .where('action', 'like', 'mapping.%')
    .orderBy('id', 'desc')
    .limit(3)
    .execute()
  t.match(events, [
    { action: 'mapping.removed', details: { externalId: 'a b/ä' } },
    { action: 'mapping.changed', details: { externalId: 'a b/ä' } },
    { action: 'mapping.created', details: { externalId: 'a b/ä' } },
  ])
})

t.test('every process learns of a mapping', async (t) => {
  const { call } = await kontor.another()
  await map('first', 'cf_organization', 'notified', 'foreign')
  await until(
    async () => {
      const id = `h-${++orders}`
      t.equal(
        (
          await call('PUT', `/v2/service_instances/${id}`, {
            ...small,
            ...here,
            organization_guid: 'notified',
          })
        ).status,
        201,
      )
      return db
        .selectFrom('instances')
        .leftJoin('organisations', 'organisations.id', 'instances.organisation_id')
        .select('organisations.name')
        .where('instance_id', '=', id)
        .executeTakeFirst()
    },
    (row) => row?.name === 'foreign',
  )
})

t.test('organisations and mappings are read as of one moment', async (t) => {
  const { directory } = kontor.running.runtime
  const client = new pg.Client({ connectionString: kontor.databaseUrl })
  await client.connect()
  t.teardown(() => client.end())
  const id = newId(new Date())
  await client.query('begin')
  await client.query('lock table organisation_mappings')
  const reading = directory.reload()
  await until(
    async () =>
      (
        await client.query(
          "select from pg_locks where relation = 'organisation_mappings'::regclass and not granted",
        )
      ).rowCount,
    (waiting) => waiting === 1,
  )
  await client.query(
    'insert into organisations (id, name, display_name, level, created_at, updated_at) ' +
      "values ($1, 'meanwhile', 'm', 'land', now(), now())",
    [id],
  )
  await client.query(
    'insert into organisation_mappings (id, platform_id, kind, external_id, organisation_id, ' +
      "created_at) values ($1, $2, 'k8s_namespace', 'meanwhile', $1, now())",
    [id, lone.id],
  )
  await client.query('commit')
  await reading
  const seen = () => [
    directory.mappedTo(lone.id, 'k8s_namespace', 'meanwhile'),
    directory.organisation(id)?.name,
  ]
  t.strictSame(seen(), [undefined, undefined])
  await acceptRows(db, 'organisations', 'organisation_mappings')
  await directory.reload()
  t.strictSame(seen(), [id, 'meanwhile'])
})

t.test('an order for an organisation that this process does not know yet is refused', async (t) => {
  const unknown = '01a2078b-fbbe-7b44-b497-56d4ba8d5a71'
  await asOwner(t, kontor)
    .transaction()
    .execute(async (tx) => {
      await sql`set local session_replication_role = 'replica'`.execute(tx)
      await tx
        .insertInto('organisation_mappings')
        .values({
          id: newId(new Date()),
          platform_id: lone.id,
          kind: 'k8s_namespace',
          external_id: 'unknown',
          organisation_id: unknown,
          created_at: new Date(),
        })
        .execute()
    })
  await acceptRows(db, 'organisation_mappings')
  await kontor.running.runtime.directory.reload()
  const order = () =>
    lone.call('PUT', '/v2/service_instances/for-unknown', {
      ...small,
      ...here,
      ...ofKube('unknown'),
    })
  t.match(await order(), {
    status: 503,
    headers: { 'retry-after': '1' },
    body: { description: /not known here yet/ },
  })
  await db.deleteFrom('organisation_mappings').where('organisation_id', '=', unknown).execute()
  await acceptRows(db, 'organisation_mappings')
  await kontor.running.runtime.directory.reload()
  t.equal((await order()).status, 201)
})

t.test('the key of the annotation can be configured', async (t) => {
  const own = await startKontor(t, {
    environment: { KONTOR_ORGANISATION_ANNOTATION: 'amt.example/orders-for' },
  })
  await own.addProvider('nord')
  const plan = await own.find('nord', 'db', 'small')
  const order = async (annotation: string) =>
    own.call('PUT', '/v2/service_instances/i', {
      ...plan,
      ...here,
      context: {
        platform: 'cloudfoundry',
        organization_guid: 'g',
        organization_annotations: { [annotation]: 'nobody' },
      },
    })
  t.match(await order('amt.example/orders-for'), {
    status: 403,
    body: { description: /^The annotation amt\.example\/orders-for does not name/ },
  })
  t.equal((await order(key)).status, 201)
})
