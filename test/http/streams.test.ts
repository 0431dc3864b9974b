// Server-sent events of orders and instances: what arrives, and when a stream is refused or ends.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { pipeline } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { sql } from 'kysely'
import t from 'tap'
import { BrokerError } from '../../src/errors.ts'
import { readMarks } from '../../src/orders/live/store.ts'
import { openStream } from '../../src/http/streams/open-stream.ts'
import { startDemoIssuer } from '../../tools/demo-issuer/start.ts'
import { organisation } from '../access/tenants.ts'
import { shopCatalog, wanted } from '../orders/shop.ts'
import { asOwner } from '../support/as-owner.ts'
import { openEvents } from '../support/event-stream.ts'
import { caller, here, startKontor, until } from '../support/kontor.ts'
import { writeOidcFile } from '../support/oidc-file.ts'
import { signInAt, visitorOf } from '../support/sign-in.ts'
import { createPlatform } from '../tenancy/platforms.ts'

const person = (subject: string, ...organisations: string[]) => ({
  subject,
  name: subject,
  email: `${subject}@kontor.example`,
  roles: organisations.length === 0 ? [] : ['agency'],
  organisations,
  place: 'Stadt',
  part: { de: 'arbeitet', en: 'works' },
  providers: [],
})
const [erika, max, dora] = [person('erika', 'stadt'), person('max'), person('dora', 'dorf')]
const issuer = await startDemoIssuer({ port: 0, people: [erika, max, dora] })
t.teardown(() => issuer.stop())
const kontor = await startKontor(t, {
  environment: {
    KONTOR_OIDC_FILE: await writeOidcFile(t, issuer.settings),
    KONTOR_MAX_STREAMS: '4',
    KONTOR_MAX_STREAMS_OF_PERSON: '2',
  },
})
issuer.setKontor(kontor.url)
for (const [name, seconds] of [
  ['nord', 1.5],
  ['slow', 600],
] as const)
  await kontor.addProvider(name, {
    catalog: shopCatalog(),
    behaviours: { '*': { mode: 'async', provisionSeconds: seconds, steps: ['Unpacking'] } },
  })
for (const name of ['stadt', 'dorf']) await organisation(kontor, name, 'kommune')
const bearer = (who: { readonly subject: string }) => ({
  authorization: `Bearer ${issuer.tokenOf(who as typeof erika)}`,
})
const erikas = caller(kontor.url, bearer(erika))

const order = async (provider: 'nord' | 'slow') => {
  const { service_id: offering, plan_id: plan } = await kontor.find(provider, 'chat', 'small')
  const body = { ...wanted, costCentre: null, offering, plan }
  const { number } = (await erikas('POST', '/api/orders', body)).body
  const { status, text } = await erikas('POST', `/api/orders/${number}/submit`, {})
  if (status !== 200) throw new Error(text)
  return `/orders/${number}`
}
const slow = await order('slow')
const slowEvents = (of: typeof erika, base = kontor.url) =>
  openEvents(t, `${base}/api${slow}/events`, bearer(of))

t.test('a stream says what the provider says, until nothing changes any more', async (t) => {
  const path = await order('nord')
  const url = `${kontor.url}/api${path}/events`
  const stream = await openEvents(t, url, bearer(erika))
  t.match(stream.reply.headers, {
    'content-type': /^text\/event-stream/,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  await stream.arrives('event: hello')
  await stream.arrives('"progress":"provisioning"')
  await stream.arrives('Unpacking')
  await stream.arrives('"progress":"ready"')
  await stream.end()
  t.match(stream.text(), /^retry: \d+\n/)
  t.match(stream.text(), /event: end\ndata: \{\}\n\n$/)
  const ids = [...stream.text().matchAll(/^id: (.+)$/gm)].map(([, id = '']) => id)
  t.ok(ids.length >= 2 && new Set(ids).size === ids.length, 'each state once')

  const again = await openEvents(t, url, { ...bearer(erika), 'last-event-id': ids.at(-1) ?? '' })
  await again.end()
  t.notMatch(again.text(), /timeline/, 'which the reader has')
  t.match(again.text(), /event: end/)
})

t.test('an instance that a platform ordered can be followed, too', async (t) => {
  const platform = await createPlatform(kontor, 'cloud', { organisation: 'stadt' })
  const chat = await kontor.find('nord', 'chat', 'small')
  const at = '/v2/service_instances/followed?accepts_incomplete=true'
  await platform.call('PUT', at, { ...chat, ...here, parameters: { users: 1 } })
  const { body } = await erikas('GET', '/api/instances?instanceId=followed')
  const path = `/instances/${body.items[0].id}/events`
  const stream = await openEvents(t, `${kontor.url}/api${path}`, bearer(erika))
  await stream.arrives('"isUnderWay":true')
  await stream.end()
  t.match(stream.text(), /operation-succeeded/)
  t.equal((await caller(kontor.url, bearer(dora))('GET', `/api${path}`)).status, 404)
})

t.test('an operation that goes on is seen behind many newer ones', async (t) => {
  const db = asOwner(t, kontor)
  const { instance } = (await erikas('GET', `/api${slow}`)).body
  const wantedRow = db.selectFrom('operations').where('instance_id', '=', instance.id)
  const { id, platform_id: platformId } = await wantedRow
    .select(['id', 'platform_id'])
    .executeTakeFirstOrThrow()
  await sql`insert into operations select (jsonb_populate_record(operations, jsonb_build_object(
      'id', gen_random_uuid(), 'state', 'failed', 'finished_at', now(), 'lease_until', null,
      'next_step_at', null, 'created_at', now() + number * interval '1 s'))).*
    from operations, generate_series(1, 25) as number where operations.id = ${id}`.execute(db)
  const watched = [{ platformId, instanceId: instance.id, orderId: null }]
  const before = await readMarks(db, watched)
  const row = db.updateTable('operations').where('id', '=', id)
  await row.set({ description: 'Something new' }).execute()
  t.not((await readMarks(db, watched))[0], before[0])
  const copies = db.deleteFrom('operations').where('instance_id', '=', instance.id)
  await copies.where('state', '=', 'failed').execute()
})

t.test('a page learns that something has changed, and no more', async (t) => {
  const { cookie } = await signInAt(kontor.url, issuer)(erika)
  const path = await order('nord')
  const { text } = await visitorOf(kontor.url, cookie).get(path)
  const [, events = '', version = ''] = /data-events="(.+?)" data-version="(.+?)"/.exec(text) ?? []
  t.equal(events, `${path}/events`)
  const stream = await openEvents(t, `${kontor.url}${events}?after=${version}`, { cookie })
  await stream.end()
  t.match(stream.text(), /hello[^]*event: change\nid: .+\ndata: \{\}\n\n[^]*event: end/)
  t.notMatch(stream.text(), version)
})

t.test('a stream ends with the session, and with the role', async (t) => {
  const { cookie } = await signInAt(kontor.url, issuer)(erika)
  const ofSession = await openEvents(t, `${kontor.url}${slow}/events`, { cookie })
  await ofSession.arrives('hello')
  await caller(kontor.url, bearer(max))('GET', '/api/people/me')
  const { body } = await caller(kontor.url, bearer(max))('GET', '/api/people/me')
  const membership = await kontor.admin('POST', '/api/memberships', {
    person: body.id,
    organisation: 'stadt',
    role: 'viewer',
  })
  const ofRole = await slowEvents(max)
  await ofRole.arrives('"progress":"provisioning"')
  await visitorOf(kontor.url, cookie).send('/account', '/sign-out')
  await ofSession.end()
  t.notOk(ofRole.reply.complete)
  await kontor.admin('DELETE', `/api/memberships/${membership.body.id}`)
  await ofRole.end()
  t.equal((await slowEvents(max)).reply.statusCode, 403)
  const signedOut = await openEvents(t, `${kontor.url}${slow}/events`, { cookie })
  t.equal(signedOut.reply.statusCode, 401, 'and no redirect, which a browser would follow')
})

t.test('a person has so many streams, a process so many, and all end when it stops', async (t) => {
  const second = await kontor.another()
  const base = second.running.url ?? ''
  const open = await Promise.all([slowEvents(erika, base), slowEvents(erika, base)])
  for (const stream of open) await stream.arrives('"progress":"provisioning"')
  const third = await slowEvents(erika, base)
  t.match([third.reply.statusCode, third.reply.headers['retry-after']], [429, '30'])
  const unknown = await openEvents(t, `${base}/api/orders/26-2222-2222/events`, bearer(erika))
  t.equal(unknown.reply.statusCode, 429, 'before anything is read')
  const admin = { authorization: `Bearer ${kontor.environment['KONTOR_ADMIN_TOKEN']}` }
  const ofAdmin = async () => openEvents(t, `${base}/api${slow}/events`, admin)
  open.push(await ofAdmin(), await ofAdmin())
  await caller(base, bearer(max))('GET', '/api/people/me')
  const { body } = await caller(kontor.url, bearer(max))('GET', '/api/people/me')
  await second.admin('POST', '/api/memberships', {
    person: body.id,
    organisation: 'stadt',
    role: 'viewer',
  })
  t.equal((await slowEvents(max, base)).reply.statusCode, 503)
  t.match((await second.admin('GET', '/metrics')).text, /^kontor_streams 4$/m)
  open[0]?.reply.destroy()
  const metrics = async () => (await second.admin('GET', '/metrics')).text
  await until(metrics, (text) => /^kontor_streams 3$/m.test(text))
  await second.running.stop()
  for (const stream of open.slice(1)) {
    await stream.end()
    t.ok(stream.reply.complete, 'a whole answer')
  }
})

t.test('a client that does not read costs the memory of a few events', async (t) => {
  let [reads, changed] = [0, () => {}]
  const server = createServer((_request, reply) => {
    const { readable } = openStream({
      followed: {
        watched: { platformId: null, instanceId: 'i', orderId: null },
        isWithin: () => true,
        read: async () => ({ version: `${reads++}`, goesOn: true, timeline: timeline() }),
      },
      watcher: {
        watch: (_watched, onChange) => {
          changed = onChange
          return () => {}
        },
      },
      now: () => new Date(),
      scope: () => 'all',
      after: undefined,
      textOf: () => 'x'.repeat(1_000_000),
      onError: () => {},
    })
    pipeline(readable, reply, () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await until(
    () => reads,
    (count) => count > 0,
  )
  for (let times = 0; times < 2_000; times++) {
    changed()
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.ok(reads < 30, `${reads} of 2000 states were read`)
  const before = reads
  socket.resume()
  await until(
    () => reads,
    (count) => count > before,
  )
})

t.test('an error of Kontor ends a stream, and an operator sees it', async (t) => {
  const errors: unknown[] = []
  const ends = async (error: Error) => {
    const { readable } = openStream({
      followed: {
        watched: { platformId: null, instanceId: 'i', orderId: null },
        isWithin: () => true,
        read: () => Promise.reject(error),
      },
      watcher: { watch: () => () => {} },
      now: () => new Date(),
      scope: () => 'all',
      after: undefined,
      textOf: () => '',
      onError: (each) => errors.push(each),
    })
    t.match(await textOf(readable), 'event: hello')
  }
  const bug = new TypeError('a bug')
  await ends(bug)
  await ends(new BrokerError('not_found', 'It is gone.'))
  t.strictSame(errors, [bug], 'not what the reader gets as an answer')
})

function timeline() {
  const platform = { id: 'p', name: 'p' }
  const rest = { order: null, isUnderWay: true, expectedEnd: null, entries: [] }
  return { id: 'i', instanceId: 'i', platform, ...rest }
}
