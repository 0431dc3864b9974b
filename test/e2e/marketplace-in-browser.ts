// The way of a person of a new agency through the pages of the console, as a first-time reader goes
// it: only by links, buttons and labels that stand on the pages.
import type { Browser, Locator, Page } from 'playwright-core'
import type { Test } from 'tap'
import type { DemoPerson } from '../../tools/demo-issuer/people.ts'
import { checkPage, openWindow } from '../support/browser.ts'
import { until, type TestKontor } from '../support/kontor.ts'

interface Walk {
  readonly t: Test
  readonly browser: Browser
  readonly kontor: TestKontor
  /** Without a role, from an agency that is not there yet. */
  readonly person: DemoPerson
  readonly operator: DemoPerson
  /** Then the pages are German, else English. */
  readonly javaScriptEnabled: boolean
  /** What the providers hold. */
  held(): readonly unknown[]
}

interface Way extends Walk {
  readonly page: Page
  says(german: string, english: string): string
  press(german: string, english: string): Promise<void>
  follow(german: string, english: string): Promise<void>
  heading(german: string, english: string): Promise<void>
  /** A picture, where KONTOR_SCREENSHOTS names a folder. */
  picture(of: string): Promise<void>
  /** The same, and axe where it can run: of pages that test/http/console/every-page.test.ts lacks. */
  look(of: string): Promise<void>
}

export async function walkInBrowser(walk: Walk): Promise<void> {
  const way = await openWay(walk, walk.person)
  await registerAgency(way)
  await findAndCompare(way)
  await orderMessenger(way)
  const order = way.page.url()
  await orderStorage(way)
  await useCredentials(way)
  await way.page.goto(order)
  await changePlan(way)
  await cancel(way)
  await way.page.context().close()
}

async function openWay(walk: Walk, person: DemoPerson): Promise<Way> {
  const { t, browser, kontor, javaScriptEnabled } = walk
  const language = javaScriptEnabled ? 'de' : 'en'
  const window = await openWindow(browser, { language, javaScriptEnabled })
  const page = await window.newPage()
  const says = (german: string, english: string) => (language === 'de' ? german : english)
  const picture = async (of: string) => {
    const folder = process.env['KONTOR_SCREENSHOTS']
    if (folder === undefined) return
    await page.screenshot({ path: `${folder}/${of}-${language}.png`, fullPage: true })
  }
  await page.goto(`${kontor.url}/`)
  await page.getByRole('link', { name: says('Anmelden', 'Sign in') }).click()
  await page.getByRole('button', { name: person.name }).click()
  return {
    ...walk,
    page,
    says,
    press: (...names) => page.getByRole('button', { name: says(...names) }).click(),
    follow: (...names) =>
      page
        .getByRole('link', { name: says(...names) })
        .first()
        .click(),
    heading: (...names) => page.getByRole('heading', { name: says(...names), level: 1 }).waitFor(),
    picture,
    async look(of) {
      if (javaScriptEnabled) await checkPage(t, page, of)
      await picture(of)
    },
  }
}

/** Asks for the agency, is accepted by the operator in a browser, and signs in again. */
async function registerAgency(way: Way): Promise<void> {
  const { t, page, says, press, follow, heading, look, picture, person } = way
  const agency = `Gemeinde ${person.name}`
  await look('start-without-role')
  await follow('Behörde anmelden', 'Register an agency')
  await page
    .getByLabel(says('Name der Behörde', 'Name of the agency'), { exact: true })
    .fill(agency)
  const short = page.getByLabel(says('Kurzname', 'Short name'), { exact: true })
  await short.fill('Neuental!')
  await press('Antrag stellen', 'Send the request')
  t.equal(await page.getAttribute('#name', 'aria-invalid'), 'true', 'the field that is wrong')
  t.equal(await page.inputValue('#displayName'), agency, 'what was entered stays')
  await look('registration-wrong')
  await short.fill(person.subject.replace('.', '-'))
  await press('Antrag stellen', 'Send the request')
  await heading(`Behörde anmelden: ${agency}`, `Register an agency: ${agency}`)
  t.equal(await page.getByRole('button', { name: says('Annehmen', 'Accept') }).count(), 0)
  await picture('registration')

  const operator = await openWay(way, way.operator)
  await operator.follow('Anträge', 'Requests')
  await operator.page.getByRole('link', { name: agency }).click()
  await operator.picture('registration-to-decide')
  await operator.page.getByRole('button', { name: says('Annehmen', 'Accept') }).dblclick()
  await operator.page.locator('dl').getByText(says('angenommen', 'accepted')).waitFor()
  await operator.page.context().close()

  await press('Abmelden', 'Sign out')
  await follow('Anmelden', 'Sign in')
  await page.getByRole('link', { name: person.name }).waitFor()
}

async function findAndCompare({ page, press, follow, heading, says, picture }: Way): Promise<void> {
  await follow('Katalog', 'Catalog')
  await page.getByRole('searchbox').fill('dmessenger')
  await press('Suchen', 'Search')
  for (const plan of await page.locator('input[name="plan"]').all()) await plan.check()
  await press('Auswahl vergleichen', 'Compare selection')
  await heading('Vergleich', 'Comparison')
  await page.getByText(says('420,00', '420.00')).first().waitFor()
  await picture('comparison')
  await follow('Messenger für die Verwaltung', 'Messenger for public')
  await picture('offering')
}

/** From the page of the offering; with each error that a first-time reader makes. */
async function orderMessenger(way: Way): Promise<void> {
  const { t, page, press, says, look, picture, held, javaScriptEnabled } = way
  await press('Plan „Gemeinsamer Mandant', 'Order plan "Shared tenant')
  const users = says('Nutzerinnen und Nutzer', 'Users')
  await page.getByLabel(users).fill('0')
  await press('Weiter zur Prüfung', 'Continue')
  const summary = page.getByRole('alert')
  await summary.getByRole('link', { name: users }).waitFor()
  await page.locator('#errors:focus').waitFor()
  await look('form-wrong')
  await page.getByLabel(users).fill('25')
  await press('Weiter zur Prüfung', 'Continue')
  await summary.getByRole('link', { name: says('Zweck: ', 'Purpose: ') }).waitFor()
  const need = says('Schutzbedarf', 'Protection need')
  await fillAbout(way, 'Messenger der Kämmerei')
  await page.getByLabel(need).selectOption('sehr_hoch')
  await press('Weiter zur Prüfung', 'Continue')
  await summary.getByText(says('höher, als dieser Dienst', 'higher than this service')).waitFor()
  await look('form-incomplete')
  await page.getByLabel(need).selectOption('normal')
  await press('Weiter zur Prüfung', 'Continue')
  await page.getByText(says('Es spricht nichts dagegen', 'Nothing hinders it')).waitFor()
  await picture('check')
  const before = held().length
  await page
    .getByRole('button', { name: says('Verbindlich bestellen', 'Place the order') })
    .dblclick()
  await way.heading('Bestellung', 'Order')
  const ready = page.getByText(says('Der Dienst ist bereit.', 'The service is ready.'))
  await becomes(page, ready, javaScriptEnabled)
  t.equal(held().length, before + 1, 'a double click is one order')
  const history = page.locator('#live-timeline')
  await history.getByText(says('Bestellung abgeschickt', 'Order submitted')).waitFor()
  await history.getByText(says('ist bereitgestellt', 'service is provisioned')).waitFor()
  await look('ready')
}

async function fillAbout({ page, says }: Way, name: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel(says('Zweck', 'Purpose')).fill('Abstimmung')
  await page.getByLabel(says('Schutzbedarf', 'Protection need')).selectOption('normal')
}

async function orderStorage(way: Way): Promise<void> {
  const { page, press, follow, says, javaScriptEnabled } = way
  await follow('Katalog', 'Catalog')
  await page.getByRole('searchbox').fill(says('Objektspeicher', 'object storage'))
  await press('Suchen', 'Search')
  await follow('Objektspeicher', 'Object storage')
  await press('Plan „Abrechnung je GB', 'Order plan "Billed per GB')
  await fillAbout(way, 'Ablage')
  await press('Weiter zur Prüfung', 'Continue')
  await press('Verbindlich bestellen', 'Place the order')
  const ready = page.getByText(says('Der Dienst ist bereit.', 'The service is ready.'))
  await becomes(page, ready, javaScriptEnabled)
}

/** From the order's page: makes, reveals, replaces, reveals and deletes. */
async function useCredentials(way: Way): Promise<void> {
  const { t, page, press, follow, says, picture, person, heading } = way
  await follow('Zur Instanz', 'To the instance')
  await follow('Zugang anlegen', 'Make a binding')
  await press('Zugang anlegen', 'Make the binding')
  const bindings = page.getByRole('region', { name: says('Zugänge', 'Bindings') })
  const ids = () => bindings.getByRole('rowheader').allInnerTexts()
  const [first = ''] = await ids()
  const reveal = async (id: string) => {
    await bindings.getByRole('link', { name: id }).click()
    const again = page.getByRole('link', { name: says('Erneut anmelden', 'Sign in again') })
    if (await again.isVisible()) {
      await again.click()
      await page.getByRole('button', { name: person.name }).click()
    }
    await press('Zugangsdaten anzeigen', 'Show the credentials')
    await heading('Zugangsdaten', 'Credentials')
    const secret = page.locator('details', { hasText: 'secret' }).first()
    t.notOk(await secret.locator('code').isVisible(), 'nothing is shown unasked')
    await secret.locator('summary').click()
    const text = await secret.locator('code').innerText()
    await picture('credentials')
    await follow('Zum Zugang', 'To the binding')
    return text
  }
  const text = await reveal(first)
  await press('Nachfolger anlegen', 'Make a successor')
  const second = (await ids()).find((id) => id !== first) ?? ''
  t.not(await reveal(second), text, 'the successor has credentials of its own')
  await follow('Zur Instanz', 'To the instance')
  await bindings.getByRole('link', { name: first }).click()
  await follow('Diesen Zugang löschen', 'Delete this binding')
  const remove = says('Zugang endgültig löschen', 'Delete it for good')
  await page.getByRole('button', { name: remove }).dblclick()
  await bindings.waitFor()
  t.strictSame(await ids(), [second], 'the old one is deleted, and a double click is no error')
}

/** From the order's page. */
async function changePlan(way: Way): Promise<void> {
  const { page, press, follow, says, picture, javaScriptEnabled } = way
  await follow('Plan oder Angaben ändern', 'Change plan')
  await follow('Diesen Plan wählen', 'Choose this plan')
  await page.getByLabel(says('Nutzerinnen und Nutzer', 'Users')).fill('40')
  await picture('change')
  await press('Änderung verbindlich', 'Order the change')
  const cancel = page.getByRole('link', { name: says('Kündigen', 'Cancel') })
  await becomes(page, cancel, javaScriptEnabled)
  await page.locator('#live-timeline').getByText(says('ist geändert', 'is changed')).waitFor()
  await picture('changed')
}

async function cancel(way: Way): Promise<void> {
  const { t, page, press, follow, says, look, picture, javaScriptEnabled } = way
  await follow('Kündigen', 'Cancel')
  await page.getByLabel(says('Wann', 'When')).selectOption('now')
  await press('Verbindlich kündigen', 'Cancel the service')
  const safe = says('Zur Sicherheit', 'To be safe')
  await page.getByRole('alert').getByRole('link', { name: safe }).waitFor()
  await look('cancel-wrong')
  t.equal(await page.inputValue('#when'), 'now', 'what was chosen stays')
  await page.getByLabel(safe).fill('Messenger der Kämmerei')
  const button = says('Verbindlich kündigen', 'Cancel the service')
  await page.getByRole('button', { name: button }).dblclick()
  const ended = page.getByText(says('Der Dienst ist beendet.', 'The service has ended.'))
  await becomes(page, ended, javaScriptEnabled)
  await picture('ended')
  const order = page.url()
  // A worker links the end into the chain of the audit log first.
  const read = async () => {
    await page.goto(`${order}/certificate`)
    return page.title()
  }
  await until(read, (title) => /^(Löschnachweis|Deletion certificate)/.test(title), 15_000)
  await page.getByText(says('der Dienst gelöscht ist', 'the service is deleted')).waitFor()
  await look('certificate')
  await page.goto(order)
  await follow('Löschnachweis', 'Deletion certificate')
  await page.goto(order)
  await follow('Alle Bestellungen', 'All orders')
  await page.getByRole('cell', { name: 'Messenger der Kämmerei' }).first().waitFor()
  await picture('orders')
}

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
