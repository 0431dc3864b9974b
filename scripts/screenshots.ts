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
  const url = await startDemo()
  const browser = await startBrowser(t)
  if (browser === undefined) throw new Error('No browser could start.')
  await mkdir(folder, { recursive: true })
  for (const look of looks) {
    const window = await openWindow(browser, look)
    const page = await window.newPage()
    const take = async (name: string) => {
      const file = `${name}-${look.language}-${look.colorScheme}-${look.width}.png`
      await page.screenshot({ path: join(folder, file), fullPage: true })
    }
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(url + path)
      await take(name)
    }
    await page.goto(`${url}/sign-in`)
    await take('choice')
    await page.getByRole('button', { name: 'Erika Muster' }).click()
    for (const [name, path] of Object.entries(pagesOfPeople)) {
      await page.goto(url + path)
      await take(name)
    }
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
    await takeOrder(page, take)
    await window.close()
  }
  console.log(`The pictures are in ${folder}.`)
} finally {
  for (const close of closers) await close()
}

/** From the button of a plan to the page of its order. */
async function takeOrder(page: Page, take: (name: string) => Promise<void>): Promise<void> {
  const goOn = () => page.locator('.actions button').first().click()
  await page.goto(`${new URL(page.url()).origin}/catalog?q=messenger`)
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
  await page.getByLabel('Users').fill('25')
  await goOn()
  await take('order-check')
  await page.locator('form[action$="/submit"] button').click()
  await take('order')
  await page.goto(`${new URL(page.url()).origin}/orders`)
  await take('orders')
}

/** @returns its URL, when it has printed its welcome */
async function startDemo(): Promise<string> {
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
  return (JSON.parse(text) as { url: string }).url
}
