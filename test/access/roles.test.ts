// Which roles read and write rules and quotas: the whole app with an authentication of the test's
// own.
import { Registry } from 'prom-client'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { BrokerError } from '../../src/errors.ts'
import { apiScope } from '../../src/http/api/scope.ts'
import { publicScope } from '../../src/http/public/scope.ts'
import type { AccessScope, Role } from '../../src/tenancy/principal.ts'
import { openDirectory } from '../../src/tenancy/directory.ts'
import { asOwner } from '../support/as-owner.ts'
import { startKontor } from '../support/kontor.ts'
import { organisation } from './tenants.ts'

const kontor = await startKontor(t)
const { runtime } = kontor.running
await kontor.addProvider('nord')
const land = await organisation(kontor, 'land', 'land')
const stadt = await organisation(kontor, 'stadt', 'kommune')
const own = (await kontor.admin('PUT', '/api/quotas', { organisation: 'land', instances: 1 })).body
  .id as string
const others = (await kontor.admin('PUT', '/api/quotas', { organisation: 'stadt', instances: 2 }))
  .body.id as string
const everybodys = (await kontor.admin('PUT', '/api/quotas', { provider: 'nord', instances: 3 }))
  .body.id as string
const {
  body: { id: rule },
} = await kontor.admin('POST', '/api/visibility-rules', {
  effect: 'deny',
  who: { organisation: 'stadt' },
  what: { provider: 'nord' },
  reason: 'No.',
})

async function appFor(test: { teardown(fn: () => unknown): void }, role: Role, scope: AccessScope) {
  // A metrics registry takes each metric once, and the first app has registered them.
  const app = await buildApp(
    { ...runtime, metrics: { ...runtime.metrics, registry: new Registry() } },
    [
      (deps) => ({
        ...apiScope(deps),
        authenticate(request, _reply, allowed: readonly Role[]) {
          request.principal = { kind: 'person', actor: role, roles: new Set([role]), scope }
          if (!allowed.includes(role))
            throw new BrokerError('forbidden', 'Your roles do not allow this.')
        },
      }),
      publicScope,
    ],
  )
  test.teardown(() => app.close())
  return async (
    method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object,
  ) => {
    const reply = await app.inject({ method, url, ...(payload === undefined ? {} : { payload }) })
    return { status: reply.statusCode, body: reply.json() }
  }
}

const writes = [
  ['PUT', '/api/quotas', { organisation: 'land', instances: 9 }],
  ['DELETE', `/api/quotas/${own}`],
  [
    'POST',
    '/api/visibility-rules',
    { effect: 'deny', who: { everybody: true }, what: { everything: true }, reason: 'No.' },
  ],
  ['PATCH', `/api/visibility-rules/${String(rule)}`, { conceal: true }],
  ['DELETE', `/api/visibility-rules/${String(rule)}`],
] as const

t.test('an agency reads the quotas of its scope; others look like they do not exist', async (t) => {
  const call = await appFor(t, 'agency', { organisations: [land], providers: [] })
  t.strictSame(
    (await call('GET', '/api/quotas')).body.items.map(({ id }: { id: string }) => id),
    [own],
  )
  t.match(await call('GET', `/api/quotas/${own}`), {
    status: 200,
    body: { instances: 1, organisation: { name: 'land' } },
  })
  const unknown = await call('GET', '/api/quotas/00000000-0000-4000-8000-000000000000')
  for (const id of [others, everybodys]) {
    const { status, body } = await call('GET', `/api/quotas/${id}`)
    t.strictSame([status, { ...body, instance: '' }], [404, { ...unknown.body, instance: '' }])
  }
  const audited = async (organisation: string) =>
    await call('GET', `/api/audit/events?organisation=${organisation}`)
  t.match(await audited('land'), {
    status: 200,
    body: { items: [{ action: 'quota.created', objectKind: 'quota' }] },
  })
  t.match(await audited('stadt'), {
    status: 400,
    body: { detail: (await audited('nobody')).body.detail.replace('nobody', 'stadt') },
  })
  for (const path of [
    '/api/visibility-rules',
    `/api/visibility-rules/${String(rule)}`,
    '/api/platforms/x/visibility',
  ])
    t.equal((await call('GET', path)).status, 403, path)
  for (const [method, path, body] of writes)
    t.equal((await call(method, path, body)).status, 403, `${method} ${path}`)
})

t.test('filters find what an agency may see, and reveal nothing about the rest', async (t) => {
  const {
    view: { id: mitte },
  } = await kontor.addProvider('mitte')
  await kontor.addProvider('west')
  const ofProvider = (
    await kontor.admin('PUT', '/api/quotas', {
      organisation: 'land',
      provider: 'mitte',
      instances: 4,
    })
  ).body.id as string
  await kontor.admin('PUT', '/api/quotas', {
    organisation: 'stadt',
    provider: 'west',
    instances: 4,
  })
  const call = await appFor(t, 'agency', { organisations: [land], providers: [] })
  let reloads = 0
  const { reload } = runtime.directory
  runtime.directory.reload = async () => {
    reloads += 1
    await reload()
  }
  t.teardown(() => {
    runtime.directory.reload = reload
  })
  const found = async (query: string) => {
    const { status, body } = await call('GET', `/api/quotas?${query}`)
    return status === 200 && body.next === null
      ? body.items.map(({ id }: { id: string }) => id)
      : { status, body }
  }
  for (const query of [
    'organisation=stadt',
    `organisation=${stadt}`,
    'organisation=nobody',
    'provider=west',
    'provider=nobody',
    `provider=${stadt}`,
    'organisation=stadt&provider=west',
    'organisation=land&provider=west',
  ])
    t.strictSame(await found(query), [], query)
  for (const query of ['organisation=land', `organisation=${land}`])
    t.strictSame(await found(query), [ofProvider, own], query)
  for (const query of ['provider=mitte', `provider=${mitte}`, 'organisation=land&provider=mitte'])
    t.strictSame(await found(query), [ofProvider], query)
  for (const name of ['stadt', stadt, 'nobody'])
    t.match(
      await call('GET', `/api/audit/events?organisation=${name}`),
      { status: 400, body: { detail: `organisation: there is no organisation "${name}".` } },
      'nor by the filter of the audit',
    )
  t.equal(reloads, 0, 'no name makes the process reload')
  t.equal(
    (await kontor.admin('GET', '/api/quotas?organisation=nobody')).status,
    400,
    'an operator gets an error for an unknown name',
  )
  t.ok(reloads > 0)
  for (const { id, provider } of (await kontor.admin('GET', '/api/quotas')).body.items)
    if (['mitte', 'west'].includes(provider?.name))
      await kontor.admin('DELETE', `/api/quotas/${String(id)}`)
})

t.test('an auditor reads all of it and changes nothing', async (t) => {
  const call = await appFor(t, 'auditor', 'all')
  t.equal((await call('GET', '/api/quotas')).body.items.length, 3)
  t.equal((await call('GET', '/api/visibility-rules')).body.items.length, 1)
  t.equal((await call('GET', `/api/quotas/${everybodys}`)).status, 200)
  for (const [method, path, body] of writes)
    t.equal((await call(method, path, body)).status, 403, `${method} ${path}`)
})

t.test('a provider has no access', async (t) => {
  const call = await appFor(t, 'provider', { organisations: [], providers: ['nord'] })
  for (const path of ['/api/quotas', `/api/quotas/${everybodys}`, '/api/visibility-rules'])
    t.equal((await call('GET', path)).status, 403, path)
  for (const [method, path, body] of writes)
    t.equal((await call(method, path, body)).status, 403, `${method} ${path}`)
})

t.test('a platform that is made or changed is read alone, however many there are', async (t) => {
  const { db, directory } = runtime
  const texts: string[] = []
  const watched = db.withPlugin({
    transformQuery({ node, queryId }) {
      texts.push(db.getExecutor().compileQuery(node, queryId).sql)
      return node
    },
    transformResult: async ({ result }) => result,
  })
  const second = await openDirectory(watched, 'orders-for')
  const asked: unknown[] = []
  const { reload } = directory
  directory.reload = async (ids) => {
    asked.push(ids)
    await reload(ids)
  }
  t.teardown(() => {
    directory.reload = reload
  })
  const { id } = (await kontor.admin('POST', '/api/platforms', { name: 'read-alone' })).body
  const readAlone = async () => {
    texts.length = 0
    await second.reload([id])
    return texts.filter((text) => /\bfrom "?(?:platforms|organisation)/.test(text))
  }
  const isOfOne = (text: string) => text.includes('where "id" = ')
  t.ok((await readAlone()).every(isOfOne), texts.join('\n'))
  t.equal(second.platform(id)?.state, 'active')
  await kontor.admin('POST', '/api/platforms/read-alone/suspend', { reason: 'Ticket 4711.' })
  t.ok((await readAlone()).every(isOfOne), texts.join('\n'))
  t.equal(second.platform(id)?.state, 'suspended')
  // Both are announced to this process, too.
  t.ok(asked.filter((ids) => JSON.stringify(ids) === JSON.stringify([id])).length >= 2)

  await asOwner(t, kontor)
    .updateTable('platforms')
    .set({ kind: 'cloudfoundry' })
    .where('id', '=', id)
    .execute()
  t.notOk((await readAlone()).every(isOfOne), 'all is read when a row was changed past Kontor')
  t.equal(second.platform(id), undefined)
  await asOwner(t, kontor)
    .updateTable('platforms')
    .set({ kind: 'other' })
    .where('id', '=', id)
    .execute()
  await second.reload()
  t.equal(second.platform(id)?.state, 'suspended')
})
