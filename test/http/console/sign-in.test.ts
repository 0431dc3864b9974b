// People sign in to the console in a real browser, at a real issuer, and what others may not do
// with their sessions.
import { Registry } from 'prom-client'
import t from 'tap'
import { buildApp } from '../../../src/app.ts'
import type { Config } from '../../../src/config.ts'
import { startDemoIssuer } from '../../../tools/demo-issuer/start.ts'
import { asOwner } from '../../support/as-owner.ts'
import { checkPage, needs, openWindow, startBrowser } from '../../support/browser.ts'
import { caller, startKontor, type Reply } from '../../support/kontor.ts'
import { writeOidcFile } from '../../support/oidc-file.ts'
import { formHeaders, signInAt } from '../../support/sign-in.ts'

t.setTimeout(110_000)

const script = '<script>document.title = "taken"</script>'
const [erika, otto, mallory] = [
  { subject: 'erika', name: 'Erika Muster', roles: ['agency'], organisations: ['musterstadt'] },
  { subject: 'otto', name: 'Otto Betrieb', roles: ['operator'], organisations: [] },
  { subject: 'mallory', name: `Mallory ${script}\u202E`, roles: [], organisations: [] },
].map((each) => ({
  ...each,
  email: `${each.subject}@kontor.example`,
  place: 'Musterstadt',
  part: { de: 'arbeitet', en: 'works' },
  providers: [],
}))
if (erika === undefined || otto === undefined || mallory === undefined) throw new Error('no person')
const issuer = await startDemoIssuer({ port: 0, people: [erika, otto, mallory] })
t.teardown(() => issuer.stop())
const kontor = await startKontor(t, {
  worker: false,
  environment: { KONTOR_OIDC_FILE: await writeOidcFile(t, issuer.settings) },
})
issuer.setKontor(kontor.url)
const db = asOwner(t, kontor)
const second = await kontor.another()
const browser = await startBrowser(t)
const browse = caller(kontor.url, { accept: 'text/html', 'accept-language': 'en' })

const signIn = signInAt(kontor.url, issuer)

const account = (cookie: string, at = browse) => at('GET', '/account', undefined, { cookie })
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()
const tokenOf = ({ text }: Reply) => /name="_token" value="([^"]+)"/.exec(text)?.[1] ?? ''

t.test('a person signs in, sees the account, and signs out', needs(browser), async (t) => {
  if (browser === undefined) return
  const window = await openWindow(browser, { language: 'de', javaScriptEnabled: true })
  t.teardown(() => window.close())
  const page = await window.newPage()
  await page.goto(`${kontor.url}/accessibility`)
  await page.getByRole('link', { name: 'Anmelden' }).click()
  await checkPage(t, page, 'choice of a person')
  await page.getByRole('button', { name: /Erika Muster/ }).click()
  t.equal(page.url(), `${kontor.url}/accessibility`, 'back where the link was')
  await page.getByRole('link', { name: 'Erika Muster' }).click()
  await page.getByRole('heading', { name: 'Ihre Sitzungen' }).waitFor()
  await checkPage(t, page, 'account')
  const [cookie] = (await window.cookies(kontor.url)).filter(({ name }) => name === 'kontor')
  t.match(cookie, { httpOnly: true, sameSite: 'Lax', secure: false })
  const stolen = `kontor=${cookie?.value}`
  t.equal((await account(stolen)).status, 200)
  await page.getByRole('button', { name: 'Abmelden' }).click()
  await page.getByRole('link', { name: 'Anmelden' }).waitFor()
  t.equal(page.url(), `${kontor.url}/`)
  for (const at of [browse, caller(second.running.url ?? '', { accept: 'text/html' })])
    t.match(
      await account(stolen, at),
      { status: 303, headers: { location: '/sign-in?return=%2Faccount' } },
      'a stolen cookie is worth nothing after the sign-out, at any process',
    )
})

t.test('a sign-out at the issuer ends the session here', needs(browser), async (t) => {
  if (browser === undefined) return
  const window = await openWindow(browser, { language: 'en', javaScriptEnabled: false })
  t.teardown(() => window.close())
  const page = await window.newPage()
  await page.goto(`${kontor.url}/sign-in?return=/account`)
  await page.getByRole('button', { name: /Otto Betrieb/ }).click()
  t.equal(page.url(), `${kontor.url}/account`)
  const elsewhere = await signIn(erika)
  await page.goto(`${issuer.url}/session/end`)
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.goto(`${kontor.url}/account`)
  t.ok(page.url().startsWith(`${issuer.url}/choose/`), 'he has to sign in again')
  t.equal((await account(elsewhere.cookie)).status, 200, 'others stay')
})

t.test('a session is recent only if the issuer says so', async (t) => {
  const begun = await browse('GET', '/sign-in?fresh')
  t.match(begun.headers.location, /[?&]max_age=0(&|$)/)
  const ageOf = async (path: string) => {
    const [id = ''] = (await signIn(erika, path)).cookie.slice('kontor='.length).split('.')
    const { authenticated_at: at } = await db
      .selectFrom('sessions')
      .select('authenticated_at')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    return Date.now() - at.getTime()
  }
  t.ok((await ageOf('/sign-in?fresh')) < 60_000)
  t.ok((await ageOf('/sign-in')) > 1e12, 'it did not say')
})

t.test('a sign-in accepts invitations, and a long address is no way back', async (t) => {
  const { admin } = kontor
  t.match(
    await admin('POST', '/api/organisations', {
      name: 'einladend',
      displayName: 'Einladend',
      level: 'kommune',
    }),
    { status: 201 },
  )
  const invited = { role: 'viewer', issuer: issuer.url, subject: 'erika', expiresInDays: 1 }
  const asked = await admin('POST', '/api/invitations', { organisation: 'einladend', ...invited })
  t.match(asked, { status: 201 })
  const { landed } = await signIn(erika, `/sign-in?return=/${'a'.repeat(1_500)}`)
  t.equal(landed.status, 200, 'the start page')
  const { body } = await admin('GET', '/api/invitations')
  t.equal(body.items[0].state, 'accepted')
  const { items } = (await admin('GET', '/api/memberships?organisation=einladend')).body
  await admin('DELETE', `/api/memberships/${items[0].id}`)
})

t.test('only a logout token ends sessions', async (t) => {
  const { cookie } = await signIn(erika)
  const logout = (logout_token: string) =>
    browse('POST', '/oidc/back-channel-logout', form({ logout_token }), {
      'content-type': 'application/x-www-form-urlencoded',
    })
  for (const token of ['', 'a.b.c', issuer.tokenOf(erika)])
    t.match(await logout(token), { status: 400, body: { error: 'invalid_request' } })
  t.equal((await account(cookie)).status, 200)
})

t.test('beyond this machine the address comes from the configuration', async (t) => {
  const { runtime } = kontor.running
  const appWith = (config: Partial<Config>) =>
    buildApp({
      ...runtime,
      config: { ...runtime.config, ...config },
      // A registry has one metric of each name, and the first app has registered them there.
      metrics: { ...runtime.metrics, registry: new Registry() },
    })
  await t.rejects(appWith({ host: '0.0.0.0' }), {
    code: 'configuration',
    message: /^KONTOR_PUBLIC_URL is not set\. People sign in to the console, and Kontor listens/,
  })
  const app = await appWith({ host: '0.0.0.0', publicUrl: new URL('https://kontor.example') })
  t.teardown(() => app.close())
  const { headers } = await app.inject({ url: '/sign-in', headers: { host: 'evil.example' } })
  t.match(headers.location, 'redirect_uri=https%3A%2F%2Fkontor.example%2Fsign-in%2Freturn')
  t.match(
    headers['set-cookie'],
    /^__Host-kontor-sign-in=[^;]+; Max-Age=900; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
  const rebound = await browse('GET', '/sign-in', undefined, { host: 'evil.example' })
  t.equal(rebound.status, 400, 'the Host of a request does not say where people come back to')
})

t.test('script in a name stays text', needs(browser), async (t) => {
  if (browser === undefined) return
  const window = await openWindow(browser, { language: 'en' })
  t.teardown(() => window.close())
  const page = await window.newPage()
  await page.goto(`${kontor.url}/sign-in?return=/account`)
  await page.getByRole('button', { name: /Mallory/ }).click()
  t.equal(await page.title(), 'Your account - Kontor')
  const name = `Mallory ${script}`
  t.equal(await page.locator('.kern-description-list-item__value').first().innerText(), name)
})

t.test('each sign-in has a session of its own, and ends the one before', async (t) => {
  const planted = 'kontor=01a2078b-fbbe-7b44-b497-56d4ba8d5a71.' + 'a'.repeat(43)
  const first = await signIn(erika, '/sign-in?return=/account', planted)
  t.equal(first.landed.status, 200)
  t.not(first.cookie, planted, 'a cookie from before the sign-in is not taken over')
  const again = await signIn(erika, '/sign-in', first.cookie)
  t.not(again.cookie, first.cookie)
  t.equal((await account(first.cookie)).status, 303, 'the former session has ended')
  t.equal((await account(again.cookie)).status, 200)
  const elsewhere = await account(again.cookie, caller(second.running.url ?? '', {}))
  t.equal(elsewhere.status, 200, 'another process knows it')
})

t.test('an answer of the issuer counts only for the browser that began', async (t) => {
  const begun = await browse('GET', '/sign-in')
  const [cookie = ''] = String(begun.headers['set-cookie']).split(';')
  t.match(begun.headers['set-cookie'], /; HttpOnly; SameSite=Lax$/)
  const asked = new URL(String(begun.headers.location))
  t.match(Object.fromEntries(asked.searchParams), {
    client_id: 'kontor',
    response_type: 'code',
    code_challenge_method: 'S256',
    state: /./,
    nonce: /./,
    redirect_uri: `${kontor.url}/sign-in/return`,
  })
  const state = asked.searchParams.get('state') ?? ''
  const back = (query: string, with_ = cookie) =>
    browse('GET', `/sign-in/return?${query}`, undefined, { cookie: with_ })
  for (const [query, given] of [
    [`code=x&state=${state}&iss=${issuer.url}`, ''],
    [`code=x&state=${state}&iss=${issuer.url}`, `${cookie}x`],
    [`code=x&state=other&iss=${issuer.url}`, cookie],
    [`code=x&state=${state}&iss=https://evil.example`, cookie],
    [`code=x&state=${state}`, cookie],
    [`code=x&state=${state}&iss=${issuer.url}`, cookie],
    [`error=access_denied&error_description=<b>&state=${state}&iss=${issuer.url}`, cookie],
  ] as const) {
    const reply = await back(query, given)
    t.equal(reply.status, 400, query)
    t.notMatch(String(reply.headers['set-cookie']), /kontor=/)
    t.notMatch(reply.text, '<b>')
  }
})

t.test('a sign-in leads to no other site', async (t) => {
  for (const path of ['//evil.example', 'https://evil.example', '/\\evil.example'])
    t.equal(
      (await signIn(erika, `/sign-in?return=${encodeURIComponent(path)}`)).landed.status,
      200,
      path,
    )
})

t.test('a form of another site, or without the token of the session, does nothing', async (t) => {
  const { cookie } = await signIn(erika)
  const token = tokenOf(await account(cookie))
  const other = tokenOf(await account((await signIn(otto)).cookie))
  const send = (headers: Record<string, string>, fields: Record<string, string>) =>
    browse('POST', '/sign-out', form(fields), { ...formHeaders, cookie, ...headers })
  for (const [headers, fields, why] of [
    [{ 'sec-fetch-site': 'cross-site' }, { _token: token }, 'another site'],
    [{ 'sec-fetch-site': 'same-site' }, { _token: token }, 'another host of the site'],
    [{ 'sec-fetch-site': 'none' }, { _token: token }, 'no page'],
    [{ 'sec-fetch-site': '', origin: 'https://evil.example' }, { _token: token }, 'old browser'],
    [{ 'sec-fetch-site': '', origin: 'null' }, { _token: token }, 'hidden origin'],
    [{ 'sec-fetch-site': '' }, { _token: token }, 'neither header'],
    [{}, {}, 'no token'],
    [{}, { _token: other }, 'the token of another session'],
  ] as const)
    t.equal((await send(headers, fields)).status, 403, why)
  t.equal((await account(cookie)).status, 200, 'the session is still there')
  const old = await send({ 'sec-fetch-site': '', origin: kontor.url }, { _token: token })
  t.equal(old.status, 303, 'a browser without Sec-Fetch-Site sends Origin')
  t.equal((await account(cookie)).status, 303)
})

t.test('people end their own sessions and no others', async (t) => {
  const [here, there, others] = [await signIn(erika), await signIn(erika), await signIn(otto)]
  const page = await account(here.cookie)
  const idOf = ({ cookie }: { cookie: string }) => cookie.slice('kontor='.length).split('.')[0]
  t.match(page.text, `/account/sessions/${idOf(there)}/end`)
  t.notMatch(page.text, idOf(others) ?? '-')
  const end = (id: string | undefined) =>
    browse('POST', `/account/sessions/${id}/end`, form({ _token: tokenOf(page) }), {
      ...formHeaders,
      cookie: here.cookie,
    })
  for (const id of [idOf(others), 'nothing', '01a2078b-fbbe-7b44-b497-56d4ba8d5a71'])
    t.equal((await end(id)).status, 404, 'one of another looks like none')
  t.match(await end(idOf(there)), { status: 303, headers: { location: '/account' } })
  t.equal((await account(there.cookie)).status, 303)
  t.equal((await account(others.cookie)).status, 200)
})

t.test('a page that asks by itself keeps no session alive', async (t) => {
  const { cookie } = await signIn(erika)
  const [id = ''] = cookie.slice('kontor='.length).split('.')
  const past = new Date(Date.now() - 600_000)
  await db.updateTable('sessions').set({ last_used_at: past }).where('id', '=', id).execute()
  const usedAfter = async (headers: Record<string, string>) => {
    const reply = await browse('GET', '/account', undefined, { cookie, ...headers })
    t.equal(reply.status, 200)
    const row = db.selectFrom('sessions').select('last_used_at').where('id', '=', id)
    return (await row.executeTakeFirstOrThrow()).last_used_at
  }
  t.strictSame(await usedAfter({ 'kontor-live': '1' }), past)
  t.strictSame(await usedAfter({ 'sec-fetch-dest': 'empty' }), past)
  t.ok((await usedAfter({ 'sec-fetch-dest': 'document' })) > past, 'a person keeps it')
})

t.test('a session is nothing to the management API', async (t) => {
  const { cookie } = await signIn(otto)
  for (const path of ['/api/providers', '/api/people/me', '/v2/catalog'])
    t.equal((await browse('GET', path, undefined, { cookie })).status, 401, path)
})

t.test('the database has no secret of a session, and SQL makes or changes none', async (t) => {
  const { cookie } = await signIn(erika)
  const [id = '', secret = ''] = cookie.slice('kontor='.length).split('.')
  const row = () =>
    db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  t.notMatch(JSON.stringify(await row()), secret)
  const { person_id: operator } = await db
    .selectFrom('sessions')
    .select('person_id')
    .where('subject', '=', 'otto')
    .executeTakeFirstOrThrow()
  const before = await row()
  for (const change of [
    { person_id: operator, subject: 'otto' },
    { claimed: JSON.stringify({ ...(before.claimed as object), duties: ['operator'] }) },
    { expires_at: new Date(Date.now() + 1e10) },
    { authenticated_at: new Date(Date.now() + 1e6) },
  ]) {
    await db.updateTable('sessions').set(change).where('id', '=', id).execute()
    t.equal((await account(cookie)).status, 303, Object.keys(change).join())
    const kept = { ...before, claimed: JSON.stringify(before.claimed) }
    await db.updateTable('sessions').set(kept).where('id', '=', id).execute()
    t.equal((await account(cookie)).status, 200)
  }
  for (const wrong of [secret.replace(/^./, (a) => (a === 'A' ? 'B' : 'A')), '', `${secret}A`])
    t.equal((await account(`kontor=${id}.${wrong}`)).status, 303)
})

t.test('requests that are done hide none that waits, and all can be reached', async (t) => {
  const { cookie } = await signIn(otto)
  const { person_id } = await db
    .selectFrom('sessions')
    .select('person_id')
    .where('subject', '=', 'otto')
    .executeTakeFirstOrThrow()
  const rows = Array.from({ length: 102 }, (_, number) => ({
    // In this order.
    id: `01a2078b-fbbe-7b44-b497-${String(number).padStart(12, '0')}`,
    person_id,
    kind: 'join',
    organisation: `agency-${number}-`,
    role: 'viewer',
    state: number === 0 ? 'pending' : 'withdrawn',
    decided_at: number === 0 ? null : new Date(),
    created_at: new Date(),
  }))
  await db.insertInto('registrations').values(rows).execute()
  const open = (path: string) => browse('GET', path, undefined, { cookie })
  const first = await open('/registrations')
  t.match(first.text, 'agency-0-')
  const [, next = ''] = /href="(\/registrations\?done[^"]+)"/.exec(first.text) ?? []
  const older = await open(next.replaceAll('&#61;', '='))
  t.match(older.text, 'agency-1-')
  t.notMatch(older.text, 'agency-0-')
  const ids = rows.map(({ id }) => id)
  await db.deleteFrom('registrations').where('id', 'in', ids).execute()
})
