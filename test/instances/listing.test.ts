// What organisations have, whatever platform ordered it: lists of instances and bindings, over the
// management API and the command line, and what each reader sees of them.
import t from 'tap'
import { forgetOwners } from '../../src/instances/labels/forget-owners.ts'
import { organisation } from '../access/tenants.ts'
import { startMarket } from '../marketplace/people.ts'
import { here, type Call, type Reply } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import { createPlatform } from '../tenancy/platforms.ts'

const { kontor, agency, provider } = await startMarket(t)
const { admin } = kontor
const lifetime = { '*': { mode: 'sync', bindingExpiresDays: 30 } } as const
await kontor.addProvider('nord', { behaviours: lifetime })
await kontor.addProvider('sued')
const land = await organisation(kontor, 'land', 'land')
await organisation(kontor, 'stadt', 'kommune', land)
const bund = await organisation(kontor, 'bund', 'bund')
const cf = await createPlatform(kontor, 'cf-land', { organisation: land, kind: 'cloudfoundry' })
const k8s = await createPlatform(kontor, 'k8s-bund', { organisation: bund, kind: 'kubernetes' })
const small = await kontor.find('nord', 'db', 'small')
const large = await kontor.find('nord', 'db', 'large')
const app = await kontor.find('sued', 'app', 'only')
const secret = 'Gardena-4711'

async function order(call: Call, id: string, ids: object, context: object): Promise<void> {
  const body = { ...ids, ...here, context, parameters: { size: 3, password: secret } }
  const { status, text } = await call('PUT', `/v2/service_instances/${id}`, body)
  if (status !== 201) throw new Error(text)
}
const bind = async (call: Call, instance: string, id: string, ids: object) => {
  const path = `/v2/service_instances/${instance}/service_bindings/${id}`
  const { status, text, body } = await call('PUT', path, ids)
  if (status !== 201) throw new Error(text)
  return body
}
const inStadt = { organization_annotations: { 'kontor.internal/organisation': 'stadt' } }
const named = (name: string) => ({ platform: 'cloudfoundry', instance_name: name })
await order(cf.call, 'akten', small, named('akten-db'))
await order(cf.call, 'schule', large, { ...named('Schul_50%'), ...inStadt })
await order(k8s.call, 'pass', small, { platform: 'kubernetes', instance_name: 'pass-db' })
await order(cf.call, 'portal', app, named('portal'))
// A platform without an organisation, and an instance of the same id as that of another tenant.
await order(kontor.call, 'akten', small, { instance_name: { first: 'x' } })
await order(cf.call, 'alt', small, named('alt'))
await cf.call(
  'DELETE',
  `/v2/service_instances/alt?service_id=${small.service_id}&plan_id=${small.plan_id}`,
)
const made = await bind(cf.call, 'akten', 'b1', small)
await bind(cf.call, 'akten', 'b2', small)
await bind(cf.call, 'schule', 'b3', large)
await bind(k8s.call, 'pass', 'b4', small)

const ofLand = await agency('land')
const ofStadt = await agency('stadt')
const ofBund = await agency('bund')
const ofNord = await provider('nord')

const names = ({ body }: Reply): string[] =>
  body.items.map(
    (item: { name: string | null; instanceId: string }) => item.name ?? item.instanceId,
  )
const instancesOf = async (call: Call, query = '') =>
  names(await call('GET', `/api/instances${query}`))
const bindingsOf = async (call: Call, query = ''): Promise<string[]> =>
  (await call('GET', `/api/bindings${query}`)).body.items.map(
    ({ bindingId }: { bindingId: string }) => bindingId,
  )

t.test('each reader sees the instances of the own organisations only', async (t) => {
  t.strictSame(await instancesOf(ofLand), ['portal', 'Schul_50%', 'akten-db'])
  t.strictSame(await instancesOf(ofStadt), ['Schul_50%'], 'what the annotation gave to it')
  t.strictSame(await instancesOf(ofBund), ['pass-db'])
  t.strictSame(await instancesOf(ofNord), ['akten', 'pass-db', 'Schul_50%', 'akten-db'])
  t.strictSame(await instancesOf(admin), ['akten', 'portal', 'pass-db', 'Schul_50%', 'akten-db'])
  t.strictSame(await bindingsOf(ofLand), ['b3', 'b2', 'b1'])
  t.strictSame(await bindingsOf(ofStadt), ['b3'])
  t.strictSame(await bindingsOf(ofBund), ['b4'])
  t.strictSame(await bindingsOf(ofNord), ['b4', 'b3', 'b2', 'b1'])
  t.strictSame(await bindingsOf(admin), ['b4', 'b3', 'b2', 'b1'])
})

t.test('the timeline of an instance that a platform ordered, even of a deleted one', async (t) => {
  const { body } = await admin('GET', '/api/instances?state=gone')
  const [{ id }] = body.items
  const path = `/api/instances/${id}/timeline`
  const read = await ofLand('GET', path)
  t.match(read.body, { id, instanceId: 'alt', platform: { name: 'cf-land' }, order: null })
  t.match(read.body.entries, [
    { code: 'operation-begun', by: null, values: { kind: 'provision', platform: 'cf-land' } },
    { code: 'operation-succeeded', values: { kind: 'provision' } },
    { code: 'operation-begun', values: { kind: 'deprovision', platform: 'cf-land' } },
    { code: 'operation-succeeded', values: { kind: 'deprovision' } },
  ])
  t.equal(read.body.entries.length, 4)
  t.notMatch(read.text, secret)
  t.equal((await ofNord('GET', path)).status, 200, 'its provider')
  t.equal((await ofBund('GET', path)).status, 404, 'another organisation')
  t.equal((await ofBund('GET', '/api/instances/none/timeline')).status, 404)
  const environment = {
    KONTOR_URL: kontor.url,
    KONTOR_ADMIN_TOKEN: kontor.environment['KONTOR_ADMIN_TOKEN'] ?? '',
  }
  const { stdout } = await runKontor(['instance', 'timeline', id], environment)
  t.match(stdout, /operation-begun .*kind=deprovision platform=cf-land/)
})

t.test('an instance of before its platform had an owner is of that owner', async (t) => {
  const first = (await admin('GET', '/api/platforms')).body.items.find(
    ({ name }: { name: string }) => name === 'first',
  )
  await admin('PATCH', `/api/platforms/${first.id}`, { organisation: 'bund' })
  t.teardown(() => admin('PATCH', `/api/platforms/${first.id}`, { organisation: null }))
  t.strictSame(await instancesOf(ofBund), ['akten', 'pass-db'])
  t.strictSame(await instancesOf(admin, '?organisation=bund'), ['akten', 'pass-db'])
})

t.test('filters narrow a list, and never widen it', async (t) => {
  const wanted: ReadonlyArray<readonly [query: string, names: readonly string[]]> = [
    ['?organisation=stadt', ['Schul_50%']],
    ['?platform=cf-land&plan=small', ['akten-db']],
    ['?offering=nord-db', ['Schul_50%', 'akten-db']],
    ['?provider=sued', ['portal']],
    ['?state=ready', ['portal', 'Schul_50%', 'akten-db']],
    ['?state=failed', []],
    ['?state=gone', ['alt']],
    ['?instanceId=akten', ['akten-db']],
    ['?q=AKTEN', ['akten-db']],
    ['?q=schul', ['Schul_50%']],
    ['?q=50%25', ['Schul_50%']],
    ['?q=sued-app', ['portal']],
    ['?q=%25', ['Schul_50%']],
    ['?q=pass', []],
    [`?q=${encodeURIComponent("' or true --")}`, []],
    ['?platform=k8s-bund', []],
    ['?expiresBefore=2020-01-01', []],
    ['?expiresBefore=2100-01-01', ['Schul_50%', 'akten-db']],
  ]
  for (const [query, expected] of wanted)
    t.strictSame(await instancesOf(ofLand, query), expected, query)
  t.strictSame(await instancesOf(admin, '?q=-db'), ['akten', 'pass-db', 'Schul_50%', 'akten-db'])
  t.strictSame(await instancesOf(admin, '?instanceId=akten'), ['akten', 'akten-db'])
  t.strictSame(await instancesOf(admin, '?platform=k8s-bund'), ['pass-db'])
  t.strictSame(await instancesOf(admin, '?provider=sued&offering=nord-db'), [])
  t.strictSame(await instancesOf(admin, '?plan=large'), ['Schul_50%'])
  for (const [organisationName, call] of [
    ['bund', ofLand],
    ['nowhere', ofLand],
    ['land', ofStadt],
    ['land', ofNord],
  ] as const)
    t.match(await call('GET', `/api/instances?organisation=${organisationName}`), { status: 400 })
  t.match(await ofLand('GET', '/api/instances?expiresBefore=2026-13-01'), {
    status: 400,
    body: { detail: /expiresBefore is not a time/ },
  })
})

t.test('filters of bindings', async (t) => {
  const { body } = await ofLand('GET', '/api/instances?q=akten-db')
  const [{ id }] = body.items
  const wanted: ReadonlyArray<readonly [query: string, ids: readonly string[]]> = [
    [`?instance=${id}`, ['b2', 'b1']],
    ['?instanceId=akten', ['b2', 'b1']],
    ['?instanceId=pass', []],
    ['?bindingId=b1', ['b1']],
    ['?bindingId=b4', []],
    ['?organisation=stadt', ['b3']],
    ['?q=schul', ['b3']],
    ['?plan=large&state=ready', ['b3']],
    ['?state=failed', []],
    ['?expiresBefore=2020-01-01', []],
    ['?expiresBefore=2100-01-01', ['b3', 'b2', 'b1']],
  ]
  for (const [query, expected] of wanted)
    t.strictSame(await bindingsOf(ofLand, query), expected, query)
  t.strictSame(await bindingsOf(ofBund, `?instance=${id}`), [], 'a foreign instance')
  t.strictSame(await bindingsOf(admin, '?platform=k8s-bund'), ['b4'])
})

t.test('pages follow one another, and a foreign cursor leads nowhere', async (t) => {
  for (const [noun, call, all] of [
    ['instances', ofLand, ['portal', 'Schul_50%', 'akten-db']],
    ['instances', admin, ['akten', 'portal', 'pass-db', 'Schul_50%', 'akten-db']],
    ['bindings', ofLand, ['b3', 'b2', 'b1']],
    ['bindings', admin, ['b4', 'b3', 'b2', 'b1']],
  ] as const) {
    const read: string[] = []
    let cursor = ''
    do {
      const { body } = await call('GET', `/api/${noun}?limit=1${cursor}`)
      for (const item of body.items) read.push(item.bindingId ?? item.name ?? item.instanceId)
      cursor = body.next === null ? '' : `&cursor=${body.next}`
    } while (cursor !== '')
    t.strictSame(read, all, noun)
  }
  const [theirs] = (await ofBund('GET', '/api/bindings')).body.items
  t.strictSame(await bindingsOf(ofLand, `?cursor=${theirs.id}`), [])
  t.strictSame(
    await bindingsOf(ofLand, '?cursor=01a2078b-fbbe-7b44-b497-56d4ba8d5a71'),
    [],
    'as an unknown one',
  )
})

t.test('one instance and one binding, with names, and without anything secret', async (t) => {
  const { text: list, body } = await ofLand('GET', '/api/instances?q=akten-db')
  const instance = (await ofLand('GET', `/api/instances/${body.items[0].id}`)).body
  t.match(instance, {
    instanceId: 'akten',
    name: 'akten-db',
    platform: { name: 'cf-land' },
    platformKind: 'cloudfoundry',
    provider: { name: 'nord' },
    organisation: { id: land, name: 'land' },
    offering: { id: small.service_id, name: 'nord-db' },
    plan: { id: small.plan_id, name: 'small' },
    state: 'ready',
    usable: true,
    operation: null,
    bindings: 2,
    maintenanceVersion: '1.0.0',
    deletedAt: null,
  })
  const { text: bindingList, body: bound } = await ofLand('GET', '/api/bindings?bindingId=b1')
  const binding = await ofLand('GET', `/api/bindings/${bound.items[0].id}`)
  t.match(binding.body, {
    bindingId: 'b1',
    instance: { id: instance.id, instanceId: 'akten', name: 'akten-db' },
    organisation: { name: 'land' },
    plan: { name: 'small' },
    state: 'ready',
    isExpired: false,
    expiresAt: new Date(made.metadata.expires_at).toISOString(),
    renewBefore: made.metadata.renew_before,
  })
  const csv = await ofLand('GET', '/api/bindings?format=csv')
  for (const shown of [list, JSON.stringify(instance), bindingList, binding.text, csv.text]) {
    t.notMatch(shown, secret)
    t.notMatch(shown, 'credentials')
    t.notMatch(shown, String(made.credentials.password ?? 'password'))
  }
  for (const call of [ofBund, ofStadt, await provider('sued')]) {
    t.match(await call('GET', `/api/instances/${instance.id}`), {
      status: 404,
      body: { detail: 'There is no such instance.' },
    })
    t.equal((await call('GET', `/api/bindings/${binding.body.id}`)).status, 404)
  }
  t.equal((await ofNord('GET', `/api/instances/${instance.id}`)).status, 200)
  const [gone] = (await ofLand('GET', '/api/instances?state=gone')).body.items
  t.match((await ofLand('GET', `/api/instances/${gone.id}`)).body, { state: 'gone', name: 'alt' })
  t.match(gone.deletedAt, /^\d{4}-/)
  // As a result whose key is lost.
  const { db } = kontor.running.runtime
  const row = () => db.updateTable('bindings').where('id', '=', binding.body.id)
  const { result } = await db
    .selectFrom('bindings')
    .select('result')
    .where('id', '=', binding.body.id)
    .executeTakeFirstOrThrow()
  await row()
    .set({ result: Buffer.from('lost') })
    .execute()
  const lost = await ofLand('GET', `/api/bindings/${binding.body.id}`)
  t.match(lost, { status: 200, body: { renewBefore: null } }, lost.text)
  await row().set({ result }).execute()
})

t.test('a list as CSV is whole, whatever its pages are, and within the scope', async (t) => {
  const { headers, text } = await ofLand('GET', '/api/instances?format=csv&limit=1')
  t.match(headers, {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': 'attachment; filename="kontor-instances.csv"',
  })
  const [head, ...lines] = text.trim().split('\r\n')
  t.match(head, /^id,instanceId,name,organisation,platform,/)
  t.strictSame(
    lines.map((line) => line.split(',').slice(1, 5).join(' ')),
    ['portal portal land cf-land', 'schule Schul_50% stadt cf-land', 'akten akten-db land cf-land'],
  )
  t.equal((await ofStadt('GET', '/api/bindings?format=csv')).text.split('\r\n').length, 3)
  t.equal((await ofLand('GET', '/api/instances?format=csv&organisation=bund')).status, 400)
})

t.test('an orderer of its organisation says more of an instance, and labels find it', async (t) => {
  const idOf = async (name: string): Promise<string> =>
    (await admin('GET', `/api/instances?q=${name}`)).body.items[0].id
  const [akten, schule, pass] = [await idOf('akten-db'), await idOf('schul'), await idOf('pass-db')]
  const set = (call: Call, id: string, body: object) => call('PATCH', `/api/instances/${id}`, body)
  const first = { labels: { env: 'prod', 'a.example/team': 'x', old: '' }, owner: 'Team Akten' }
  t.match(await set(ofLand, akten, first), { status: 200 })
  t.match((await set(ofLand, akten, { labels: { old: null }, costCentre: '4711' })).body, {
    instanceId: 'akten',
    owner: { personId: null, name: 'Team Akten' },
    costCentre: '4711',
  })
  const shown = (await ofLand('GET', `/api/instances/${akten}`)).body
  t.strictSame(shown.labels, { env: 'prod', 'a.example/team': 'x' })
  t.equal((await set(ofStadt, schule, { labels: { env: 'test' } })).status, 200)
  t.equal((await set(ofBund, pass, { labels: { env: 'prod' }, owner: 'Geheim' })).status, 200)

  const atProvider = (await ofNord('GET', `/api/instances/${akten}`)).body
  t.match(atProvider, { instanceId: 'akten', owner: null, costCentre: null })
  t.strictSame(atProvider.labels, {}, 'a provider learns none of it')
  for (const query of ['labels=env', 'labels=env%3Dprod', 'costCentre=4711', 'owner=Geheim']) {
    t.strictSame(await instancesOf(ofNord, `?${query}`), [], 'nor finds an instance by it')
    t.strictSame(await bindingsOf(ofNord, `?${query}`), [])
  }
  t.strictSame(await instancesOf(ofNord, '?labels=!env'), [], 'nor by what it lacks')

  for (const call of [ofStadt, ofBund, ofNord])
    t.match(await set(call, akten, first), { status: 404 }, 'as an unknown one')
  t.match(await set(admin, akten, first), { status: 403 }, 'not as a person')
  const { id: keeper } = (await ofNord('GET', '/api/people/me')).body
  t.match((await set(ofLand, akten, { ownerId: keeper })).body, { detail: /^ownerId: there is no/ })
  const role = { person: keeper, organisation: 'land', role: 'viewer' }
  t.equal((await admin('POST', '/api/memberships', role)).status, 201)
  t.match(await set(ofNord, akten, first), { status: 403 }, 'a viewer changes nothing')
  const own = await set(ofLand, akten, { ownerId: keeper })
  t.match(own.body, { owner: { personId: keeper } })

  const wanted: ReadonlyArray<readonly [query: string, names: readonly string[]]> = [
    ['env=prod', ['akten-db']],
    ['env==prod,a.example/team', ['akten-db']],
    ['env in (prod, test)', ['Schul_50%', 'akten-db']],
    ['env notin (prod)', ['portal', 'Schul_50%']],
    ['env!=prod', ['portal', 'Schul_50%']],
    ['!env', ['portal']],
    ['env,!a.example/team', ['Schul_50%']],
    ['old', []],
    ['a.example/team!=x,env=prod', []],
  ]
  for (const [query, expected] of wanted) {
    const encoded = encodeURIComponent(query)
    t.strictSame(await instancesOf(ofLand, `?labels=${encoded}`), expected, query)
    t.equal(
      (await ofLand('GET', `/api/instances?format=csv&labels=${encoded}`)).text.split('\r\n')
        .length,
      expected.length + 2,
      `${query} as CSV`,
    )
  }
  t.strictSame(await instancesOf(admin, '?labels=env%3Dprod'), ['pass-db', 'akten-db'])
  t.strictSame(await instancesOf(admin, '?labels=!env'), ['akten', 'portal'])
  t.strictSame(await bindingsOf(ofLand, '?labels=env%3Dprod'), ['b2', 'b1'])
  t.strictSame(await instancesOf(ofLand, '?costCentre=4711'), ['akten-db'])
  t.strictSame(await instancesOf(ofLand, `?owner=${keeper}`), ['akten-db'])
  t.strictSame(await instancesOf(ofLand, '?owner=Geheim'), [], 'of another tenant')
  t.strictSame(await instancesOf(ofBund, '?owner=Geheim'), ['pass-db'])

  const many = Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`k${n}`, 'v']))
  for (const labels of [
    { 'no space': 'x' },
    { a: 'ä' },
    { '/a': 'x' },
    { a: 'x'.repeat(64) },
    many,
  ])
    t.match(await set(ofLand, akten, { labels }), { status: 400, body: { detail: /labels/ } })
  for (const query of [
    'a=b=c',
    'a in b',
    "a=' or true",
    'a in (b',
    ',',
    'ä',
    'a=(b)',
    'x'.repeat(64),
  ])
    t.match(
      await ofLand('GET', `/api/instances?labels=${encodeURIComponent(query)}`),
      { status: 400, body: { detail: /^labels: / } },
      query,
    )
  await admin('POST', '/api/memberships', { ...role, role: 'orderer' })
  const issued = await ofNord('POST', '/api/tokens', {
    name: 'cli',
    access: 'full',
    expiresInDays: 1,
  })
  const label = ['--label', 'tier=a', 'b=', '--remove-label', 'env', '--cost-centre', '4712']
  const update = (...options: string[]) =>
    runKontor(['instance', 'update', akten, ...options], {
      KONTOR_URL: kontor.url,
      KONTOR_TOKEN: issued.body.token,
    })
  t.match(
    (await update(...label)).stdout,
    /labels: +a\.example\/team=x,b=,tier=a\n[^]*cost centre: +4712\n/,
  )
  const { items } = (await admin('GET', `/api/audit/events?action=instance.described`)).body
  t.match(items[0], {
    actor: /keeper/,
    objectKind: 'instance',
    objectId: akten,
    instanceId: 'akten',
    organisationId: land,
    details: { fields: 'costCentre labels', labels: 'b env tier' },
  })
  t.match(items.at(-1)?.details, { fields: 'labels owner', labels: 'a.example/team env old' })
  const bare = await update('--remove-owner', '--remove-cost-centre')
  t.match(bare, { code: 0, stdout: /labels: / })
  t.notMatch(bare.stdout, /owner|cost centre/)
  const both = await update('--owner', 'Team Akten', '--remove-owner')
  t.match(both, { code: 1, stderr: /'--remove-owner' cannot be used with option '--owner <text>'/ })
})

t.test('nothing more is said of an instance that is gone', async (t) => {
  const [{ id }] = (await ofLand('GET', '/api/instances?state=gone')).body.items
  const change = { labels: { env: 'prod' } }
  t.match(await ofLand('PATCH', `/api/instances/${id}`, change), {
    status: 409,
    body: { detail: /^The instance is gone/ },
  })
  t.equal((await ofStadt('PATCH', `/api/instances/${id}`, change)).status, 404)
  t.strictSame((await ofLand('GET', `/api/instances/${id}`)).body.labels, {})
})

t.test('an owner is forgotten 90 days after the instance is gone', async (t) => {
  await order(cf.call, 'vorbei', small, named('vorbei'))
  const [{ id }] = (await ofLand('GET', '/api/instances?instanceId=vorbei')).body.items
  const said = { owner: 'Erika Mustermann', costCentre: '4713', labels: { env: 'old' } }
  await ofLand('PATCH', `/api/instances/${id}`, said)
  const [{ id: pass }] = (await ofBund('GET', '/api/instances?q=pass-db')).body.items
  const ids = new URLSearchParams(small).toString()
  await cf.call('DELETE', `/v2/service_instances/vorbei?${ids}`)
  const { db } = kontor.running.runtime
  const forgotten = (days: number) =>
    forgetOwners({ db, now: () => new Date(Date.now() + days * 86_400_000) })
  const read = async () => (await ofLand('GET', `/api/instances/${id}`)).body
  t.match(await forgotten(89), { owners: 0, isFull: false })
  t.match(await read(), { state: 'gone', owner: { name: 'Erika Mustermann' } })
  t.match(await forgotten(91), { owners: 1, isFull: false })
  t.match(await read(), { owner: null, costCentre: '4713', labels: { env: 'old' } })
  t.match(await forgotten(91), { owners: 0 })
  t.match((await ofBund('GET', `/api/instances/${pass}`)).body, { owner: { name: 'Geheim' } })
})

t.test('operations name the offering and the plan', async (t) => {
  const { body } = await ofLand('GET', '/api/operations?instanceId=schule&kind=provision')
  t.match(body.items, [
    {
      offering: { id: small.service_id, name: 'nord-db' },
      plan: { id: large.plan_id, name: 'large' },
    },
  ])
})

t.test('the command line lists and shows the same', async (t) => {
  const cli = (...args: string[]) =>
    runKontor(args, {
      KONTOR_URL: kontor.url,
      KONTOR_ADMIN_TOKEN: kontor.environment['KONTOR_ADMIN_TOKEN'] ?? '',
    })
  const { stdout } = await cli('instance', 'list', '--organisation', 'land', '--plan', 'small')
  t.match(stdout, /^ID +NAME +STATE +OFFERING +PLAN +ORGANISATION +PLATFORM +INSTANCE\n/)
  t.match(stdout, /^[0-9a-f-]{36} +akten-db +ready +nord-db +small +land +cf-land +akten\n$/m)
  const [id = ''] = /[0-9a-f-]{36}/.exec(stdout) ?? []
  t.match((await cli('instance', 'show', id)).stdout, /plan: +small \([^]*bindings: +2\n/)
  t.match((await cli('instance', 'list', '--search', 'nothing')).stdout, /^No instances\.\n$/)
  t.match((await cli('instance', 'list', '--csv')).stdout, /^id,instanceId,/)
  t.match(JSON.parse((await cli('binding', 'list', '--instance', 'schule', '--json')).stdout), {
    items: [{ bindingId: 'b3' }],
  })
  const bound = (await cli('binding', 'list', '--instance', 'schule')).stdout
  t.match(bound, /^[0-9a-f-]{36} +ready +\d{4}-\S+ +Schul_50% +nord-db +large /m)
  const [binding = ''] = /[0-9a-f-]{36}/.exec(bound) ?? []
  t.match((await cli('binding', 'show', binding)).stdout, /binding: +b3\n[^]*renew before: +\d{4}-/)
  t.match(
    (await cli('operation', 'list', '--instance', 'schule', '--kind', 'bind')).stdout,
    /bind +succeeded +nord +nord-db +large +cf-land +schule +b3/,
  )
  t.match((await cli('binding', 'show', id)).stderr, /There is no such binding/)
})
