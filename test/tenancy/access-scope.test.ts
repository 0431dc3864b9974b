// What each role sees of tenants at the management API: the real app and database.
import { Registry } from 'prom-client'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { apiScope } from '../../src/http/api/scope.ts'
import { publicScope } from '../../src/http/public/scope.ts'
import { BrokerError } from '../../src/errors.ts'
import type { Scope } from '../../src/http/scope.ts'
import type { AccessScope, Role } from '../../src/tenancy/principal.ts'
import type { AuditEventView } from '../../src/types.gen.ts'
import { caller, here, startKontor, type Reply } from '../support/kontor.ts'
import { createPlatform } from './platforms.ts'

const kontor = await startKontor(t)
const { admin } = kontor
const { runtime } = kontor.running
const reason = { reason: 'Ticket 4711.' }
const unknownId = '01a2078b-fbbe-7b44-b497-56d4ba8d5a71'

for (const [name, parent] of [
  ['land', null],
  ['mine', 'land'],
  ['below', 'mine'],
  ['foreign', 'land'],
] as const) {
  await admin('POST', '/api/organisations', { name, displayName: name, level: 'land', parent })
}
const mine = await createPlatform(kontor, 'my-platform', { organisation: 'below' })
const shared = await createPlatform(kontor, 'shared-platform', { organisation: 'below' })
const foreign = await createPlatform(kontor, 'foreign-platform', { organisation: 'foreign' })
await createPlatform(kontor, 'platform-without-owner')
for (const name of ['mine', 'foreign'])
  await admin('PUT', `/api/platforms/shared-platform/mappings/k8s_namespace/${name}`, {
    organisation: name,
  })
await admin('PUT', '/api/platforms/my-platform/mappings/k8s_namespace/mine', {
  organisation: 'mine',
})
const idOf = async (name: string): Promise<string> =>
  (await admin('GET', `/api/organisations/${name}`)).body.id

/**
 * The real app with an authentication that knows people by their role; the table still says who may
 * call what.
 */
const people: Record<string, { role: Role; scope: AccessScope }> = {
  operator: { role: 'operator', scope: 'all' },
  auditor: { role: 'auditor', scope: 'all' },
  agency: {
    role: 'agency',
    scope: { organisations: [...runtime.directory.subtreeOf(await idOf('mine'))], providers: [] },
  },
  provider: { role: 'provider', scope: { organisations: [], providers: ['nord'] } },
}
const authenticate: Scope<readonly Role[]>['authenticate'] = (request, _reply, allowed) => {
  const person = people[request.headers.authorization ?? '']
  if (person === undefined) throw new BrokerError('unauthorized', 'Sign in.')
  request.principal = {
    kind: 'person',
    actor: `person:${person.role}`,
    roles: new Set([person.role]),
    scope: person.scope,
  }
  if (!allowed.includes(person.role))
    throw new BrokerError('forbidden', 'Your roles do not allow this.')
}
const app = await buildApp(
  // A registry has one metric of each name, and the first app has registered them there.
  { ...runtime, metrics: { ...runtime.metrics, registry: new Registry() } },
  [(deps) => ({ ...apiScope(deps), authenticate }), publicScope],
)
const url = await app.listen({ port: 0, host: '127.0.0.1' })
t.teardown(() => app.close())
const as = (name: string) => caller(url, { authorization: name })
const names = ({ body }: Reply) => body.items.map(({ name }: { name: string }) => name)

const reads = (organisation: string, platform: string) => [
  `/api/organisations/${organisation}`,
  `/api/platforms/${platform}`,
  `/api/platforms/${platform}/credentials`,
  `/api/platforms/${platform}/mappings`,
]
const changes = (organisation: string, platform: string) =>
  [
    ['POST', '/api/organisations', { name: 'new', displayName: 'x', level: 'land' }],
    ['PATCH', `/api/organisations/${organisation}`, { displayName: 'x' }],
    ...['suspend', 'resume', 'retire'].flatMap((verb) => [
      ['POST', `/api/organisations/${organisation}/${verb}`, reason],
      ['POST', `/api/platforms/${platform}/${verb}`, reason],
    ]),
    ['POST', '/api/platforms', { name: 'new' }],
    ['PATCH', `/api/platforms/${platform}`, { displayName: 'x' }],
    ['PUT', `/api/platforms/${platform}/mappings/k8s_namespace/x`, { organisation }],
    ['DELETE', `/api/platforms/${platform}/mappings/k8s_namespace/mine`, undefined],
  ] as ReadonlyArray<readonly [method: string, path: string, body: unknown]>

t.test('an agency sees its own subtree and nothing else', async (t) => {
  const agency = as('agency')
  t.strictSame(names(await agency('GET', '/api/organisations')), ['below', 'mine'])
  t.strictSame(
    names(await agency('GET', '/api/organisations?parent=land')),
    [],
    'not by the parent outside the scope either',
  )
  t.strictSame(names(await agency('GET', '/api/platforms')), ['shared-platform', 'my-platform'])
  t.strictSame(names(await agency('GET', '/api/platforms?organisation=foreign')), [])
  t.match(
    await agency('GET', '/api/organisations/mine'),
    { status: 200, body: { name: 'mine', parent: null } },
    'a parent outside the scope is not shown',
  )
  t.match(await agency('GET', '/api/organisations/below'), {
    status: 200,
    body: { parent: { name: 'mine' } },
  })
  for (const path of reads('below', 'my-platform'))
    t.equal((await agency('GET', path)).status, 200, path)
  const { body } = await agency('GET', '/api/platforms/shared-platform/mappings')
  t.strictSame(
    body.items.map(({ organisation }: { organisation: { name: string } }) => organisation.name),
    ['mine'],
    'no organisation of others is named',
  )
})

t.test('what is outside the scope looks exactly like what does not exist', async (t) => {
  const agency = as('agency')
  const foreignId = await idOf('foreign')
  const asked = (organisation: string, platform: string, credential: string) => [
    ...reads(organisation, platform).map((path) => ['GET', path, undefined] as const),
    ['POST', `/api/platforms/${platform}/credentials`, { kind: 'basic' }] as const,
    [
      'POST',
      `/api/platforms/${platform}/credentials`,
      { kind: 'mtls', certificateName: 'x' },
    ] as const,
    ['DELETE', `/api/platforms/${platform}/credentials/${credential}`, undefined] as const,
  ]
  const before = await admin('GET', '/api/platforms/foreign-platform/credentials')
  const unknown = asked(unknownId, unknownId, unknownId)
  for (const [organisation, platform] of [
    ['foreign', 'foreign-platform'],
    [foreignId, foreign.id],
    ['land', 'platform-without-owner'],
  ] as const) {
    for (const [at, [method, path, body]] of asked(
      organisation,
      platform,
      foreign.credentialId,
    ).entries()) {
      const [, none = ''] = unknown[at] ?? []
      const seen = ({ status, body: { instance: _instance, ...rest } }: Reply) => ({ status, rest })
      const reply = await agency(method, path, body)
      t.strictSame(seen(reply), seen(await agency(method, none, body)), `${method} ${path}`)
      t.equal(reply.status, 404)
    }
  }
  t.equal(
    (await agency('DELETE', `/api/platforms/my-platform/credentials/${foreign.credentialId}`))
      .status,
    404,
    'a credential of another platform by way of its own',
  )
  t.strictSame(
    (await admin('GET', '/api/platforms/foreign-platform/credentials')).body,
    before.body,
  )
})

t.test(
  'an agency rotates the passwords of its platforms, and names no tokens or certificates',
  async (t) => {
    const agency = as('agency')
    const { status, body } = await agency('POST', '/api/platforms/my-platform/credentials', {
      kind: 'basic',
    })
    t.equal(status, 201)
    t.equal(
      (await agency('DELETE', `/api/platforms/${mine.id}/credentials/${body.id}`)).status,
      204,
    )
    for (const other of [
      { kind: 'bearer', issuer: 'https://a.example', subject: 's' },
      { kind: 'mtls', certificateName: 'x' },
    ]) {
      t.match(await agency('POST', '/api/platforms/my-platform/credentials', other), {
        status: 403,
        body: { detail: /Ask an operator/ },
      })
      const {
        body: { id },
      } = await admin('POST', '/api/platforms/my-platform/credentials', other)
      t.match(
        await agency('DELETE', `/api/platforms/my-platform/credentials/${String(id)}`),
        { status: 403, body: { detail: /Ask an operator/ } },
        'nor revokes them',
      )
      t.match(
        (await agency('GET', '/api/platforms/my-platform/credentials')).body.items.at(-1),
        { id },
        'it is still there',
      )
    }
    const events = await runtime.db
      .selectFrom('audit_events')
      .select('actor')
      .where('object_id', '=', mine.id)
      .where('actor', '=', 'person:agency')
      .orderBy('id', 'desc')
      .limit(2)
      .execute()
    t.strictSame(events, [{ actor: 'person:agency' }, { actor: 'person:agency' }])
  },
)

t.test(
  'an agency cannot issue credentials of a platform through which others order, or have ordered',
  async (t) => {
    const agency = as('agency')
    const handles = async (status: number, name: string, credentialId: string) => {
      const detail =
        status === 403 ? /^Organisations outside your scope order through this platform/ : undefined
      const issued = await agency('POST', `/api/platforms/${name}/credentials`, { kind: 'basic' })
      t.match(issued, { status: status === 403 ? 403 : 201, body: { detail } }, issued.text)
      t.equal(
        (
          await agency(
            'DELETE',
            '' +
              '' +
              `/api/platforms/${name}/credentials/${status === 403 ? credentialId : String(issued.body.id)}`,
          )
        ).status,
        status,
      )
    }
    await handles(403, 'shared-platform', shared.credentialId)
    t.match(await agency('DELETE', `/api/platforms/shared-platform/credentials/${unknownId}`), {
      status: 404,
    })
    t.equal(
      (await admin('DELETE', '/api/platforms/shared-platform/mappings/k8s_namespace/foreign'))
        .status,
      204,
    )
    await handles(204, 'shared-platform', shared.credentialId)

    await kontor.addProvider('nord')
    t.equal(
      (
        await admin('PUT', '/api/platforms/my-platform/mappings/cf_organization/org', {
          organisation: 'foreign',
        })
      ).status,
      201,
    )
    t.equal(
      (
        await mine.call('PUT', '/v2/service_instances/theirs', {
          ...(await kontor.find('nord', 'db', 'small')),
          ...here,
        })
      ).status,
      201,
    )
    t.equal(
      (await admin('DELETE', '/api/platforms/my-platform/mappings/cf_organization/org')).status,
      204,
    )
    await handles(403, 'my-platform', mine.credentialId)
  },
)

t.test(
  'only an operator changes anything else; an auditor reads all of it, a provider nothing',
  async (t) => {
    // Refusals are recorded; changes must not be.
    const changesRecorded = () =>
      runtime.db
        .selectFrom('audit_events')
        .select((select) => select.fn.countAll().as('count'))
        .where('outcome', '!=', 'refused')
        .executeTakeFirst()
    const before = await changesRecorded()
    for (const who of ['agency', 'auditor', 'provider']) {
      for (const [method, path, body] of [
        ...changes('mine', 'my-platform'),
        ...changes('foreign', 'foreign-platform'),
        ...changes(unknownId, unknownId),
      ])
        t.equal((await as(who)(method, path, body)).status, 403, `${who} ${method} ${path}`)
    }
    for (const [method, path, body] of [
      ['POST', 'credentials', { kind: 'basic' }],
      ['DELETE', `credentials/${mine.credentialId}`, undefined],
    ] as const) {
      for (const who of ['auditor', 'provider'])
        t.equal(
          (await as(who)(method, `/api/platforms/my-platform/${path}`, body)).status,
          403,
          `${who} ${method} ${path}`,
        )
    }
    t.strictSame(await changesRecorded(), before)
    t.equal(
      (await as('agency')('GET', '/api/platforms/my-platform/visibility')).status,
      403,
      'rules are not for agencies',
    )
    for (const path of [
      '/api/organisations',
      '/api/platforms',
      ...reads('foreign', 'foreign-platform'),
      '/api/platforms/foreign-platform/visibility',
    ]) {
      t.strictSame(
        (await as('auditor')('GET', path)).text,
        (await as('operator')('GET', path)).text,
        path,
      )
      t.equal((await as('auditor')('GET', path)).status, 200)
      t.equal((await as('provider')('GET', path)).status, 403, path)
    }
  },
)

t.test('a cursor reveals to an agency nothing about the events of others', async (t) => {
  const agency = as('agency')
  await admin('PATCH', '/api/organisations/foreign', { displayName: 'Foreign' })
  const {
    body: {
      items: [newest],
    },
  } = await admin('GET', `/api/audit/events?limit=1&organisation=${await idOf('foreign')}`)
  const {
    body: {
      items: [first, second],
      next,
    },
  } = await agency('GET', '/api/audit/events?limit=2')
  t.ok(BigInt(newest.id) > BigInt(first.id), 'there is something beyond it')
  const unknown = await agency('GET', '/api/audit/events?cursor=999999999999999999')
  const foreign = await agency('GET', `/api/audit/events?cursor=${String(newest.id)}`)
  t.strictSame([foreign.status, foreign.text], [unknown.status, unknown.text])
  t.strictSame(foreign.body, { items: [], next: null })
  t.equal(next, second.id)
  t.match(
    (await agency('GET', `/api/audit/events?limit=1&cursor=${String(first.id)}`)).body.items,
    [{ id: second.id }],
    'its own go on',
  )
  t.ok((await admin('GET', `/api/audit/events?cursor=${String(newest.id)}`)).body.items.length > 2)
})

t.test('an agency does not see where something was moved from and to', async (t) => {
  for (const [path, body] of [
    ['organisations/mine', { parent: 'foreign' }],
    ['platforms/my-platform', { organisation: 'foreign' }],
    ['platforms/my-platform', { organisation: 'below' }],
  ] as const)
    t.equal((await admin('PATCH', `/api/${path}`, body)).status, 200)
  const { status, text, body } = await as('agency')('GET', '/api/audit/events?limit=1000')
  t.equal(status, 200)
  t.ok(
    body.items.some(
      ({ action, details }: AuditEventView) =>
        action === 'organisation.changed' && details?.['fields'] === 'parent',
    ),
    'it sees that it was moved',
  )
  for (const name of ['land', 'foreign']) t.notOk(text.includes(await idOf(name)), name)
  const [land, mineId, below, foreignId] = [
    await idOf('land'),
    await idOf('mine'),
    await idOf('below'),
    await idOf('foreign'),
  ]
  const movesOf = async (kind: string) =>
    (await as('auditor')('GET', `/api/audit/events?action=${kind}.moved&limit=1000`)).body
      .items as AuditEventView[]
  const shown = [...(await movesOf('platform')), ...(await movesOf('organisation'))]
    .toReversed()
    .filter(({ objectId }) => objectId === mineId || objectId === mine.id)
  t.strictSame(
    shown.map(({ objectKind, organisationId, details }) => [objectKind, organisationId, details]),
    [
      ['organisation', null, { toOrganisationId: land }],
      ['organisation', null, { fromOrganisationId: land, toOrganisationId: foreignId }],
      ['platform', null, { fromOrganisationId: below, toOrganisationId: foreignId }],
      ['platform', null, { fromOrganisationId: foreignId, toOrganisationId: below }],
    ],
  )
})
