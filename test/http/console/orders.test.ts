// The pages of orders in a real browser, with and without JavaScript, at providers of the demo.
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import { startDemoIssuer } from '../../../tools/demo-issuer/start.ts'
import { readDemoCatalog } from '../../../tools/simulator/demo-catalog.ts'
import { checkPage, needs, openWindow, startBrowser } from '../../support/browser.ts'
import { startKontor } from '../../support/kontor.ts'
import { writeOidcFile } from '../../support/oidc-file.ts'
import { organisation } from '../../access/tenants.ts'

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
    await history.getByText(says('ist bereitgestellt', 'service is made')).waitFor()

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

/** Waits for something: the page shows it by itself, or its reader follows the link. */
async function becomes(page: Page, shown: Locator, isLive: boolean): Promise<void> {
  for (let times = 0; !isLive && times < 50 && !(await shown.isVisible()); times++) {
    const refresh = page.getByRole('link', { name: /Seite neu laden|Reload the page/ })
    if (await refresh.isVisible()) await refresh.click()
  }
  await shown.waitFor()
}
