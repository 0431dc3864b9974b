// The pages of orders in a real browser, with and without JavaScript, at providers of the demo.
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { startDemoIssuer } from '../../../tools/demo-issuer/start.ts'
import { readDemoCatalog } from '../../../tools/simulator/demo-catalog.ts'
import { checkPage, needs, openWindow, startBrowser } from '../../support/browser.ts'
import { caller, startKontor, until } from '../../support/kontor.ts'
import { writeOidcFile } from '../../support/oidc-file.ts'
import { signInAt } from '../../support/sign-in.ts'
import { organisation } from '../../access/tenants.ts'
import { shopCatalog } from '../../orders/shop.ts'

t.setTimeout(110_000)

const erika = {
  subject: 'erika',
  name: 'Erika Muster',
  email: 'erika@kontor.example',
  roles: ['agency'],
  organisations: ['stadt'],
  place: 'Musterstadt',
  part: { de: 'arbeitet', en: 'works' },
  providers: [],
}
const issuer = await startDemoIssuer({ port: 0, people: [erika] })
t.teardown(() => issuer.stop())
const kontor = await startKontor(t, {
  environment: { KONTOR_OIDC_FILE: await writeOidcFile(t, issuer.settings) },
})
issuer.setKontor(kontor.url)
const demoFile = fileURLToPath(new URL('../../../demo/catalog.yaml', import.meta.url))
for (const { key, catalog } of readDemoCatalog(demoFile))
  if (key === 'nordwolke' || key === 'alpenwolke')
    await kontor.addProvider(key, {
      catalog,
      behaviours: {
        '*': { mode: 'async', provisionSeconds: 0.5, updateSeconds: 0.2, deprovisionSeconds: 0.2 },
      },
    })
await organisation(kontor, 'stadt', 'kommune')
const browser = await startBrowser(t)
const shots = process.env['KONTOR_SCREENSHOTS']

for (const javaScriptEnabled of [true, false]) {
  const name = `a person orders a service ${javaScriptEnabled ? 'with' : 'without'} JavaScript`
  t.test(name, needs(browser), async (t) => {
    if (browser === undefined) return
    const language = javaScriptEnabled ? 'de' : 'en'
    const says = (de: string, en: string) => (language === 'de' ? de : en)
    const users = says('Nutzerinnen und Nutzer', 'Users')
    const window = await openWindow(browser, { language, javaScriptEnabled })
    const page = await window.newPage()
    const look = async (of: string) => {
      if (javaScriptEnabled) await checkPage(t, page, of)
      if (shots !== undefined)
        await page.screenshot({ path: `${shots}/${of}-${language}.png`, fullPage: true })
    }
    const press = (button: string) => page.getByRole('button', { name: button }).click()
    const follow = (link: string) => page.getByRole('link', { name: link }).first().click()

    await page.goto(`${kontor.url}/orders`)
    await press('Erika Muster')
    if (javaScriptEnabled) {
      await page.getByText(says('noch keine Bestellung', 'no order yet')).waitFor()
      await follow(says('Im Katalog', 'Find something'))
    } else await follow(says('Katalog', 'Catalog'))
    await page.getByRole('searchbox').fill('messenger')
    await press(says('Suchen', 'Search'))
    await follow(says('Messenger für die Verwaltung', 'Messenger for public'))
    await look('offering')
    await press(says('Plan „Gemeinsamer Mandant', 'Order plan "Shared tenant'))

    await page.getByLabel(users).fill('0')
    await press(says('Weiter zur Prüfung', 'Continue'))
    const summary = page.getByRole('alert')
    await summary.getByRole('link', { name: users }).waitFor()
    await page.locator('#errors:focus').waitFor()
    await look('form-wrong')
    await page.getByLabel(users).fill('25')
    await press(says('Weiter zur Prüfung', 'Continue'))
    await summary.getByRole('link', { name: says('Zweck: ', 'Purpose: ') }).waitFor()
    await look('form-incomplete')
    await page.getByLabel(says('Name', 'Name'), { exact: true }).fill('Messenger der Kämmerei')
    await page.getByLabel(says('Zweck', 'Purpose')).fill('Abstimmung')
    await page.getByLabel(says('Schutzbedarf', 'Protection need')).selectOption('sehr_hoch')
    await press(says('Weiter zur Prüfung', 'Continue'))
    await summary.getByText(says('höher, als dieser Dienst', 'higher than this service')).waitFor()
    await page.getByLabel(says('Schutzbedarf', 'Protection need')).selectOption('normal')
    await press(says('Weiter zur Prüfung', 'Continue'))

    await page.getByText(says('Es spricht nichts dagegen', 'Nothing hinders it')).waitFor()
    await look('check')
    await press(says('Verbindlich bestellen', 'Place the order'))
    await page.getByRole('heading', { name: says('Bestellung', 'Order'), level: 1 }).waitFor()
    await look('order')
    const ready = page.getByText(says('Der Dienst ist bereit.', 'The service is ready.'))
    await becomes(page, ready, javaScriptEnabled)
    await look('ready')
    const history = page.locator('#live-timeline')
    await history.getByText(says('Bestellung abgeschickt', 'Order submitted')).waitFor()
    await history.getByText(says('ist bereitgestellt', 'service is provisioned')).waitFor()

    await follow(says('Plan oder Angaben ändern', 'Change plan'))
    await follow(says('Diesen Plan wählen', 'Choose this plan'))
    await page.getByLabel(users).fill('40')
    await look('change')
    await press(says('Änderung verbindlich', 'Order the change'))
    const cancel = page.getByRole('link', { name: says('Kündigen', 'Cancel') })
    await becomes(page, cancel, javaScriptEnabled)
    await history.getByText(says('ist geändert', 'is changed')).waitFor()

    await cancel.click()
    await look('cancel')
    await page.getByLabel(says('Wann', 'When')).selectOption('now')
    await press(says('Verbindlich kündigen', 'Cancel the service'))
    await summary.getByRole('link', { name: says('Zur Sicherheit', 'To be safe') }).waitFor()
    await page.getByLabel(says('Wann', 'When')).selectOption('now')
    await page.getByLabel(says('Zur Sicherheit', 'To be safe')).fill('Messenger der Kämmerei')
    await press(says('Verbindlich kündigen', 'Cancel the service'))
    const ended = page.getByText(says('Der Dienst ist beendet.', 'The service has ended.'))
    await becomes(page, ended, javaScriptEnabled)
    await look('ended')
    await follow(says('Alle Bestellungen', 'All orders'))
    await page.getByRole('cell', { name: 'Messenger der Kämmerei' }).first().waitFor()
    await look('orders')
    await page.goto(`${kontor.url}/`)
    await look('start')
    t.match(page.url(), /\/$/, 'to the end')
    await window.close()
  })
}

// Of one provider an order is made in a moment, of the other one within no test.
const provisionSeconds = { gleich: 1.5, langsam: 600 }
for (const [key, seconds] of Object.entries(provisionSeconds))
  await kontor.addProvider(key, {
    catalog: shopCatalog(),
    behaviours: {
      '*': { mode: 'async', provisionSeconds: seconds },
    },
  })
const call = caller(kontor.url, { authorization: `Bearer ${issuer.tokenOf(erika)}` })

/** Orders by the API. @returns number of the order */
async function order(provider: keyof typeof provisionSeconds): Promise<string> {
  const { service_id: offering, plan_id: plan } = await kontor.find(provider, 'chat', 'small')
  const draft = await call('POST', '/api/orders', {
    organisation: 'stadt',
    offering,
    plan,
    instanceName: 'Nachrichten',
    parameters: { users: 5 },
    purpose: 'Test',
    protectionNeed: 'normal',
  })
  const submitted = await call('POST', `/api/orders/${draft.body.number}/submit`, {})
  if (submitted.status >= 300) throw new Error(`${draft.text} ${submitted.text}`)
  return draft.body.number
}

/** Opens an order's page, whose time stands still; by default its streams are refused. */
async function open(t: Test, number: string, { hasStreams = false } = {}) {
  if (browser === undefined) throw new Error('no browser')
  const window = await openWindow(browser, { language: 'en' })
  t.teardown(() => window.close())
  const { cookie } = await signInAt(kontor.url, issuer)(erika)
  const [name = '', value = ''] = cookie.split('=')
  await window.addCookies([{ name, value, url: kontor.url }])
  const page = await window.newPage()
  await page.clock.install()
  if (!hasStreams) await page.route('**/events?*', (route) => route.fulfill({ status: 429 }))
  // When it asked, in its own time.
  await page.addInitScript(`{
    const original = fetch
    window.asks = []
    window.fetch = (...given) => {
      asks.push(Date.now())
      return original(...given)
    }
  }`)
  await page.goto(`${kontor.url}/orders/${number}`)
  const asks = (): Promise<number[]> => page.evaluate('window.asks')
  /** Lets its time go on until it has asked so often. */
  const asked = (times: number) =>
    until(
      async () => {
        await page.clock.fastForward(1_000)
        return asks()
      },
      ({ length }) => length >= times,
      15_000,
    )
  return { window, page, asks, asked, notice: page.locator('#not-live') }
}

t.test('a page asks when a stream says that something has changed', needs(browser), async (t) => {
  if (browser === undefined) return
  const number = await order('gleich')
  const { page, asks } = await open(t, number, { hasStreams: true })
  await page.getByText('The provider provisions the service.').waitFor()
  await page.getByText('The service is ready.').waitFor()
  await page.getByRole('link', { name: 'Cancel' }).waitFor()
  t.ok((await asks()).length <= 4, 'its own time stands still')
  const { length } = await asks()
  await page.clock.fastForward(300_000)
  t.equal((await asks()).length, length, 'it has ended')
})

t.test(
  'a page asks ever less often, and says when it shows nothing new',
  needs(browser),
  async (t) => {
    if (browser === undefined) return
    const number = await order('langsam')
    const { window, page, asks, asked, notice } = await open(t, number)
    const pauses = async () => {
      await page.clock.fastForward(1_000)
      const times = await asks()
      return times.slice(1).map((at, index) => at - (times[index] ?? 0))
    }
    await until(pauses, (all) => Math.max(0, ...all) >= 4_500, 15_000)

    const { length } = await asks()
    await window.setOffline(true)
    await asked(length + 5)
    await notice.getByText('shows nothing new').waitFor()
    await page.clock.fastForward(300_000)
    t.equal((await asks()).length, length + 5, 'it has stopped')
    await window.setOffline(false)
    await until(asks, (all) => all.length === length + 6, 15_000)
    await notice.filter({ hasNotText: 'nothing' }).waitFor({ state: 'attached' })

    await window.clearCookies()
    await asked(length + 7)
    await notice.getByText('shows nothing new').waitFor()
    await page.clock.fastForward(300_000)
    t.equal((await asks()).length, length + 7, 'it has stopped at once')
    t.strictSame(await window.cookies(kontor.url), [], 'it has begun no sign-in')
  },
)

t.test('a page leaves alone what has the focus, until it has not', needs(browser), async (t) => {
  if (browser === undefined) return
  const number = await order('gleich')
  const { page, asks, asked } = await open(t, number)
  await page.getByText('The provider provisions the service.').waitFor()
  const again = page.getByRole('button', { name: 'Order again' })
  await again.focus()
  const { length } = await asks()
  await until(
    () => call('GET', `/api/orders/${number}`),
    ({ body }) => body.progress === 'ready',
  )
  await asked(length + 1)
  await page.getByText('The service is ready.').waitFor()
  const cancel = page.getByRole('link', { name: 'Cancel' })
  t.notOk(await cancel.isVisible())
  t.ok(await page.locator('button:focus', { hasText: 'Order again' }).isVisible())
  await page.getByRole('link', { name: 'All orders' }).focus()
  await page.clock.fastForward(1_000)
  await cancel.waitFor()
  const instance = page.getByRole('link', { name: 'To the instance' })
  t.match(await instance.getAttribute('href'), /^\/instances\/[\w-]+$/)
  const sent = (await asks()).length
  await page.clock.fastForward(300_000)
  t.equal((await asks()).length, sent, 'it has ended')
})

/** Waits for something: the page shows it by itself, or its reader follows the link. */
async function becomes(page: Page, shown: Locator, isLive: boolean): Promise<void> {
  if (isLive) return shown.waitFor()
  const refresh = page.getByRole('link', { name: /Seite neu laden|Reload the page/ })
  const look = async () => {
    const isShown = await shown.isVisible()
    if (!isShown && (await refresh.isVisible())) await refresh.click()
    return isShown
  }
  await until(look, (isShown) => isShown, 15_000)
}
