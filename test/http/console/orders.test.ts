// The page of an order in a real browser, which keeps itself up to date.
import t, { type Test } from 'tap'
import { startDemoIssuer } from '../../../tools/demo-issuer/start.ts'
import { needs, openWindow, startBrowser } from '../../support/browser.ts'
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
await organisation(kontor, 'stadt', 'kommune')
const browser = await startBrowser(t)

// Of one provider an order is made when a test says so, of the other one within no test.
const provisionSeconds = { gleich: 60, langsam: 600 }
let clockMs = Date.now()
const finishOrders = () => {
  clockMs += 61_000
}
for (const [key, seconds] of Object.entries(provisionSeconds))
  await kontor.addProvider(key, {
    catalog: shopCatalog(),
    behaviours: {
      '*': { mode: 'async', provisionSeconds: seconds },
    },
    ...(key === 'gleich' ? { now: () => clockMs } : {}),
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
  finishOrders()
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

    const show = (isHidden: boolean) =>
      page.evaluate(`{
        Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }`)
    const whenHidden = await asks()
    await show(true)
    await page.clock.fastForward(300_000)
    t.strictSame(await asks(), whenHidden, 'a hidden tab asks nothing')
    await show(false)
    await until(asks, ({ length }) => length > whenHidden.length, 15_000)

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
  finishOrders()
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
