// Forms in a real browser: what it sends is what the other tests believe, and people can use it.
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { parse } from 'yaml'
import { describe } from '../../src/forms/describe.ts'
import type { FormError } from '../../src/forms/form.ts'
import { read } from '../../src/forms/read.ts'
import { renderErrors } from '../../src/forms/render-errors.ts'
import { render } from '../../src/forms/render.ts'
import { checkPage, needs, openWindow, startBrowser } from '../support/browser.ts'

type Schema = Readonly<Record<string, unknown>>

t.setTimeout(110_000)

const from = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const styles: Readonly<Record<string, string>> = {
  '/kern.css': from('../../node_modules/@kern-ux/native/dist/kern.min.css'),
  '/own.css': from('../../assets/console.css'),
}
const plans = {
  ...(parse(from('schemas/infrastructure.yaml')) as Record<string, Schema>),
  ...(parse(from('schemas/security.yaml')) as Record<string, Schema>),
  ...(parse(from('schemas/cloud-foundry.yaml')) as Record<string, Schema>),
}

/** What came of the last form that was complete. */
let ordered: unknown

const server = createServer((request, response) => {
  void answer(request).then(({ type, body }) => {
    response.setHeader('content-type', `${type}; charset=utf-8`)
    response.setHeader(
      'content-security-policy',
      "default-src 'none'; style-src 'self'; img-src data:",
    )
    response.end(body)
  })
})

async function answer(request: IncomingMessage) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://any')
  const style = styles[pathname]
  if (style !== undefined) return { type: 'text/css', body: style }
  const schema = { type: 'object', ...plans[pathname.slice(1)] }
  const language = searchParams.get('language') === 'en' ? 'en' : 'de'
  const value = searchParams.get('value')
  if (request.method !== 'POST')
    return pageOf(describe(schema, value === null ? undefined : JSON.parse(value)), language)
  const sent = read(schema, new URLSearchParams(await text(request)))
  if (sent.isComplete) ordered = sent.value
  return sent.isComplete
    ? { type: 'text/plain', body: 'ordered' }
    : pageOf(describe(schema, sent.value, { state: sent.state }), language, sent.errors)
}

function pageOf(
  form: ReturnType<typeof describe>,
  language: 'de' | 'en',
  errors: readonly FormError[] = [],
) {
  const body = `<!doctype html><html lang="${language}"><head><title>Form</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="/kern.css"><link rel="stylesheet" href="/own.css"></head>
    <body><main class="page"><h1 class="kern-heading-large">Form</h1>
    ${renderErrors(form, language, errors)}
    <form method="post" novalidate>${render(form, language, errors)}
    <button class="kern-btn kern-btn--primary" name="continue" value="1">
    <span class="kern-label">Continue</span></button></form></main></body></html>`
  return { type: 'text/html', body }
}

await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
t.teardown(() => server.close())
const address = server.address()
const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
const browser = await startBrowser(t)
const folder = process.env['KONTOR_SCREENSHOTS']

t.test(
  'a browser without JavaScript sends kept values back as they are',
  needs(browser),
  async (t) => {
    if (browser === undefined) return
    const window = await openWindow(browser, { language: 'de', javaScriptEnabled: false })
    t.teardown(() => window.close())
    const page = await window.newPage()
    for (const [name, values] of Object.entries(keptValues))
      for (const value of values) {
        ordered = undefined
        await page.goto(`${url}/${name}?value=${encodeURIComponent(JSON.stringify(value))}`)
        await page.getByRole('button', { name: 'Continue' }).click()
        t.strictSame(ordered, value, name)
      }
  },
)

const keptValues: Readonly<Record<string, readonly unknown[]>> = {
  server: [
    {
      name: 'web',
      flavor: 'SCS-2V-8',
      image: 'Debian 13',
      network: '  a\t"b" <c> & Ä\u00A0€ 😀 ',
      boot_volume: { size_gb: 1_000, encrypted: false },
      volumes: [{ size_gb: 5 }, { size_gb: 7, mount: '/data' }],
      cloud_init: '\n\n#cloud-config\n  a: 1\n</textarea>\n',
      ssh_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 a@b', 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB c'],
      security_groups: [],
      more: { any: [1.125, null, 'x'] },
    },
  ],
  'security-group': plans['security-group']?.['examples'] as unknown[],
  'server-certificate': plans['server-certificate']?.['examples'] as unknown[],
  'bare-metal': [{ model: 'gpu', delivery_by: '2026-12-31', ipmi: false, vlan_ids: [1, 2] }],
}

t.test('a form is filled in by keyboard, with an error on the way', needs(browser), async (t) => {
  if (browser === undefined) return
  const window = await openWindow(browser, { language: 'de', javaScriptEnabled: false })
  t.teardown(() => window.close())
  const page = await window.newPage()
  await page.goto(`${url}/object-storage-bucket`)
  await page.getByLabel('name').fill('e-akte')
  await page.getByLabel('quota_gb').fill('1.500')
  await page.getByLabel('quota_gb').press('Enter')
  const summary = page.getByRole('alert')
  await summary.getByText('Meinen Sie 1500 oder 1,5?').waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  t.match(page.url(), /#field\/quota_gb$/)
  t.equal(await page.getByLabel('quota_gb').inputValue(), '1.500')
  await page.getByLabel('quota_gb').fill('1500')
  await page.getByRole('button', { name: 'lifecycle hinzufügen' }).press('Enter')
  await page.getByLabel('expire_days').fill('30')
  await page.getByLabel('expire_days').press('Enter')
  await page.getByText('ordered').waitFor()
  t.match(ordered, {
    quota_gb: 1500,
    versioning: true,
    lifecycle: [{ prefix: '', expire_days: 30 }],
  })
})

t.test('forms pass axe, light and dark, and fit 320 pixels', needs(browser), async (t) => {
  if (browser === undefined) return
  const looks = [
    ['server', 'de'],
    ['security-group?value={"rules":[{},{"port_range":{}}]}', 'en'],
  ] as const
  for (const [name, language] of looks) {
    const window = await openWindow(browser, { language })
    const page = await window.newPage()
    await page.goto(`${url}/${name}${name.includes('?') ? '&' : '?'}language=${language}`)
    await checkPage(t, page, name)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('alert').waitFor()
    // Chromium gives the focus with the first frame, which may come after the element.
    await page.locator('#errors:focus').waitFor()
    t.pass('the summary has the focus')
    await checkPage(t, page, `${name} with errors`)
    if (folder !== undefined)
      await page.screenshot({
        path: `${folder}/form-${name.split('?')[0]}-${language}.png`,
        fullPage: true,
      })
    await window.close()
  }
})
