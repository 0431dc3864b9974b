// The pages of the catalog, and of what was ordered, in a real browser.
import t from 'tap'
import { startDemoIssuer } from '../../../tools/demo-issuer/start.ts'
import type { OsbCatalog } from '../../../tools/simulator/types.ts'
import { organisation } from '../../access/tenants.ts'
import { listedCatalog } from '../../marketplace/listed-catalog.ts'
import { checkPage, needs, openWindow, startBrowser } from '../../support/browser.ts'
import { here, startKontor } from '../../support/kontor.ts'
import { writeOidcFile } from '../../support/oidc-file.ts'
import { createPlatform } from '../../tenancy/platforms.ts'

t.setTimeout(110_000)

const erika = {
  subject: 'erika',
  name: 'Erika Muster',
  email: 'erika@kontor.example',
  roles: ['agency'],
  organisations: ['stadt', 'amt'],
  place: 'Musterstadt',
  part: { de: 'arbeitet', en: 'works' },
  providers: [],
}
const issuer = await startDemoIssuer({ port: 0, people: [erika] })
t.teardown(() => issuer.stop())
const kontor = await startKontor(t, {
  worker: false,
  environment: { KONTOR_OIDC_FILE: await writeOidcFile(t, issuer.settings) },
})
issuer.setKontor(kontor.url)
const script = '<script>document.title = "taken"</script>'
const [chat, ...others] = listedCatalog('nord').services
const catalog = {
  services: [
    chat,
    ...others,
    {
      ...others[0],
      id: 'evil',
      name: 'evil',
      metadata: { displayName: `Evil ${script}` },
      plans: [{ id: 'evil', name: 'evil', description: script }],
    },
  ],
} as OsbCatalog
await kontor.addProvider('nord', { catalog })
await organisation(kontor, 'stadt', 'kommune')
await organisation(kontor, 'amt', 'kommune')
await kontor.admin('POST', '/api/visibility-rules', {
  effect: 'deny',
  who: { level: 'kommune' },
  what: { offering: 'nord-odd' },
  reason: 'Secret.',
  conceal: true,
})
await kontor.admin('POST', '/api/visibility-rules', {
  effect: 'deny',
  who: { level: 'kommune' },
  what: { offering: 'nord-store', plan: 'free' },
  reason: 'Only for trials.',
})
const browser = await startBrowser(t)
const shots = process.env['KONTOR_SCREENSHOTS']

for (const language of ['de', 'en'] as const)
  t.test(`a person finds and compares plans, in ${language}`, needs(browser), async (t) => {
    if (browser === undefined) return
    const says = (de: string, en: string) => (language === 'de' ? de : en)
    const window = await openWindow(browser, { language })
    t.teardown(() => window.close())
    const page = await window.newPage()
    const shot = async (name: string) => {
      if (shots !== undefined)
        await page.screenshot({ path: `${shots}/${name}-${language}.png`, fullPage: true })
    }
    await page.goto(`${kontor.url}/catalog`)
    await page.getByRole('button', { name: /Erika/ }).click()
    await page.getByRole('heading', { name: says('Katalog', 'Catalog'), level: 1 }).waitFor()
    t.match(page.url(), /\/catalog$/, 'the sign-in leads back')
    const status = page.getByRole('status')
    t.equal((await status.textContent())?.trim(), says('3 Dienste', '3 services'))
    t.notMatch(await page.content(), /nord-odd|<script>document/)
    t.match(await page.getByText('Only for trials.').first().textContent(), /./)
    await checkPage(t, page, 'catalog')
    await shot('catalog')

    await page.getByRole('searchbox').fill(says('nachricht', 'mesages'))
    await page.getByRole('button', { name: says('Suchen', 'Search') }).click()
    t.equal((await status.textContent())?.trim(), says('1 Dienst', '1 service'))
    await page.getByRole('link', { name: 'SaaS (1)' }).click()
    t.match(page.url(), /q=\w+&model=SaaS$/, 'the address holds all of it')
    await checkPage(t, page, 'search')
    await shot('search')

    for (const box of await page.getByRole('checkbox').all()) await box.check({ force: true })
    const compare = says('Auswahl vergleichen', 'Compare selection')
    await page.getByRole('button', { name: compare }).click()
    await page.getByRole('heading', { name: says('Vergleich', 'Comparison') }).waitFor()
    t.equal(await page.getByRole('columnheader').count(), 3)
    await page.getByRole('cell', { name: says('159,70 EUR', '159.70 EUR') }).waitFor()
    await checkPage(t, page, 'comparison')
    await shot('comparison')
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'CSV' }).click()
    t.equal((await download).suggestedFilename(), 'kontor-comparison.csv')

    await page.goto(`${kontor.url}/catalog/nord-chat`)
    await page
      .getByRole('cell', { name: says('99,5 %', '99.5 %') })
      .first()
      .waitFor()
    const link = page.getByRole('link', { name: 'AGB' })
    t.equal(await link.getAttribute('rel'), 'noopener noreferrer')
    t.equal(await page.getByRole('link', { name: /alert/ }).count(), 0)
    await checkPage(t, page, 'offering')
    await shot('offering')
    await page.goto(`${kontor.url}/catalog/nord-odd`)
    t.equal((await page.request.get(`${kontor.url}/catalog/nord-odd`)).status(), 404)
  })

t.test('where there is little room the filters are folded', needs(browser), async (t) => {
  if (browser === undefined) return
  const look = { language: 'en', width: 320, javaScriptEnabled: false } as const
  const window = await openWindow(browser, look)
  t.teardown(() => window.close())
  const page = await window.newPage()
  await page.goto(`${kontor.url}/catalog`)
  await page.getByRole('button', { name: /Erika/ }).click()
  const heading = page.getByRole('heading', { level: 3 }).first()
  await heading.waitFor()
  // Until the fonts of the page have come, its lines are those of another font.
  await page.evaluate('document.fonts.ready.then(() => undefined)')
  const first = await heading.boundingBox()
  t.ok(first !== null && first.y < 900, `a service stands on the first screen: ${first?.y}`)
  const filter = page.getByRole('link', { name: 'SaaS (1)' })
  t.notOk(await filter.isVisible())
  await page.locator('summary').press('Enter')
  await filter.press('Enter')
  await page.getByText('Filters (1 chosen)').waitFor()
  t.notOk(await page.getByRole('link', { name: 'SaaS (1)' }).isVisible(), 'folded again')
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.getByRole('link', { name: 'SaaS (1)' }).waitFor()
})

t.test('what the agencies have', needs(browser), async (t) => {
  if (browser === undefined) return
  await kontor.addProvider('sued', {
    behaviours: { '*': { mode: 'sync', bindingExpiresDays: 20 } },
  })
  await organisation(kontor, 'fremd', 'kommune')
  const small = await kontor.find('sued', 'db', 'small')
  const order = async (platform: string, owner: string, id: string, name?: string) => {
    const { call } = await createPlatform(kontor, platform, {
      organisation: owner,
      kind: 'cloudfoundry',
    })
    const context = { platform: 'cloudfoundry', instance_name: name }
    const path = `/v2/service_instances/${id}`
    await call('PUT', path, { ...small, ...here, context })
    const password = (await call('PUT', `${path}/service_bindings/${'b'.repeat(60)}-${id}`, small))
      .body.credentials.password as string
    return { call, path, password }
  }
  const { password } = await order('cf-stadt', 'stadt', 'akten', 'Akten-Datenbank')
  const app = await order('cf-amt', 'amt', 'i'.repeat(80))
  await order('cf-fremd', 'fremd', 'geheim', 'Geheim')
  await app.call(
    'DELETE',
    `${app.path}/service_bindings/${'b'.repeat(60)}-${'i'.repeat(80)}?` +
      `service_id=${small.service_id}&plan_id=${small.plan_id}`,
  )

  for (const language of ['de', 'en'] as const) {
    const says = (de: string, en: string) => (language === 'de' ? de : en)
    const window = await openWindow(browser, { language })
    t.teardown(() => window.close())
    const page = await window.newPage()
    const shot = async (name: string) => {
      if (shots !== undefined)
        for (const width of [1280, 320]) {
          await page.setViewportSize({ width, height: 900 })
          await page.screenshot({
            path: `${shots}/${name}-${language}-${width}.png`,
            fullPage: true,
          })
        }
      await page.setViewportSize({ width: 1280, height: 900 })
    }
    await page.goto(`${kontor.url}/instances`)
    await page.getByRole('button', { name: /Erika/ }).click()
    await page.getByRole('heading', { name: says('Instanzen', 'Instances'), level: 1 }).waitFor()
    const rows = page.locator('tbody').getByRole('row')
    t.equal(await rows.count(), 2, 'of the own agencies only')
    t.notMatch(await page.content(), /Geheim|geheim|fremd/)
    await checkPage(t, page, 'instances')
    await shot('instances')
    await page.getByRole('searchbox').fill('akten')
    await page.getByRole('button', { name: says('Suchen', 'Search') }).click()
    t.equal(await rows.count(), 1)
    await page.getByRole('link', { name: says('fehlgeschlagen', 'failed') }).click()
    t.match(page.url(), /q=akten&state=failed$/, 'the address holds all of it')
    await page.getByText(says('keine Instanzen, zu denen', 'no instances that fit')).waitFor()
    await page.getByRole('link', { name: says('alle', 'all'), exact: true }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'CSV' }).click()
    t.equal((await download).suggestedFilename(), 'kontor-instances.csv')

    await page.getByRole('link', { name: 'Akten-Datenbank' }).click()
    await page.getByRole('heading', { name: 'Akten-Datenbank' }).waitFor()
    await page
      .getByText(says('Plattform cf-stadt bestellt', 'ordered through the platform cf-stadt'))
      .waitFor()
    await page.getByText(says('erneuern bis', 'renew before')).waitFor()
    const history = page.locator('#live-timeline').getByRole('listitem')
    t.match((await history.allTextContents()).join(' '), says('bereitgestellt', 'provisioned'))
    t.notMatch(await page.content(), password, 'no credentials')
    await checkPage(t, page, 'instance')
    await shot('instance')

    await page.goto(`${kontor.url}/bindings?expiring=1`)
    t.equal(await rows.count(), 1)
    await checkPage(t, page, 'bindings')
    await shot('bindings')
    await page.getByRole('link', { name: /×$/ }).click()
    t.match(page.url(), /\/bindings$/)
  }
})
