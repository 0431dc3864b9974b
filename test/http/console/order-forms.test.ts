// The forms of orders as a browser without JavaScript sends them: sent twice, late or by two tabs.
import t from 'tap'
import { startDemoIssuer } from '../../../tools/demo-issuer/start.ts'
import { organisation } from '../../access/tenants.ts'
import { shopCatalog, wanted } from '../../orders/shop.ts'
import { openForm } from '../../support/html-form.ts'
import { caller, startKontor, until } from '../../support/kontor.ts'
import { writeOidcFile } from '../../support/oidc-file.ts'
import type { OsbCatalog } from '../../../tools/simulator/types.ts'
import { signInAt, visitorOf } from '../../support/sign-in.ts'

const erika = {
  subject: 'erika',
  name: 'Erika Muster',
  email: 'erika@kontor.example',
  roles: ['agency'],
  organisations: ['stadt'],
  place: 'Stadt',
  part: { de: 'arbeitet', en: 'works' },
  providers: [],
}
const issuer = await startDemoIssuer({ port: 0, people: [erika] })
t.teardown(() => issuer.stop())
const kontor = await startKontor(t, {
  environment: { KONTOR_OIDC_FILE: await writeOidcFile(t, issuer.settings) },
})
issuer.setKontor(kontor.url)
/** Its schema for updates says nothing of the secrets that the one for the creation has. */
const catalog = (net?: string): OsbCatalog => {
  const any = { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }
  const text = JSON.stringify(shopCatalog(net))
  const update = JSON.stringify({ update: { parameters: any } }).slice(1, -1)
  return JSON.parse(text.replaceAll('"update":{"parameters":{}}', update)) as OsbCatalog
}
const nord = await kontor.addProvider('nord', { catalog: catalog() })
await organisation(kontor, 'stadt', 'kommune')
const person = visitorOf(kontor.url, (await signInAt(kontor.url, issuer)(erika)).cookie)
const api = caller(kontor.url, { authorization: `Bearer ${issuer.tokenOf(erika)}` })

const password = 'a secret password'
const draft = async () => {
  const parameters = { users: 5, password }
  const { body } = await api('POST', '/api/orders', { ...wanted, costCentre: null, parameters })
  return { path: `/orders/${body.number}`, number: body.number as string }
}
const order = async () => {
  const made = await draft()
  const { status, text } = await api('POST', `/api${made.path}/submit`, {})
  if (status !== 200) throw new Error(text)
  return made
}
const read = async (path: string) => (await api('GET', `/api${path}`)).body
const offer = async (net: string) => {
  nord.simulator.setCatalog(catalog(net))
  await kontor.admin('POST', `/api/providers/${nord.view.id}/refresh`)
}
const plansOf = (plan: string) =>
  nord.simulator.state().instances.filter(({ plan_id: id }) => id === `nord-${plan}`).length

t.test('a double click cancels once, keeps once, and ends once', async (t) => {
  const { path } = await order()
  const form = await person.form(`${path}/cancel`, `${path}/cancel`)
  form.fill('instanceName', 'Another')
  const wrong = await person.post(`${path}/cancel`, form)
  t.match(wrong.text, /href="#instanceName"[^]*value="Another"/, 'what was typed stays')
  form.fill('instanceName', wanted.instanceName)
  const sent = form.send()
  sent.set('when', 'never')
  const odd = await person.post(`${path}/cancel`, { send: () => sent })
  t.match([odd.status, odd.text], [400, /href="#when"/])
  t.notMatch(odd.text, 'href="#instanceName"')
  const old = form.send()
  old.set('endsAt', '2026-01-01T00:00:00.000Z')
  const late = await person.post(`${path}/cancel`, { send: () => old })
  t.match([late.status, late.text], [400, /earliest end is another one/])
  form.fill('instanceName', wanted.instanceName)
  form.fill('when', 'end-date')
  const goes = { status: 303, headers: { location: path } }
  for (const click of ['one', 'two'])
    t.match(await person.post(`${path}/cancel`, form), goes, click)
  const keep = await person.form(path, `${path}/withdraw`)
  for (const click of ['one', 'two'])
    t.match(await person.post(`${path}/withdraw`, keep), goes, click)
  t.equal((await read(path)).endsAt, null)
  const end = await person.form(`${path}/cancel`, `${path}/cancel`)
  end.fill('instanceName', wanted.instanceName)
  end.fill('when', 'now')
  for (const click of ['one', 'two']) t.match(await person.post(`${path}/cancel`, end), goes, click)
  t.equal((await read(path)).progress, 'ended')
})

t.test('an end that failed is offered again, and not to be withdrawn', async (t) => {
  const { path } = await order()
  const failOperation = { description: 'Still in use.', instance_usable: true }
  nord.simulator.faults.add({ on: 'deprovision', times: 1, do: { failOperation } })
  const now = { instanceName: wanted.instanceName, when: 'now' }
  await person.send(`${path}/cancel`, `${path}/cancel`, now)
  await until(
    async () => (await read(path)).progress as string,
    (progress) => progress === 'ready',
  )
  const { text } = await person.get(path)
  t.match(text, `href="${path}/cancel"`)
  t.notMatch(text, `action="${path}/withdraw"`)
  await person.send(`${path}/cancel`, `${path}/cancel`, { instanceName: wanted.instanceName })
  t.equal((await read(path)).progress, 'ended')
})

t.test('the form of a change shows no secrets, and keeps those that it leaves out', async (t) => {
  const { path } = await order()
  const page = await person.get(`${path}/change`)
  t.match([page.status, page.text], [200, /users&#34;: 5/])
  t.notMatch(page.text, password)
  const form = await person.form(`${path}/change`, `${path}/change`)
  const same = await person.post(`${path}/change`, form)
  t.match([same.status, same.text], [400, /changed nothing/])
  t.notMatch(same.text, password)
  form.fill('json:', '{"users": 7}')
  t.match(await person.post(`${path}/change`, form), { status: 303 })
  const { parameters } = nord.simulator.state().instances.at(-1) ?? {}
  t.match(parameters, { users: 7, password })
})

t.test('a draft that was changed meanwhile is neither ordered nor overwritten', async (t) => {
  const { path } = await draft()
  const [check, edit] = [`${path}/check`, `${path}/edit`]
  const form = await person.form(check, `${path}/submit`)
  const editing = await person.form(edit, edit)
  await api('PATCH', `/api${path}`, { parameters: { users: 100 }, purpose: 'Another purpose' })
  const refused = { status: 303, headers: { location: `${check}?refused=changed` } }
  t.match(await person.post(`${path}/submit`, form), refused)
  t.match((await person.get(`${check}?refused=changed`)).text, /role="alert"[^]*changed meanwhile/)
  editing.fill('/users', '9')
  editing.fill('purpose', 'My purpose')
  const stale = await person.post(edit, editing)
  t.match([stale.status, stale.text], [400, /My purpose[^]*holds now[^]*Another purpose[^]*100/])
  t.match(await read(path), { state: 'draft', purpose: 'Another purpose' })
  const once = openForm(/<form[^>]*class="form"[^]*?<\/form>/.exec(stale.text)?.[0] ?? '')
  const kept = { status: 303, headers: { location: check } }
  for (const click of ['one', 'two']) t.match(await person.post(edit, once), kept, click)
  t.match(await read(path), { purpose: 'My purpose', parameters: { users: 9 } })
  const again = await api('PATCH', `/api${path}`, { purpose: 'x', changedAt: '2026-01-01' })
  t.equal(again.status, 409)
  const submitted = await api('POST', `/api${path}/submit`, { changedAt: '2026-01-01' })
  t.equal(submitted.status, 409)
})

t.test('all fields that are wrong are named with the reason', async (t) => {
  const { path } = await draft()
  const wrong = { instanceName: 'x'.repeat(101), purpose: 'y'.repeat(1001) }
  const { status, text } = await person.send(`${path}/edit`, `${path}/edit`, wrong)
  t.equal(status, 400)
  t.match(text, /href="#instanceName">[^<]*100[^]*href="#purpose">[^<]*1,?000/)
  await api('PATCH', `/api${path}`, { parameters: { users: 500, password: 7 } })
  const german = visitorOf(kontor.url, (await signInAt(kontor.url, issuer)(erika)).cookie, 'de')
  const faults = [
    [person, 'The number must be at most 100.', 'This must be a text.'],
    [german, 'Die Zahl darf höchstens 100 sein.', 'Hier muss ein Text stehen.'],
  ] as const
  for (const [reader, users, secret] of faults) {
    const form = (await reader.get(`${path}/edit?check=1`)).text
    for (const [name, sentence] of Object.entries({ users, password: secret })) {
      t.ok(form.includes(`href="#field/${name}">${name}: ${sentence}</a>`), 'in the summary')
      const [, at = ''] = form.split(`id="field/${name}-error"`)
      t.ok(at.split('</p>')[0]?.includes(sentence), 'at its field')
    }
    const { text: check } = await reader.get(`${path}/check`)
    t.ok(check.indexOf(`users: ${users}`) < check.indexOf(`password: ${secret}`), 'before ordering')
    t.match(check, `users: ${users}`)
  }
})

t.test('a price and terms are those that were read, or nothing is ordered', async (t) => {
  const { path } = await draft()
  const check = `${path}/check`
  const shorter = (change: (text: string) => string): void =>
    nord.simulator.setCatalog(JSON.parse(change(JSON.stringify(catalog()))) as OsbCatalog)
  const refresh = () => kontor.admin('POST', `/api/providers/${nord.view.id}/refresh`)
  shorter((text) => text.replaceAll('"noticeDays":30', '"noticeDays":60'))
  await refresh()
  const { text } = await person.get(check)
  t.match(text, /price or the terms have changed[^]*60 days/)
  t.match((await api('POST', `/api${check}`)).body, {
    priceChanged: true,
    terms: { noticeDays: 60 },
  })
  const form = await person.form(check, `${path}/submit`)
  // What was accepted is gone again, although it is what the draft shows.
  shorter((each) => each)
  await refresh()
  const refused = { status: 303, headers: { location: `${check}?refused=price` } }
  t.match(await person.post(`${path}/submit`, form), refused)
  t.match((await person.get(`${check}?refused=price`)).text, /role="alert"[^]*have just changed/)
  t.equal((await read(path)).state, 'draft')
  t.match(await person.send(check, `${path}/submit`), { headers: { location: path } })
  t.equal((await read(path)).progress, 'ready')
})

t.test('a change is of the plan, the values and the price that were read', async (t) => {
  const { path } = await order()
  const change = `${path}/change`
  const [, large = ''] =
    /href="([^"]*change\?plan=[^"]+)"/.exec((await person.get(change)).text) ?? []
  t.match((await person.get(large)).text, /19.90[^]*3 months[^]*30 days/)
  const form = await person.form(large, change)
  await offer('29.90')
  const stale = await person.post(change, form)
  t.match([stale.status, stale.text], [400, /role="alert"[^]*something else holds[^]*29.90/])
  t.equal(plansOf('large'), 0)
  await api('POST', `/api${change}`, { parameters: { users: 6 } })
  const late = openForm(/<form[^>]*id="change"[^]*?<\/form>/.exec(stale.text)?.[0] ?? '')
  const old = await person.post(change, late)
  t.match([old.status, old.text], [400, /something else holds/])
  const now = openForm(/<form[^>]*id="change"[^]*?<\/form>/.exec(old.text)?.[0] ?? '')
  const changed = { status: 303, headers: { location: path } }
  for (const click of ['one', 'two']) t.match(await person.post(change, now), changed, click)
  t.equal(plansOf('large'), 1)
})
