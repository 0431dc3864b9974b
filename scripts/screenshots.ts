// Writes a picture of every page of the console, in both languages, light and dark, wide and narrow,
// to a folder (default: .kontor/screenshots), to be looked at: axe does not see what is ugly. The
// pages are those of a demo of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { openWindow, startBrowser, type Look } from '../test/support/browser.ts'
import { makeTemporaryFolder } from './temporary-folder.ts'

const pages = {
  start: '/',
  accessibility: '/accessibility',
  licences: '/licences',
  error: '/no',
  problems: '/problems',
  problem: '/problems/quota_exceeded',
}
const pagesOfPeople = {
  'start-signed-in': '/',
  catalog: '/catalog',
  search: '/catalog?q=postgres',
  instances: '/instances',
  bindings: '/bindings',
  account: '/account',
  tokens: '/account/tokens',
  'new-token': '/account/tokens/new',
  'tokens-of-members': '/tokens',
  members: '/members',
  invitations: '/invitations',
  invite: '/invitations/new',
  comparisons: '/comparisons',
  'no-orders': '/orders',
  registrations: '/registrations',
  agency: '/registrations/agency',
  join: '/registrations/join',
}

const looks: readonly Look[] = (['de', 'en'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((colorScheme) =>
    [1280, 320].map((width) => ({ language, colorScheme, width })),
  ),
)

const folder = resolve(process.argv[2] ?? '.kontor/screenshots')
const closers: Array<() => unknown> = []
const t = { teardown: (close: () => unknown) => void closers.unshift(close) }

try {
  const { url, people } = await startDemo()
  await addMember(url, people)
  const browser = await startBrowser(t)
  if (browser === undefined) throw new Error('No browser could start.')
  await mkdir(folder, { recursive: true })
  // The orders of one look would stand in the list of the next that is to be empty.
  for (const parts of [
    [takePages, takeCatalog],
    [takeOrder, takeBinding],
  ])
    for (const look of looks) {
      const window = await openWindow(browser, look)
      const page = await window.newPage()
      const take = async (name: string) => {
        const file = `${name}-${look.language}-${look.colorScheme}-${look.width}.png`
        await page.screenshot({ path: join(folder, file), fullPage: true })
      }
      for (const part of parts) await part({ url, page, take })
      await window.close()
    }
  console.log(`The pictures are in ${folder}.`)
} finally {
  for (const close of closers) await close()
}

interface Window {
  readonly url: string
  readonly page: Page
  readonly take: (name: string) => Promise<void>
}

async function signIn({ url, page, take }: Window): Promise<void> {
  await page.goto(`${url}/sign-in`)
  await take('choice')
  await page.getByRole('button', { name: 'Erika Muster' }).click()
}

async function takePages(window: Window): Promise<void> {
  const { url, page, take } = window
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(url + path)
    await take(name)
  }
  await signIn(window)
  for (const [name, path] of Object.entries(pagesOfPeople)) {
    await page.goto(url + path)
    await take(name)
  }
  await page.goto(`${url}/members`)
  await page.locator('main table a').first().click()
  await take('member')
}

async function takeCatalog({ url, page, take }: Window): Promise<void> {
  await page.goto(`${url}/catalog?q=postgres`)
  await page.locator('.results__list a').first().click()
  await take('offering')
  await page.goto(`${url}/catalog?q=postgres`)
  for (const plan of (await page.locator('input[name="plan"]').all()).slice(0, 3))
    await plan.check()
  await page.getByRole('button', { name: /^(Auswahl vergleichen|Compare selection)/ }).click()
  await take('comparison')
  await page.getByRole('link', { name: /^(Vergleich festhalten|Freeze the comparison)/ }).click()
  await take('freeze')
  await page.locator('main form button').click()
  await take('frozen-comparison')
}

/** From the button of a plan to the end of what it ordered. */
async function takeOrder(window: Window): Promise<void> {
  const { url, page, take } = window
  await signIn(window)
  const goOn = () => page.locator('.actions button').first().click()
  await page.goto(`${url}/catalog?q=messenger`)
  await page.locator('.results__list a').first().click()
  await page.locator('form[action="/orders"] button').first().click()
  await take('order-form')
  await goOn()
  await take('order-form-wrong')
  await page.locator('#instanceName').fill('Messenger der Kämmerei')
  await page.locator('#purpose').fill('Abstimmung mit den Ämtern')
  await page.locator('#protectionNeed').selectOption('normal')
  const centres = page.locator('select#costCentre')
  if ((await centres.count()) > 0) await centres.selectOption({ index: 1 })
  await page.getByLabel(/^(Users|Nutzerinnen und Nutzer)/).fill('25')
  await goOn()
  await take('order-check')
  const check = page.url()
  await page.goto(`${url}/orders?state=draft`)
  await take('drafts')
  await page.goto(check)
  await page.locator('form[action$="/submit"] button').click()
  await take('order')
  const order = page.url()
  await page.getByText(/^(Der Dienst ist bereit|The service is ready)\.$/).waitFor()
  await page.goto(order)
  await take('order-ready')
  for (const name of ['change', 'cancel']) {
    await page.goto(`${order}/${name}`)
    await take(`order-${name}`)
  }
  await page.goto(`${url}/instances`)
  await take('instances-ordered')
  await page.locator('main table a').first().click()
  await take('instance')
  await page.goto(`${url}/orders`)
  await take('orders')
}

/** Of a service that one has bindings of, by the person who is signed in. */
async function takeBinding({ url, page, take }: Window): Promise<void> {
  const press = (within: string) => page.locator(`${within} button`).first().click()
  await page.goto(`${url}/catalog?q=s3`)
  await page.locator('.results__list a').first().click()
  await press('form[action="/orders"]')
  await page.locator('#instanceName').fill('Ablage')
  await page.locator('#purpose').fill('Ablage von Akten')
  await page.locator('#protectionNeed').selectOption('normal')
  const centres = page.locator('select#costCentre')
  if ((await centres.count()) > 0) await centres.selectOption({ index: 1 })
  await press('.actions')
  await press('form[action$="/submit"]')
  await page.locator('main a[href^="/instances/"]').first().click()
  await page.locator('main a[href$="/bind"]').click()
  await take('bind')
  await press('form[action$="/bind"]')
  await take('instance-bound')
  await page.locator('main a[href^="/bindings/"]').first().click()
  await take('binding')
  await page.locator('main a[href$="/delete"]').click()
  await take('unbind')
}

/** Nina Neu joins the organisation of Erika Muster, which has no other member. */
async function addMember(url: string, people: Demo['people']): Promise<void> {
  const post = async (name: string, path: string, body: object) => {
    const token = people.find((each) => each.name === name)?.token
    const reply = await fetch(`${url}/api/registrations${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!reply.ok) throw new Error(await reply.text())
    return (await reply.json()) as { id: string }
  }
  const join = { organisation: 'musterstadt', role: 'viewer' }
  const { id } = await post('Nina Neu', '', { join })
  await post('Erika Muster', `/${id}/accept`, {})
}

interface Demo {
  readonly url: string
  readonly people: ReadonlyArray<{ readonly name: string; readonly token: string }>
}

/** @returns how to reach it, when it has printed its welcome */
async function startDemo(): Promise<Demo> {
  const data = await makeTemporaryFolder('screenshots')
  t.teardown(() => rm(data, { recursive: true, force: true }))
  const command = fileURLToPath(new URL('../bin/kontor.js', import.meta.url))
  const demo = spawn(process.execPath, [command, 'demo'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], KONTOR_DATA: data, PORT: '0' },
  })
  t.teardown(async () => {
    demo.kill('SIGTERM')
    if (demo.exitCode === null) await once(demo, 'exit')
  })
  await Promise.race([once(demo.stdout, 'data'), once(demo, 'exit')])
  const text = await readFile(join(data, 'demo.json'), 'utf8')
  return JSON.parse(text) as Demo
}
