// Every page and every target of a form, asked for by all that may not, as another tenant, and in a
// real browser. They come from the table of pages, so this covers a new one without a change; what
// it shows of one object needs a row of tenant A (`tables`, and the forms sent below).
import { sql } from 'kysely'
import t from 'tap'
import type { PagePermission } from '../../../src/http/console/permission.ts'
import { pages } from '../../../src/http/console/pages/pages.ts'
import type { Role } from '../../../src/tenancy/principal.ts'
import { startDemoIssuer } from '../../../tools/demo-issuer/start.ts'
import type { OsbCatalog } from '../../../tools/simulator/types.ts'
import { organisation } from '../../access/tenants.ts'
import { listedCatalog } from '../../marketplace/listed-catalog.ts'
import { asOwner } from '../../support/as-owner.ts'
import { glanceAt, needs, openWindow, startBrowser } from '../../support/browser.ts'
import { caller, here, startKontor, type Reply } from '../../support/kontor.ts'
import { writeOidcFile } from '../../support/oidc-file.ts'
import { createPlatform } from '../../tenancy/platforms.ts'
import { formHeaders, signInAt, visitorOf } from '../../support/sign-in.ts'

t.setTimeout(110_000)

// In every text that a person or a provider writes.
const hostile = `"><img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`
const person = (subject: string, role: string | undefined, ...organisations: string[]) => ({
  subject,
  name: `${subject} ${hostile}`,
  email: `${subject}@kontor.example`,
  roles: role === undefined ? [] : [role],
  organisations,
  place: 'Stadt',
  part: { de: 'arbeitet', en: 'works' },
  providers: role === 'provider' ? ['nord'] : [],
})
const people = {
  ofA: person('anna', 'agency', 'a-stadt'),
  ofB: person('bert', 'agency', 'b-stadt'),
  operator: person('otto', 'operator'),
  auditor: person('rita', 'auditor'),
  provider: person('pia', 'provider'),
  none: person('nora', undefined),
} as const
type Who = keyof typeof people
const issuer = await startDemoIssuer({ port: 0, people: Object.values(people) })
t.teardown(() => issuer.stop())
const kontor = await startKontor(t, {
  worker: false,
  environment: {
    KONTOR_OIDC_FILE: await writeOidcFile(t, issuer.settings),
    KONTOR_CONTACT: 'barrieren@musterstadt.example',
  },
})
issuer.setKontor(kontor.url)
const db = asOwner(t, kontor)
const listed = listedCatalog('nord')
await kontor.addProvider('nord', {
  catalog: {
    services: listed.services.map((service) => ({
      ...service,
      description: hostile,
      metadata: { ...service.metadata, displayName: hostile, longDescription: hostile },
      plans: service.plans.map((plan) => ({
        ...plan,
        description: hostile,
        metadata: { displayName: hostile, ...plan.metadata },
      })),
    })),
  } as OsbCatalog,
})
await kontor.admin('PATCH', '/api/providers/nord', { displayName: hostile })
for (const name of ['a-stadt', 'b-stadt'])
  await kontor.admin('POST', '/api/organisations', { name, displayName: hostile, level: 'kommune' })
await organisation(kontor, 'a-amt', 'kommune', 'a-stadt')
const signIn = signInAt(kontor.url, issuer)
// Of all tables the first row is A's.
const cookies: Partial<Record<Who, string>> = {}
for (const who of Object.keys(people) as Who[]) cookies[who] = (await signIn(people[who])).cookie
const cookieOf = (who: Who) => cookies[who] ?? ''
const ask = (who: Who | undefined, method: string, path: string, body?: string): Promise<Reply> =>
  caller(kontor.url, {
    accept: 'text/html',
    'accept-language': 'en',
    ...(who === undefined ? {} : { cookie: cookieOf(who) }),
    ...(body === undefined ? {} : formHeaders),
  })(method, path, body)

// One object of each kind, of tenant A.
const anna = visitorOf(kontor.url, cookieOf('ofA'))
const none = visitorOf(kontor.url, cookieOf('none'))
const sure = (reply: Reply) => {
  if (reply.status !== 303) throw new Error(`${reply.status} ${reply.text}`)
}
const join = { organisation: 'a-stadt', role: 'viewer', message: hostile }
sure(await none.send('/registrations/join', '/registrations/join', join))
const agency = {
  displayName: hostile,
  name: 'neu',
  'contact-name': hostile,
  'contact-email': 'n@n.example',
}
sure(await none.send('/registrations/agency', '/registrations/agency', agency))
await anna.send('/invitations/new', '/invitations/new', {
  organisation: 'a-amt',
  role: 'viewer',
  email: 'x@kontor.example',
})
const authorization = `Bearer ${issuer.tokenOf(people.ofA)}`
const { id: annaId } = (await caller(kontor.url, { authorization })('GET', '/api/people/me')).body
await kontor.admin('POST', '/api/memberships', {
  person: annaId,
  organisation: 'a-stadt',
  role: 'orderer',
})
sure(await anna.send('/account/tokens/new', '/account/tokens/new', { name: hostile }))
const { text: found } = await anna.get('/catalog')
const [, plan = ''] = /name="plan"\s+value="([^"]+)"/.exec(found) ?? []
const freeze = `/comparisons/new?plan=${plan}`
const frozen = { organisation: 'a-stadt', note: hostile }
sure(await anna.send(freeze, '/comparisons/new', frozen))
const annasCall = caller(kontor.url, { authorization })
const wanted = {
  organisation: 'a-stadt',
  offering: 'nord-chat',
  plan: 'users',
  instanceName: hostile,
  purpose: hostile,
  protectionNeed: 'normal',
  parameters: { [hostile]: hostile },
}
const { body: drafted } = await annasCall('POST', '/api/orders', wanted)
// Its provider is not the one of which pia is.
const { simulator: sued } = await kontor.addProvider('sued')
await kontor.admin('PATCH', '/api/providers/sued', { displayName: hostile })
const platform = await createPlatform(kontor, 'a-platform', { organisation: 'a-stadt' })
const database = await kontor.find('sued', 'db', 'small')
const context = { platform: 'cloudfoundry', instance_name: hostile }
const instancePath = '/v2/service_instances/a-instance'
await platform.call('PUT', instancePath, { ...database, ...here, context })
await platform.call('PUT', `${instancePath}/service_bindings/a-binding`, database)
const { body: ordered } = await annasCall('POST', '/api/orders', {
  ...wanted,
  offering: database.service_id,
  plan: database.plan_id,
})
const submitted = await annasCall('POST', `/api/orders/${ordered.number}/submit`, {})
if (submitted.status >= 300) throw new Error(submitted.text)
sued.faults.add({ on: 'update', times: 1, do: { status: 400, body: { description: hostile } } })
const change = { parameters: { size: 2 } }
const refused = await annasCall('POST', `/api/orders/${ordered.number}/change`, change)
if (refused.status !== 400) throw new Error(refused.text)
const { items: instancesOfA } = (await annasCall('GET', '/api/instances')).body
for (const { id } of instancesOfA) {
  const described = await annasCall('PATCH', `/api/instances/${id}`, { owner: hostile })
  if (described.status >= 300) throw new Error(described.text)
}
const concealed = 'nord-odd'
await kontor.admin('POST', '/api/visibility-rules', {
  effect: 'deny',
  who: { organisation: 'b-stadt' },
  what: { offering: concealed },
  reason: 'It is for A.',
  conceal: true,
})

// The part of a path before an id -> the table with the row of tenant A.
const tables: Readonly<Record<string, string>> = {
  roles: 'memberships',
  members: 'memberships',
  tokens: 'api_tokens',
  comparisons: 'plan_comparisons',
}
const queries: Readonly<Record<string, string>> = {
  '/catalog/compare': `?plan=${plan}`,
  '/catalog/compare.csv': `?plan=${plan}`,
  '/comparisons/new': `?plan=${plan}`,
}
const unknownId = '01a2078b-fbbe-7b44-b497-56d4ba8d5a71'
// Parts of paths that are no ids: one that tenant A has, and one that does not exist.
const nothing = [concealed, 'nord-none'] as const
const named: Readonly<Record<string, readonly [known: string, unknown: string]>> = {
  offering: nothing,
  issuer: nothing,
  language: nothing,
  code: ['not_found', 'nord-none'],
  number: [drafted.number as string, '26-2222-2222'],
}
// What can be done only with an order that is submitted, and its page, which then has more on it.
const ofSubmitted = /\/orders\/:number(?:$|\/change|\/cancel|\/withdraw)/
// They lead on, or are for those who have not signed in.
const isElsewhere = /^GET \/(?:sign-in|language)/
// Of an order whose instance has ended only.
const isOfEnded = /^GET \/orders\/:number\/certificate/
// What a platform ordered can be read here, and no more.
const isOfPlatforms = /^GET \/(?:instances\/:id\/bind|bindings\/:id\/delete)$/

interface Address {
  readonly key: string
  readonly method: string
  readonly permission: PagePermission
  /** With the ids of A's objects. */
  readonly path: string
  readonly unknown: string
}

async function addressOf(key: string): Promise<Address> {
  const [method = '', url = ''] = key.split(' ')
  const { permission } = pages[key] ?? { permission: 'public' }
  let [path, unknown] = [url, url]
  for (const [, segment = '', name = ''] of url.matchAll(/([\w-]+)\/:(\w+)/g)) {
    const given = named[name] ?? [await idIn(tables[segment] ?? segment), unknownId]
    const known = ofSubmitted.test(url) ? (ordered.number as string) : given[0]
    path = path.replace(`:${name}`, known)
    unknown = unknown.replace(`:${name}`, given[1])
  }
  const query = queries[url] ?? ''
  return { key, method, permission, path: path + query, unknown: unknown + query }
}

/** Of A's row: A's are made first. */
async function idIn(table: string): Promise<string> {
  const { rows } = await sql<{
    id: string
  }>`select id::text from ${sql.table(table)} order by id limit 1`.execute(db)
  if (rows[0] === undefined) throw new Error(`This test must make a row of tenant A in ${table}.`)
  return rows[0].id
}

const addresses = await Promise.all(Object.keys(pages).map(addressOf))
const forPeople = addresses.filter(({ permission }) => Array.isArray(permission))

const rolesOf: Readonly<Record<Who, readonly Role[]>> = {
  ofA: ['agency', 'member', 'person'],
  ofB: ['agency', 'member', 'person'],
  operator: ['operator', 'person'],
  auditor: ['auditor', 'person'],
  provider: ['provider', 'person'],
  none: ['person'],
}
const everybody = Object.keys(people) as Who[]
const mayAsk = (who: Who, { permission }: Address) =>
  (permission as readonly Role[]).some((role) => rolesOf[who].includes(role))

/** What a form of any page may hold, with the token of a session. */
async function formOf(who: Who): Promise<string> {
  const { text } = await ask(who, 'GET', '/account')
  const [, token = ''] = /name="_token" value="([^"]+)"/.exec(text) ?? []
  return new URLSearchParams({
    _token: token,
    role: 'administrator',
    given: 'administrator',
    organisation: 'b-stadt',
    name: 'taken',
    reason: 'taken',
  }).toString()
}

/** All rows of all tables but the audit log, without what each request may write. */
async function everything(): Promise<unknown> {
  const { rows } = await sql<{
    name: string
  }>`select tablename as name from pg_tables where schemaname = 'public'
    and tablename not like 'audit%' order by 1`.execute(db)
  return Promise.all(
    rows.map(async ({ name }) => {
      const digest =
        await sql`select count(*) || ' ' || coalesce(md5(string_agg(line, ',' order by line)), '')
        as digest from (select (to_jsonb(each) - 'last_used_at' - 'seen_at')::text as line
        from ${sql.table(name)} as each) as lines`.execute(db)
      return [name, digest.rows]
    }),
  )
}

/** A response without what may differ: its date, and the ids in the address that was asked for. */
function seen({ status, headers, text }: Reply, { path, unknown }: Address): unknown {
  const { date: _date, 'content-length': _length, ...kept } = headers
  const [own, others] = [path.split(/[/?]/), unknown.split(/[/?]/)]
  const names = own.flatMap((part, at) => (part === others[at] ? [] : [part, others[at] ?? part]))
  const without = (value: string) => names.reduce((rest, name) => rest.replaceAll(name, ''), value)
  return { status, headers: without(JSON.stringify(kept)), text: without(text) }
}

t.test('who has not signed in, or lacks the role, gets no page and changes nothing', async (t) => {
  const before = await everything()
  for (const address of forPeople) {
    const { key, method, path } = address
    const unknown = await ask(undefined, method, path, method === 'GET' ? undefined : 'a=b')
    if (method === 'GET')
      t.match(unknown.headers.location, /^\/sign-in\?return=/, `${key} without a session`)
    else t.ok([401, 403].includes(unknown.status), `${key} without a session`)
    for (const who of everybody.filter((each) => !mayAsk(each, address))) {
      const body = method === 'GET' ? undefined : await formOf(who)
      t.equal((await ask(who, method, path, body)).status, 403, `${key} as ${who}`)
    }
  }
  t.strictSame(await everything(), before, 'nothing has changed')
})

t.test('a form of another site, or without the token of its session, does nothing', async (t) => {
  const before = await everything()
  for (const address of forPeople.filter(({ method }) => method !== 'GET')) {
    const [who = 'operator'] = everybody.filter((each) => mayAsk(each, address))
    const body = await formOf(who)
    const sendAs = (headers: Record<string, string>, sent: string) =>
      caller(kontor.url, {
        accept: 'text/html',
        cookie: cookieOf(who),
        ...formHeaders,
        ...headers,
      })('POST', address.path, sent)
    for (const [why, reply] of [
      ['no token', await sendAs({}, 'a=b')],
      ['the token of another', await sendAs({}, await formOf(who === 'ofB' ? 'ofA' : 'ofB'))],
      ['another site', await sendAs({ 'sec-fetch-site': 'cross-site' }, body)],
      ['another origin', await sendAs({ 'sec-fetch-site': '', origin: 'https://x.example' }, body)],
    ] as const)
      t.equal(reply.status, 403, `${address.key}: ${why}`)
  }
  t.strictSame(await everything(), before, 'nothing has changed')
})

t.test('an object of another tenant looks exactly like one that does not exist', async (t) => {
  const before = await everything()
  let compared = 0
  for (const address of forPeople.filter(({ path, unknown }) => path !== unknown))
    for (const who of ['ofB', 'provider', 'none'] as const) {
      if (!mayAsk(who, address) || isOwn(who, address)) continue
      const body = address.method === 'GET' ? undefined : await formOf(who)
      const answer = async (path: string) => {
        const reply = await ask(who, address.method, path, body)
        return { status: reply.status, seen: seen(reply, address) }
      }
      const foreign = await answer(address.path)
      t.ok([403, 404].includes(foreign.status), `${address.key} by ${who}: ${foreign.status}`)
      t.strictSame(foreign, await answer(address.unknown), `${address.key} by ${who}`)
      compared++
    }
  t.ok(compared >= 15, `${compared} were compared`)
  t.strictSame(await everything(), before, 'nothing has changed')
})

/** What nora has asked for, and the offerings of the provider. */
function isOwn(who: Who, { path }: Address): boolean {
  const [, first] = path.split('/')
  return (
    (who === 'none' && first === 'registrations') || (who === 'provider' && first === 'catalog')
  )
}

t.test('lists contain nothing of another tenant', async (t) => {
  const marks = [
    'a-stadt',
    'a-amt',
    'a-platform',
    'a-binding',
    'anna',
    'nora',
    concealed,
    drafted.number as string,
    ordered.number as string,
  ]
  for (const table of ['memberships', 'invitations', 'api_tokens', 'plan_comparisons', 'instances'])
    marks.push(await idIn(table))
  for (const address of forPeople.filter(
    ({ method, path, unknown }) => method === 'GET' && path === unknown,
  ))
    for (const who of ['ofB', 'provider'] as const) {
      if (!mayAsk(who, address)) continue
      const { status, text } = await ask(who, 'GET', address.path)
      t.ok([200, 404].includes(status), `${address.key} as ${who}: ${status}`)
      // A provider keeps its own offerings.
      const hidden = who === 'provider' ? marks.filter((mark) => mark !== concealed) : marks
      t.strictSame(
        hidden.filter((mark) => text.includes(mark)),
        [],
        `${address.key} as ${who}`,
      )
    }
})

t.test('no page is framed, stored, or lets in what a person or a provider wrote', async (t) => {
  let escaped = 0
  for (const { key, path, permission } of addresses.filter(({ method }) => method === 'GET')) {
    const who = rolesOf.ofA.some((role) => permission.includes(role)) ? 'ofA' : 'operator'
    const { status, headers, text } = await ask(who, 'GET', path)
    const expected = isOfPlatforms.test(key) ? 403 : isOfEnded.test(key) ? 409 : 200
    if (!isElsewhere.test(key)) t.equal(status, expected, key)
    t.match(headers['content-security-policy'], "frame-ancestors 'none'", key)
    t.match(headers['content-security-policy'], "script-src 'self'; style-src 'self'", key)
    t.match(headers, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }, key)
    if (!String(headers['content-type']).startsWith('text/html')) continue
    t.notMatch(
      text,
      /<img src=x|<script(?! type="module" src="\/assets)|\sonerror=(?!&)|<style|\sstyle=/,
      key,
    )
    if (/&(?:lt|#60);script/.test(text)) escaped++
  }
  t.ok(escaped >= 15, `${escaped} pages show such a text`)
})

const browser = await startBrowser(t)
t.test(
  'each page passes axe, in German and light or in English and dark',
  needs(browser),
  async (t) => {
    if (browser === undefined) return
    const [name = '', value = ''] = cookieOf('ofA').split('=')
    const windows = await Promise.all(
      (
        [
          { language: 'de', colorScheme: 'light' },
          { language: 'en', colorScheme: 'dark' },
        ] as const
      ).map(async (look) => {
        const window = await openWindow(browser, look)
        t.teardown(() => window.close())
        await window.addCookies([{ name, value, url: kontor.url }])
        return window.newPage()
      }),
    )
    let shown = 0
    for (const { key, path } of addresses.filter(({ method }) => method === 'GET')) {
      const { status, headers } = await ask('ofA', 'GET', path)
      const isHtml = String(headers['content-type']).startsWith('text/html')
      const page = windows[shown++ % windows.length]
      if (page === undefined || status >= 300 || !isHtml) continue
      await page.goto(`${kontor.url}${path}`)
      t.match(await page.title(), / - Kontor$/, key)
      await glanceAt(t, page, key)
    }
  },
)
