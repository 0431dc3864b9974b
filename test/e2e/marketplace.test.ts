// The whole way of people of new agencies, at providers of the demo: a person registers the agency,
// the operator accepts, and the person finds, compares and orders, watches, reveals and replaces
// credentials, changes and cancels. In a browser with and without JavaScript, through the API, and
// by the commands.
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startDemoIssuer } from '../../tools/demo-issuer/start.ts'
import { demoPeople, type DemoPerson } from '../../tools/demo-issuer/people.ts'
import { readDemoCatalog } from '../../tools/simulator/demo-catalog.ts'
import { needs, startBrowser } from '../support/browser.ts'
import { caller, startKontor, until } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import { writeOidcFile } from '../support/oidc-file.ts'
import { walkInBrowser } from './marketplace-in-browser.ts'

t.setTimeout(200_000)

const nina = demoPeople.find(({ subject }) => subject === 'nina.neu')
const otto = demoPeople.find(({ subject }) => subject === 'otto.betrieb')
if (nina === undefined || otto === undefined) throw new Error('The demo lacks a person.')
const another = (name: string): DemoPerson => {
  const subject = name.toLowerCase().replace(' ', '.')
  return { ...nina, subject, name, email: `${subject}@kontor.example` }
}
const [nils, ada, clara] = ['Nils Neu', 'Ada Neu', 'Clara Neu'].map(another)
if (nils === undefined || ada === undefined || clara === undefined) throw new Error('no person')
const issuer = await startDemoIssuer({ port: 0, people: [nina, nils, ada, clara, otto] })
t.teardown(() => issuer.stop())
const kontor = await startKontor(t, {
  environment: { KONTOR_OIDC_FILE: await writeOidcFile(t, issuer.settings) },
})
issuer.setKontor(kontor.url)
const demoFile = fileURLToPath(new URL('../../demo/catalog.yaml', import.meta.url))
const seconds = { provisionSeconds: 0.5, updateSeconds: 0.2, deprovisionSeconds: 0.2 }
const [nordwolke, alpenwolke] = await Promise.all(
  readDemoCatalog(demoFile)
    .filter(({ key }) => key === 'nordwolke' || key === 'alpenwolke')
    .map(({ key, catalog, behaviours }) => {
      const quick = Object.entries(behaviours).map(([id, behaviour]) => [
        id,
        behaviour.mode === 'sync' ? behaviour : { ...behaviour, ...seconds, retryAfterSeconds: 0 },
      ])
      return kontor.addProvider(key, { catalog, behaviours: Object.fromEntries(quick) })
    }),
)
const held = () =>
  [nordwolke, alpenwolke].flatMap((provider) => provider?.simulator.state().instances ?? [])
const messenger = 'nordwolke-dmessenger'
const storage = 'alpenwolke-s3-objektspeicher'
const users = { parameters: { users: 25 } }
const about = { purpose: 'Abstimmung', protectionNeed: 'normal' }

const browser = await startBrowser(t)
for (const [person, javaScriptEnabled] of [
  [nina, true],
  [nils, false],
] as const)
  t.test(
    `the way in a browser with${javaScriptEnabled ? '' : 'out'} JavaScript`,
    needs(browser),
    async (t) => {
      if (browser === undefined) return
      await walkInBrowser({ t, browser, kontor, person, operator: otto, javaScriptEnabled, held })
      const { items } = (await kontor.admin('GET', '/api/audit/events?action=credentials.revealed'))
        .body
      const own = items.filter(({ actor }: { actor: string }) => actor.includes(person.subject))
      t.equal(own.length, 2, 'each look at credentials is recorded')
      t.match(
        held().map(({ service_id: id }) => id),
        { length: javaScriptEnabled ? 1 : 2 },
        'what was cancelled is gone, what was not is there',
      )
    },
  )

t.test('the same way through the API', async (t) => {
  const bearer = (person: DemoPerson) =>
    caller(kontor.url, { authorization: `Bearer ${issuer.tokenOf(person)}` })
  const [call, operator] = [bearer(ada), bearer(otto)]
  const sure = async (method: string, path: string, body?: object, as = call) => {
    const reply = await as(method, path, body)
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.text}`)
    return reply.body
  }
  const contact = { name: ada.name, email: ada.email }
  const agency = { name: 'adatal', displayName: 'Gemeinde Adatal', level: 'kommune', contact }
  const asked = await sure('POST', '/api/registrations', { agency })
  t.match(asked, { state: 'pending' })
  await sure('POST', `/api/registrations/${asked.id}/accept`, {}, operator)
  t.match((await sure('GET', '/api/people/me')).roles, [
    { organisation: { name: 'adatal' }, role: 'administrator' },
  ])

  const found = await sure('GET', '/api/catalog?q=dmessenger&organisation=adatal')
  t.equal(found.items[0].name, messenger)
  const plans = found.items[0].plans.map(({ id }: { id: string }) => `plan=${id}`)
  t.equal((await sure('GET', `/api/catalog/compare?${plans.join('&')}`)).plans.length, 2)

  const before = held().length
  const order = async (offering: string, plan: string, instanceName: string, more = {}) => {
    const wanted = { organisation: 'adatal', offering, plan, instanceName, ...about, ...more }
    const { number } = await sure('POST', '/api/orders', wanted)
    const path = `/api/orders/${number}`
    t.match(await sure('POST', `${path}/check`), { orderable: true })
    await sure('POST', `${path}/submit`, {})
    const becomes = (progress: string) =>
      until(
        () => sure('GET', path),
        (view) => view.progress === progress,
      )
    const { instance } = await becomes('ready')
    return { path, becomes, instanceId: instance.id as string }
  }
  const chat = await order(messenger, 'basis', 'Messenger', users)
  const store = await order(storage, 'nutzungsbasiert', 'Ablage')
  t.equal(held().length, before + 2)

  const bind = (body: object) => sure('POST', `${store.path}/bindings`, body)
  const { id: first } = await bind({})
  const { id: second } = await bind({ predecessor: first })
  const reveal = async (id: string) => {
    const { items } = await sure('GET', `/api/bindings?bindingId=${id}`)
    return (await sure('POST', `/api/bindings/${items[0].id}/credentials`)).credentials
  }
  t.notSame(await reveal(second), await reveal(first), 'other credentials')
  await sure('DELETE', `${store.path}/bindings/${first}`)

  await sure('POST', `${chat.path}/change`, { plan: 'eigener-mandant', parameters: { users: 40 } })
  await chat.becomes('ready')
  const { items } = await sure('GET', `/api/instances?instanceId=${chat.instanceId}`)
  t.match(items, [{ plan: { name: 'eigener-mandant' }, name: 'Messenger' }])
  for (const [{ path, becomes }, instanceName] of [
    [chat, 'Messenger'],
    [store, 'Ablage'],
  ] as const) {
    await sure('POST', `${path}/cancellation`, { instanceName, when: 'now' })
    await becomes('ended')
  }
  t.equal(held().length, before)
})

t.test('the same way by the commands', async (t) => {
  const as =
    (person: DemoPerson) =>
    async (line: string, ...more: string[]) => {
      const environment = { KONTOR_URL: kontor.url, KONTOR_TOKEN: issuer.tokenOf(person) }
      const { code, stdout, stderr } = await runKontor([...line.split(' '), ...more], environment)
      return { code, text: stdout + stderr }
    }
  const run = as(clara)
  const sure = async (line: string, ...more: string[]) => {
    const { code, text } = await run(line, ...more)
    if (code !== 0) throw new Error(`${line}: ${text}`)
    return text
  }
  const read = async <T>(line: string, ...more: string[]) =>
    JSON.parse(await sure(line, ...more, '--json')) as T
  const contact = `--contact-name Clara --contact-email ${clara.email}`
  const asked = await sure(
    `registration agency claratal --level kommune ${contact}`,
    '--display-name',
    'Gemeinde Claratal',
  )
  const [, request = ''] = /^id: +(\S+)/m.exec(asked) ?? []
  t.match(await as(otto)(`registration accept ${request}`), { code: 0, text: /accepted/ })
  t.match(await sure('person show'), /roles: +administrator of claratal/)

  t.match(await sure('catalog search dmessenger --organisation claratal'), /^nordwolke-dmess/m)
  interface Found {
    readonly plans: ReadonlyArray<{ readonly id: string }>
  }
  const { plans } = await read<Found>(`catalog show ${messenger}`)
  t.match(await sure(`catalog compare ${plans.map(({ id }) => id).join(' ')}`), /420\.00 EUR/)

  const draft = (offering: string, plan: string) =>
    read<{ number: string }>(`order draft ${offering} ${plan} --organisation claratal`)
  const { number } = await draft(messenger, 'basis')
  t.match(await run(`order check ${number}`), { code: 1, text: /\/purpose +purpose is missing/ })
  t.match(await run(`order submit ${number}`), { code: 1, text: /purpose is missing/ })
  const values = '--instance-name Probe --purpose Probe --protection-need normal'
  await sure(`order edit ${number} ${values}`, '--parameters', '{"users":3}')
  t.match(await sure(`order check ${number}`), /It can be submitted/)
  await sure(`order submit ${number}`)
  const becomes = (of: string, progress: string) =>
    until(
      () => sure(`order show ${of}`),
      (text) => new RegExp(`progress: +${progress}`).test(text),
    )
  await becomes(number, 'ready')
  t.match(await sure(`order list --search ${number}`), new RegExp(`${number} +ready`))

  const { number: store } = await draft(storage, 'nutzungsbasiert')
  await sure(`order edit ${store} ${values.replace('Probe', 'Ablage')}`)
  await sure(`order submit ${store}`)
  await becomes(store, 'ready')
  const { id: first } = await read<{ id: string }>(`order bind ${store}`)
  const { id: second } = await read<{ id: string }>(`order bind ${store} --predecessor ${first}`)
  const listed = await sure('binding list')
  const reveal = async (binding: string) => {
    const [, id = ''] = new RegExp(`^(\\S+) .*${binding}$`, 'm').exec(listed) ?? []
    return JSON.parse(await sure(`binding credentials ${id}`)) as { bindingId: string }
  }
  t.match(await reveal(second), { bindingId: second, credentials: Object })
  t.match(await sure(`order unbind ${store} ${first}`), /Ordered/)

  await sure(`order change ${number} --plan eigener-mandant`)
  await becomes(number, 'ready')
  const history = await sure(`order timeline ${number}`)
  t.match(history, /change-requested +Clara Neu +plan=eigener-mandant/)
  t.match(await sure(`order cancel ${number}`), /minimumTermMonths: +3/)
  t.match(await sure(`order cancel ${number} --instance-name Probe`), /ends at: +\d/)
  await sure(`order keep ${number}`)
  await sure(`order cancel ${number} --instance-name Probe --now`)
  await becomes(number, 'ended')
  await sure(`order cancel ${store} --instance-name Ablage --now`)
  await becomes(store, 'ended')
  const { number: again } = await read<{ number: string }>(`order again ${number}`)
  t.match(await sure(`order discard ${again}`), /Discarded/)
  t.match(await sure(`order show ${again}`), /progress: +discarded/)
  t.match(await run('order show 26-2222-2222'), { code: 1, text: /no such order/ })
  const wrong = await run(`order change ${again} --parameters []`)
  t.match(wrong, { code: 1, text: /JSON object/ })
})
