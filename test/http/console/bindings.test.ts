// The pages of instances, and of bindings: made, revealed, replaced and deleted by people who may
// order.
import pg from 'pg'
import t from 'tap'
import { startDemoIssuer } from '../../../tools/demo-issuer/start.ts'
import { organisation } from '../../access/tenants.ts'
import { shopCatalog, wanted } from '../../orders/shop.ts'
import { checkPage, glanceAt, needs, openWindow, startBrowser } from '../../support/browser.ts'
import { caller, here, startKontor, until } from '../../support/kontor.ts'
import { writeOidcFile } from '../../support/oidc-file.ts'
import { signInAt, visitorOf } from '../../support/sign-in.ts'
import { createPlatform } from '../../tenancy/platforms.ts'

t.setTimeout(110_000)

const person = (subject: string, ...organisations: string[]) => ({
  subject,
  name: subject,
  email: `${subject}@kontor.example`,
  roles: organisations.length === 0 ? [] : ['agency'],
  organisations,
  place: 'Stadt',
  part: { de: 'arbeitet', en: 'works' },
  providers: [] as string[],
})
const [erika, max, dora] = [person('erika', 'stadt'), person('max'), person('dora', 'dorf')]
const olga = { ...person('olga'), roles: ['provider'], providers: ['empty'] }
const issuer = await startDemoIssuer({ port: 0, people: [erika, max, dora, olga] })
t.teardown(() => issuer.stop())
const kontor = await startKontor(t, {
  environment: { KONTOR_OIDC_FILE: await writeOidcFile(t, issuer.settings) },
})
issuer.setKontor(kontor.url)
const [chat] = shopCatalog().services
if (chat === undefined) throw new Error('The shop is empty.')
const parameters = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['rights'],
  properties: { rights: { title: 'Rights', enum: ['read', 'write'] } },
}
const nord = await kontor.addProvider('nord', {
  catalog: {
    services: [
      {
        ...chat,
        plans: chat.plans.map((plan) => ({
          ...plan,
          ...(plan.name === 'large'
            ? { binding_rotatable: true, schemas: { service_binding: { create: { parameters } } } }
            : {}),
        })),
      },
    ],
  },
  behaviours: { '*': { mode: 'sync' } },
})
for (const name of ['stadt', 'dorf']) await organisation(kontor, name, 'kommune')
const tokens = (who: typeof erika) =>
  caller(kontor.url, { authorization: `Bearer ${issuer.tokenOf(who)}` })
const { body: viewer } = await tokens(max)('GET', '/api/people/me')
const role = { person: viewer.id, organisation: 'stadt', role: 'viewer' }
await kontor.admin('POST', '/api/memberships', role)

const instanceOf = async (plan: string) => {
  const call = tokens(erika)
  const { body } = await call('POST', '/api/orders', { ...wanted, plan, costCentre: null })
  const { status, text } = await call('POST', `/api/orders/${body.number}/submit`, {})
  if (status !== 200) throw new Error(text)
  const query = `instanceId=${body.instance.id}`
  return (await call('GET', `/api/instances?${query}`)).body.items[0].id as string
}
const bindingsOf = async (instance: string) =>
  (await tokens(erika)('GET', `/api/bindings?instance=${instance}`)).body.items as Array<{
    id: string
    bindingId: string
    predecessorId: string | null
  }>
const revealed = async () =>
  (await kontor.admin('GET', '/api/audit/events?action=credentials.revealed')).body
    .items as unknown[]

const signIn = signInAt(kontor.url, issuer)
const visit = async (who: typeof erika, path?: string) =>
  visitorOf(kontor.url, (await signIn(who, path)).cookie)
const stale = await visit(erika)
const fresh = await visit(erika, '/sign-in?fresh=1')

const small = await instanceOf('small')
const hostile = `"><script>document.title='taken'</script>`

t.test('credentials are shown after a recent sign-in only, and each time recorded', async (t) => {
  nord.simulator.faults.add({
    on: 'bind',
    times: 1,
    do: {
      status: 201,
      body: {
        credentials: { uri: hostile, nested: { hosts: [{ name: 'deep' }] }, empty: {} },
        metadata: {
          expires_at: '2199-01-01T00:00:00.0Z',
          renew_before: '2020-01-01T00:00:00.0Z',
        },
      },
    },
  })
  const bind = `/instances/${small}/bind`
  t.match((await fresh.get(`/instances/${small}`)).text, `href="${bind}"`)
  t.equal((await fresh.send(bind, bind)).status, 303)
  const [binding] = await bindingsOf(small)
  const path = `/bindings/${binding?.id}`
  const target = `${path}/credentials`
  const page = await stale.get(path)
  t.match(page.text, `/sign-in?fresh&#61;1&#38;return&#61;${encodeURIComponent(path)}`)
  t.notMatch(page.text, `action="${target}"`)
  t.match(page.text, 'asks you to renew the credentials now')
  const token = await stale.form(`${path}/delete`, `${path}/delete`)
  t.match(await stale.post(target, token), { status: 403 }, 'the sign-in is not recent')
  t.equal((await revealed()).length, 0)

  const shown = await fresh.send(path, target)
  t.match(shown, { status: 200, headers: { 'cache-control': 'no-store' } })
  t.match(shown.text, '&#34;&#62;&#60;script&#62;')
  t.notMatch(shown.text, hostile)
  t.match(shown.text, /nested\/hosts\/0\/name<\/strong>[^]*>deep<\/code>[^]*>\{\}<\/code>/)
  t.match(await revealed(), [{ actor: /erika/, objectId: binding?.bindingId }])
  await fresh.send(path, target)
  t.equal((await revealed()).length, 2)

  for (const [who, status] of [
    [max, 403],
    [dora, 404],
  ] as const) {
    const other = await visit(who, '/sign-in?fresh=1')
    const own = await other.form('/account', '/sign-out')
    t.equal((await other.post(target, own)).status, status, who.subject)
    // A form without the key of this page is refused before it is read.
    t.equal((await other.post(`${path}/rotate`, own)).status, 403, who.subject)
    t.equal((await other.post(`${path}/delete`, own)).status, status, who.subject)
    t.equal((await other.post(bind, own)).status, status, who.subject)
  }
  t.notMatch((await (await visit(max)).get(path)).text, `${path}/delete`, 'a viewer only reads')
  t.equal((await revealed()).length, 2)
})

t.test('orderers change labels on the page of an instance, others see no form', async (t) => {
  const page = `/instances/${small}`
  const target = `${page}/labels`
  const labels = async () =>
    (await kontor.admin('GET', `/api${page}`)).body.labels as Record<string, string>
  const send = (text: string) => fresh.send(page, target, { labels: text })
  const saved = await send('env=prod\nteam=akten\n')
  t.match(saved, { status: 303, headers: { location: page } })
  t.strictSame(await labels(), { env: 'prod', team: 'akten' })

  const form = await fresh.form(page, target)
  t.match(form.text, 'env=prod\nteam=akten', 'it begins with what is there')
  await tokens(erika)('PATCH', `/api${page}`, { labels: { meanwhile: 'set' } })
  form.fill('labels', 'env=test')
  t.equal((await fresh.post(target, form)).status, 303)
  t.strictSame(await labels(), { env: 'test', meanwhile: 'set' }, 'what it did not show stays')

  for (const text of ['env', 'env=a\nenv=b', `env=${hostile}`, '-=a']) {
    const refused = await send(text)
    t.equal(refused.status, 400, text)
    t.match(refused.text, /id="labels"[^>]*aria-invalid="true"[^]*Each line is key/, text)
    t.notMatch(refused.text, hostile)
  }
  t.match((await send('env')).text, />\s*env<\/textarea>/, 'what was entered stays')
  t.strictSame(await labels(), { env: 'test', meanwhile: 'set' })

  const viewing = await visit(max)
  t.notMatch((await viewing.get(page)).text, target)
  for (const [who, status] of [
    [viewing, 403],
    [await visit(dora), 404],
  ] as const) {
    const own = await who.form('/account', '/sign-out')
    t.equal((await who.post(target, own)).status, status)
  }
})

t.test('what another platform ordered is only shown', async (t) => {
  const platform = await createPlatform(kontor, 'cloud', { organisation: 'stadt' })
  const plan = await kontor.find('nord', 'chat', 'small')
  const at = '/v2/service_instances/elsewhere'
  await platform.call('PUT', at, { ...plan, ...here, parameters: { users: 1 } })
  await platform.call('PUT', `${at}/service_bindings/elsewhere`, plan)
  const { items } = (await tokens(erika)('GET', '/api/bindings?bindingId=elsewhere')).body
  const path = `/bindings/${items[0].id}`
  const { text } = await fresh.get(path)
  t.match(text, 'through the platform cloud')
  t.notMatch(text, `action="${path}`)
  const own = await fresh.form('/account', '/sign-out')
  for (const act of ['credentials', 'rotate', 'delete'])
    t.equal((await fresh.post(`${path}/${act}`, own)).status, 403, act)
  t.equal((await fresh.get(`/instances/${items[0].instance.id}/bind`)).status, 403)
})

t.test('a provider that rotates makes a successor, and the old one is deleted', async (t) => {
  const large = await instanceOf('large')
  const bind = `/instances/${large}/bind`
  t.match(await fresh.send(bind, bind), { status: 400, text: /Rights/ }, 'a parameter is missing')
  const opened = await fresh.form(bind, bind)
  opened.fill('/rights', 'read')
  t.equal((await fresh.post(bind, opened)).status, 303)
  t.equal((await fresh.post(bind, opened)).status, 303, 'a double click')
  const [old, ...others] = await bindingsOf(large)
  t.strictSame(others, [], 'is one binding')
  const path = `/bindings/${old?.id}`
  t.equal((await fresh.send(path, `${path}/rotate`)).status, 303)
  const both = await bindingsOf(large)
  t.equal(both.length, 2, 'they overlap')
  const successor = both.find(({ predecessorId }) => predecessorId === old?.id)
  t.ok(successor)
  t.match(await fresh.send(`${path}/delete`, `${path}/delete`), {
    status: 303,
    headers: { location: `/instances/${large}` },
  })
  t.strictSame(
    (await bindingsOf(large)).map(({ id }) => id),
    [successor?.id],
  )
  const { bindings } = nord.simulator.state().instances.at(-1) ?? { bindings: [] }
  t.equal(bindings.length, 1, 'at the provider, too')
  const [only] = await bindingsOf(small)
  t.match((await fresh.get(`/bindings/${only?.id}`)).text, 'This provider replaces no bindings')
})

t.test('an empty list of instances says what holds for its reader', async (t) => {
  t.match((await (await visit(dora)).get('/instances')).text, 'organisations have no service at')
  const { text } = await (await visit(olga)).get('/instances')
  t.match(text, 'There are no instances here at present.')
  t.notMatch(text, 'our organisations')
})

t.test('an operation that ends while its page is made leaves no old state on it', async (t) => {
  const sql = new pg.Client({ connectionString: kontor.databaseUrl })
  await sql.connect()
  t.teardown(() => sql.end())
  const put = async (instance: string, operation: string, next: string) => {
    await sql.query('update instances set state = $1 where id = $2', [instance, small])
    await sql.query(
      `update operations set state = $1, next_step_at = ${next}
      where instance_key = $2 and kind = 'provision'`,
      [operation, small],
    )
  }
  await put('provisioning', 'accepted', `now() + interval '1 hour'`)
  // The timeline waits here for the number of the order.
  await sql.query('begin')
  await sql.query('lock table orders in access exclusive mode')
  const answer = fresh.get(`/instances/${small}`)
  const waiting = `select from pg_locks where relation = 'orders'::regclass and not granted`
  await until(
    async () => (await sql.query(waiting)).rowCount,
    (count) => count !== 0,
  )
  await put('ready', 'succeeded', 'null')
  await sql.query('commit')
  const { text } = await answer
  t.match(text, /id="live-state"[^]{0,200}ready/)
  t.notMatch(text, 'being provisioned')
})

const browser = await startBrowser(t)
t.test('the pages pass axe, and the button copies', needs(browser), async (t) => {
  if (browser === undefined) return
  const window = await openWindow(browser, { language: 'en' })
  t.teardown(() => window.close())
  await window.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: kontor.url })
  const [name = '', value = ''] = (await signIn(erika)).cookie.split('=')
  await window.addCookies([{ name, value, url: kontor.url }])
  const page = await window.newPage()
  await page.goto(`${kontor.url}/instances/${small}/bind`)
  await glanceAt(t, page, 'bind')
  await page.getByRole('button', { name: 'Make the binding' }).click()
  const [binding] = await bindingsOf(small)
  await page.getByRole('link', { name: binding?.bindingId ?? '' }).click()
  await glanceAt(t, page, 'binding')
  await page.getByRole('link', { name: 'Sign in again' }).click()
  await page.getByRole('button', { name: 'erika' }).click()
  await page.getByRole('button', { name: 'Show the credentials' }).click()
  await page.getByRole('heading', { name: 'Credentials', level: 1 }).waitFor()
  t.notOk(await page.locator('code').first().isVisible(), 'nothing is shown unasked')
  await page.getByRole('button', { name: /^Copy ?: password/ }).click()
  await page.getByText('Copied.').waitFor()
  const copied = await page.evaluate('navigator.clipboard.readText()')
  await page.getByText('password: show').click()
  await checkPage(t, page, 'credentials')
  t.equal(await page.locator('details[open] code').textContent(), copied)
  await page.getByRole('link', { name: 'To the binding' }).click()
  await page.getByRole('link', { name: 'Delete this binding' }).click()
  await glanceAt(t, page, 'delete')
})
