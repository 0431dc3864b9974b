// The forms of orders as a browser without JavaScript sends them: sent twice, late or by two tabs.
import t from 'tap'
import { startDemoIssuer } from '../../../tools/demo-issuer/start.ts'
import { organisation } from '../../access/tenants.ts'
import { shopCatalog, wanted } from '../../orders/shop.ts'
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
