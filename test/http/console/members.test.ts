// What administrators do about people, and people about themselves, through the forms of the
// console as a browser without JavaScript sends them.
import t from 'tap'
import { startDemoIssuer } from '../../../tools/demo-issuer/start.ts'
import { organisation } from '../../access/tenants.ts'
import { listedCatalog } from '../../marketplace/listed-catalog.ts'
import { needs, openWindow, startBrowser } from '../../support/browser.ts'
import { createKeyboard } from '../../support/keyboard.ts'
import { caller, startKontor } from '../../support/kontor.ts'
import { writeOidcFile } from '../../support/oidc-file.ts'
import {
  formHeaders,
  signInAt,
  visitorOf,
  type Person,
  type Visitor,
} from '../../support/sign-in.ts'

t.setTimeout(60_000)

const [anna, max, neu, otto] = [
  { subject: 'anna', name: 'Anna Amt', roles: ['agency'], organisations: ['stadt'] },
  { subject: 'max', name: 'Max Muster', roles: [], organisations: [] },
  { subject: 'neu', name: 'Nele Neu', roles: [], organisations: [] },
  { subject: 'otto', name: 'Otto Betrieb', roles: ['operator'], organisations: [] },
].map((each) => ({
  ...each,
  email: `${each.subject}@kontor.example`,
  place: 'Stadt',
  part: { de: 'arbeitet', en: 'works' },
  providers: [],
}))
if (anna === undefined || max === undefined || neu === undefined || otto === undefined)
  throw new Error('no person')
const issuer = await startDemoIssuer({ port: 0, people: [anna, max, neu, otto] })
t.teardown(() => issuer.stop())
const kontor = await startKontor(t, {
  worker: false,
  environment: { KONTOR_OIDC_FILE: await writeOidcFile(t, issuer.settings) },
})
issuer.setKontor(kontor.url)
await kontor.addProvider('nord', { catalog: listedCatalog('nord') })
const stadt = await organisation(kontor, 'stadt', 'kommune')
await organisation(kontor, 'amt', 'kommune', 'stadt')
const signIn = signInAt(kontor.url, issuer)
const open = async (person: Person) => {
  const { cookie } = await signIn(person)
  return { ...visitorOf(kontor.url, cookie), cookie }
}
/** The page before an end: what leads to it is a link, and no button that ends it at once. */
const asksFirst = async ({ get }: Pick<Visitor, 'get'>, page: string, path: string) => {
  const { text } = await get(page)
  if (text.includes(`action="${path}"`) || !text.includes(`href="${path}"`))
    throw new Error(`${page} has no link to ${path}, or a button for it.`)
  return (await get(path)).text
}
const items = async (path: string) => (await kontor.admin('GET', path)).body.items
const invited = { organisation: 'stadt', role: 'orderer', expiresInDays: '7' }

t.test('an administrator invites a person, who has the role after the sign-in', async (t) => {
  const admin = await open(anna)
  const form = await admin.form('/invitations/new', '/invitations/new')
  for (const [name, value] of Object.entries({ ...invited, subject: 'max' })) form.fill(name, value)
  for (const sending of ['first', 'second']) {
    const sent = await admin.post('/invitations/new', form)
    t.match(sent, { status: 303, headers: { location: '/invitations' } }, sending)
  }
  const [invitation, ...others] = await items('/api/invitations')
  t.match(invitation, { subject: 'max', role: 'orderer', state: 'open', issuer: issuer.url })
  t.strictSame(others, [], 'a double click invites once')
  t.match((await admin.get('/invitations')).text, /max \([^)]+\)[^]*open[^]*Withdraw/)

  const again = await admin.send('/invitations/new', '/invitations/new', {
    ...invited,
    subject: 'max',
  })
  t.equal(again.status, 400, 'another form for the same')
  t.match(again.text, /role="alert"[^]*The same invitation is open already/)
  t.match(again.text, /name="subject"[^>]*value="max"/, 'what was entered stays')
  const days = { ...invited, expiresInDays: '31', email: 'eva@kontor.example' }
  const wrong = await admin.send('/invitations/new', '/invitations/new', days)
  t.match(wrong.text, /id="expiresInDays"[^>]*aria-invalid="true"/s)
  t.match(wrong.text, /href="#expiresInDays"/, 'the summary leads to the field')

  const member = await open(max)
  t.match((await member.get('/account')).text, /stadt[^]*Order[^]*Give up/)
  t.match((await admin.get('/invitations')).text, 'accepted')
})

t.test('people choose of what they get mail, and read that no mail server is set', async (t) => {
  const member = await open(max)
  t.match((await member.get('/account')).text, /Mail from Kontor[^]*no mail server is set up/)
  const all = (await member.form('/account', '/account/notifications')).send()
  t.equal(all.getAll('kind').length, 5, 'all are on')
  const sent = await member.send('/account', '/account/notifications', { kind: 'order-failed' })
  t.match(sent, { status: 303, headers: { location: '/account#mail' } })
  const few = (await member.form('/account', '/account/notifications')).send()
  t.strictSame(few.getAll('kind'), ['order-failed'])
})

t.test('an invitation that was withdrawn gives nothing', async (t) => {
  const admin = await open(anna)
  const given = { ...invited, role: 'approver', email: 'max@kontor.example' }
  await admin.send('/invitations/new', '/invitations/new', given)
  const [{ id }] = await items('/api/invitations')
  const revoke = `/invitations/${id}/revoke`
  const question = await asksFirst(admin, '/invitations', revoke)
  t.match(question, /Withdraw the invitation for max@[^]*stadt[^]*Approve[^]*open/)
  t.match((await visitorOf(kontor.url, admin.cookie, 'de').get(revoke)).text, 'Einladung für max@')
  t.equal((await items('/api/invitations'))[0].id, id, 'the question withdraws nothing')
  const sent = await admin.send(revoke, revoke)
  t.match(sent, { status: 303, headers: { location: '/invitations' } })
  t.notMatch((await (await open(max)).get('/account')).text, 'Approve')
})

t.test('roles are changed, given and taken, and people leave', async (t) => {
  const admin = await open(anna)
  const [{ id }] = await items('/api/memberships?organisation=stadt')
  const page = `/members/${id}`
  t.match((await admin.get('/members')).text, `href="${page}"`)
  await admin.send(page, `${page}/change`, { role: 'viewer' })
  const given = { organisation: 'amt', given: 'approver' }
  const gave = await admin.send(page, `${page}/give`, given)
  t.match(gave, { status: 303, headers: { location: /^\/members\/[0-9a-f-]{36}$/ } })
  const rolesOf = async () =>
    (await items('/api/memberships')).map(
      (each: { role: string; organisation: { name: string } }) =>
        `${each.role} ${each.organisation.name}`,
    )
  t.strictSame(await rolesOf(), ['approver amt', 'viewer stadt'])
  t.match((await admin.get('/members?organisation=amt')).text, 'Approve')
  t.notMatch(
    (await admin.get('/members?organisation=amt')).text,
    '<td class="kern-table__cell">Read',
  )
  const taken = String(gave.headers.location)
  const question = await asksFirst(admin, taken, `${taken}/remove`)
  t.match(question, /Max Muster: take the role[^]*Approve[^]*amt[^]*It ends at once/)
  t.equal((await rolesOf()).length, 2, 'the question takes nothing')
  const took = await admin.send(`${taken}/remove`, `${taken}/remove`)
  t.match(took, { status: 303, headers: { location: '/members' } })
  t.equal((await admin.get(taken)).status, 404)

  const member = await open(max)
  t.equal((await member.get('/members')).status, 403, 'a viewer keeps no members')
  t.notMatch((await member.get('/account')).text, 'href="/members"')
  const leave = `/account/roles/${id}/leave`
  t.match(
    await asksFirst(member, '/account', leave),
    /Give up the role[^]*stadt[^]*It ends at once/,
  )
  t.equal((await (await open(anna)).get(leave)).status, 404, 'the role of another person')
  t.strictSame(await rolesOf(), ['viewer stadt'], 'the question takes nothing')
  const left = await member.send(leave, leave)
  t.match(left, { status: 303, headers: { location: '/account' } })
  t.strictSame(await rolesOf(), [])
})

t.test('a token is shown once, works, and ends when it is revoked', async (t) => {
  const authorization = `Bearer ${issuer.tokenOf(max)}`
  const me = await caller(kontor.url, { authorization })('GET', '/api/people/me')
  const given = { person: me.body.id, organisation: 'stadt', role: 'administrator' }
  await kontor.admin('POST', '/api/memberships', given)
  const member = await open(max)
  const form = await member.form('/account/tokens/new', '/account/tokens/new')
  for (const [name, value] of Object.entries({ name: 'Pipeline', role: 'viewer' }))
    form.fill(name, value)
  const issued = await member.post('/account/tokens/new', form)
  t.match(issued, { status: 303, headers: { location: '/account/tokens' } })
  t.notMatch(String(issued.headers['set-cookie']), 'kontor_pat_', 'the cookie is sealed')
  const shown = await member.get('/account/tokens')
  const [text = ''] = /kontor_pat_[\w-]+/.exec(shown.text) ?? []
  t.equal(text.length, 76)
  t.notMatch((await member.get('/account/tokens')).text, 'kontor_pat_', 'a reload hides it')
  const twice = await member.post('/account/tokens/new', form)
  t.match(twice, { status: 303, headers: { location: '/account/tokens' } })
  t.equal((await items('/api/tokens')).length, 1, 'a double click issues one')

  const call = caller(kontor.url, { authorization: `Bearer ${text}` })
  t.match(await call('GET', '/api/people/me'), { status: 200, body: { subject: 'max' } })
  t.equal((await call('GET', '/api/memberships')).status, 403, 'it has the role of a viewer only')
  await kontor.running.runtime.apiTokens.flush()
  t.notMatch((await member.get('/account/tokens')).text, 'never', 'the last use')

  const [{ id: only }] = await items('/api/memberships?organisation=stadt')
  for (const path of [`/account/roles/${only}/leave`, `/members/${only}/remove`]) {
    const refused = await member.send(path, path)
    t.match(refused, { status: 400, text: /role="alert"[^]*last administrator/ }, path)
  }

  const admin = await open(anna)
  t.notMatch((await admin.get('/tokens')).text, 'Pipeline', 'it counts beyond her organisations')
  await member.send('/account/tokens/new', '/account/tokens/new', {
    name: 'Bounded',
    organisation: stadt,
  })
  const list = await admin.get('/tokens')
  t.match(list.text, /Bounded[^]*Max Muster/)
  const [{ id }] = await items('/api/tokens')
  const revoke = `/tokens/${id}/revoke`
  t.match(await asksFirst(admin, '/tokens', revoke), /Revoke the API token[^]*Bounded[^]*Max Must/)
  t.equal((await items('/api/tokens')).length, 2, 'the question revokes nothing')
  await admin.send(revoke, revoke)
  const [{ id: own }, ...none] = await items('/api/tokens')
  t.strictSame(none, [])
  const ownRevoke = `/account/tokens/${own}/revoke`
  t.match(await asksFirst(member, '/account/tokens', ownRevoke), /Pipeline[^]*cannot be undone/)
  await member.send(ownRevoke, ownRevoke)
  t.equal((await call('GET', '/api/people/me')).status, 401)
})

t.test('a session keeps what it claims, and gains and loses memberships at once', async (t) => {
  const [first, second, admin] = [await open(max), await open(max), await open(anna)]
  const statuses = async () => {
    const asked = [first, admin, second].map(async ({ get }) => (await get('/members')).status)
    return Promise.all(asked)
  }
  const [{ id: former }] = await items('/api/memberships?organisation=stadt')
  await kontor.admin('DELETE', `/api/memberships/${former}`)
  t.strictSame(await statuses(), [403, 200, 403])
  const { body } = await caller(kontor.url, { authorization: `Bearer ${issuer.tokenOf(max)}` })(
    'GET',
    '/api/people/me',
  )
  const given = { person: body.id, organisation: 'amt', role: 'administrator' }
  const { id } = (await kontor.admin('POST', '/api/memberships', given)).body
  t.strictSame(await statuses(), [200, 200, 200])
  t.notMatch((await first.get('/members')).text, 'value="stadt"')
  await kontor.admin('DELETE', `/api/memberships/${id}`)
  t.strictSame(await statuses(), [403, 200, 403])
})

t.test('a comparison is frozen once, opened, and kept as CSV', async (t) => {
  const admin = await open(anna)
  const found = await admin.get('/catalog')
  const plans = Array.from(found.text.matchAll(/name="plan"\s+value="([^"]+)"/g), ([, id]) => id)
  const query = `plan=${plans[0]}&plan=${plans[1]}`
  const compared = await admin.get(`/catalog/compare?${query}`)
  t.match(compared.text, `href="/comparisons/new?plan`)
  const form = await admin.form(`/comparisons/new?${query}`, '/comparisons/new')
  form.fill('organisation', 'amt')
  form.fill('note', 'Vergabe 7')
  const frozen = await admin.post('/comparisons/new', form)
  t.match(frozen, { status: 303, headers: { location: /^\/comparisons\/[0-9a-f-]{36}$/ } })
  const again = await admin.post('/comparisons/new', form)
  t.equal(again.headers.location, frozen.headers.location, 'a double click keeps one')
  form.fill('note', 'Vergabe 8')
  const other = await admin.post('/comparisons/new', form)
  t.not(other.headers.location, frozen.headers.location, 'a form with other values keeps another')
  const path = String(frozen.headers.location)
  const page = await admin.get(path)
  t.match(page.text, /amt[^]*Vergabe 7[^]*unchanged since it was frozen/)
  t.match((await admin.get('/comparisons')).text, new RegExp(`${path}[^]*Vergabe 7`))
  const csv = await admin.get(`${path}/comparison.csv`)
  t.match(csv.headers, {
    'content-type': 'text/csv; charset=utf-8; header=absent',
    'content-disposition': 'attachment; filename="kontor-comparison.csv"',
  })
  t.match(csv.text, plans[0])
})

t.test('who sends a form without a session gets to know what to do', async (t) => {
  const call = caller(kontor.url, { accept: 'text/html', 'accept-language': 'en', ...formHeaders })
  const { status, text } = await call('POST', '/invitations/new', 'email=x')
  t.equal(status, 401)
  t.match(text, /not signed in any more[^]*nothing was saved[^]*sign in in another window/)
})

const browser = await startBrowser(t)

t.test('by keyboard alone, without JavaScript, an agency comes in', needs(browser), async (t) => {
  if (browser === undefined) return
  const enter = async (person: string, path: string) => {
    const window = await openWindow(browser, { language: 'en', javaScriptEnabled: false })
    t.teardown(() => window.close())
    const page = await window.newPage()
    const keyboard = createKeyboard(page)
    await page.goto(`${kontor.url}/sign-in?return=${path}`)
    await keyboard.press(person)
    return { page, keyboard }
  }
  const nele = await enter('Nele Neu', '/registrations')
  await nele.keyboard.press('Register an agency')
  await nele.keyboard.type('Short name', 'neustadt')
  await nele.keyboard.press('Send the request')
  await nele.page.getByRole('alert').waitFor()
  const [focused] = await nele.keyboard.focused()
  t.match(focused, 'Please check', 'the summary of the errors has the focus')
  await nele.keyboard.press('Name of the agency')
  await nele.keyboard.type('Name of the agency', 'Neustadt')
  await nele.keyboard.press('Send the request')
  await nele.page.getByRole('heading', { name: 'Register an agency: Neustadt' }).waitFor()

  const operator = await enter('Otto Betrieb', '/registrations')
  await operator.keyboard.press('Register an agency: Neustadt')
  await operator.keyboard.press('Accept')
  await operator.page.getByText('accepted').waitFor()

  await nele.page.reload()
  await nele.keyboard.press('Members')
  await nele.keyboard.press('Invite a person')
  await nele.keyboard.type('Identifier', 'max')
  await nele.keyboard.press('Invite')
  await nele.page.getByRole('rowheader', { name: /^max \(/ }).waitFor()

  await nele.keyboard.press('Catalog')
  await nele.keyboard.type('What are you looking for?', 'mesages')
  await nele.page.keyboard.press('Enter')
  await nele.page.getByRole('heading', { name: '1 service' }).waitFor()
  await nele.keyboard.tick('Compare: ', 2)
  await nele.keyboard.press('Compare selection')
  await nele.keyboard.press('Freeze the comparison')
  await nele.keyboard.press('Freeze')
  await nele.page.getByText('unchanged since it was frozen').waitFor()
  for (const { keyboard } of [nele, operator])
    t.strictSame(keyboard.withoutFocus(), [], 'the focus can be seen')
})
