// The frame of the console in a real browser: every public page in both languages, light and dark.
import t from 'tap'
import { errorCodes, titleOf } from '../../../src/http/problems.ts'
import { checkPage, needs, openWindow, startBrowser } from '../../support/browser.ts'
import { caller, startKontor } from '../../support/kontor.ts'

t.setTimeout(110_000)

const kontor = await startKontor(t, {
  worker: false,
  environment: { KONTOR_CONTACT: 'barrieren@musterstadt.example' },
})
const browser = await startBrowser(t)
const paths = ['/', '/accessibility', '/licences', '/nothing'] as const
const browse = caller(kontor.url, { accept: 'text/html', 'accept-language': 'de' })

t.test('each page passes axe in both languages, light and dark', needs(browser), async (t) => {
  if (browser === undefined) return
  for (const language of ['de', 'en'] as const) {
    const window = await openWindow(browser, { language })
    const page = await window.newPage()
    const problems: string[] = []
    page.on('console', (message) => problems.push(message.text()))
    for (const path of paths) {
      await page.goto(`${kontor.url}${path}`)
      t.equal(await page.getAttribute('html', 'lang'), language, path)
      await checkPage(t, page, `${path} ${language}`)
    }
    t.strictSame(
      problems.filter((text) => !text.includes('404')),
      [],
      'the browser complains of nothing',
    )
    await window.close()
  }
})

t.test('by keyboard alone, without JavaScript', needs(browser), async (t) => {
  if (browser === undefined) return
  const look = { language: 'de', javaScriptEnabled: false } as const
  const window = await openWindow(browser, look)
  t.teardown(() => window.close())
  const page = await window.newPage()
  await page.goto(`${kontor.url}/`)
  await page.keyboard.press('Tab')
  await page.getByRole('link', { name: 'Zum Inhalt springen' }).press('Enter')
  t.match(page.url(), /#content$/, 'the first link leads past the navigation')
  await page.getByRole('link', { name: 'English' }).press('Enter')
  await page.getByRole('heading', { name: 'One catalog for all data centres' }).waitFor()
  t.equal(page.url(), `${kontor.url}/`, 'the switch of the language leads back')
  await page.getByRole('link', { name: 'Accessibility statement' }).press('Enter')
  t.equal(await page.title(), 'Accessibility statement - Kontor', 'and is kept')
  const contact = page.getByRole('link', { name: 'barrieren@musterstadt.example' })
  t.equal(await contact.getAttribute('href'), 'mailto:barrieren@musterstadt.example')
})

t.test('a page forbids frames, foreign content, and scripts in it', async (t) => {
  for (const path of ['/', '/nothing', '/%zz']) {
    const { headers } = await browse('GET', path)
    t.match(
      headers,
      {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' " +
          "data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
      },
      path,
    )
  }
  const { text } = await browse('GET', '/')
  t.notMatch(text, /<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/i, 'nothing of that is inline')
})

t.test('errors are pages for a browser, and problem details for a program', async (t) => {
  const missing = await browse('GET', '/nothing?<script>')
  t.equal(missing.status, 404)
  t.match(missing.text, '<h1 class="kern-heading-x-large">Seite nicht gefunden</h1>')
  t.notMatch(missing.text, '<script>')
  const unreadable = await browse('GET', '/%zz')
  t.equal(unreadable.status, 400)
  t.match(unreadable.text, /Das geht so nicht[^]*<q lang="en">The address is not valid/)
  const forPrograms = await caller(kontor.url, {})('GET', '/nothing')
  t.match(forPrograms, { status: 404, body: { type: '/problems/not_found' } })
  t.equal((await browse('GET', forPrograms.body.type)).status, 200, 'its type opens a page')
})

t.test('the type of each problem opens a page that says what to do', async (t) => {
  const list = (await browse('GET', '/problems')).text
  for (const code of errorCodes) {
    t.match(list, `href="/problems/${code}"`)
    const [de, en] = await Promise.all(
      ['de', 'en'].map((language) =>
        browse('GET', `/problems/${code}`, undefined, { 'accept-language': language }),
      ),
    )
    t.match(de, { status: 200, text: /Was es bedeutet[^]*Was zu tun ist/ }, code)
    t.match(en, { status: 200, text: /What it means[^]*What to do/ }, code)
    t.match(en?.text, `<title>${titleOf(code)} - Kontor</title>`, 'the title of the answer')
  }
  t.equal((await browse('GET', '/problems/constructor')).status, 404)
})

t.test('the switch of the language leads to no other site', async (t) => {
  for (const [given, leadsTo] of [
    ['/accessibility?a=b', '/accessibility?a=b'],
    ['https://evil.example/', '/'],
    ['//evil.example/', '/'],
    ['/\\evil.example/', '/'],
    ['/%09/evil.example', '/%09/evil.example'],
    ['/\t/evil.example', '/'],
    ['/a/..//evil.example', '/'],
    ['', '/'],
  ] as const) {
    const reply = await browse('GET', `/language/en?return=${encodeURIComponent(given)}`)
    t.match(reply, { status: 303, headers: { location: leadsTo } }, given)
    t.match(reply.headers['set-cookie'], /^kontor-language=en; .*HttpOnly; SameSite=Lax$/)
  }
  t.equal((await browse('GET', '/language/fr')).status, 404)
})

t.test('the language is what the person chose, else what the browser asks for', async (t) => {
  for (const [asked, expected] of [
    ['', 'de'],
    ['fr', 'de'],
    ['en-GB,en;q=0.9,de;q=0.8', 'en'],
    ['en;q=0.5, de-AT;q=0.9', 'de'],
    ['de;q=0, en;q=0.1', 'en'],
  ] as const) {
    const { text } = await browse('GET', '/', undefined, { 'accept-language': asked })
    t.match(text, `<html lang="${expected}">`, asked)
  }
  const { text } = await browse('GET', '/', undefined, { cookie: 'kontor-language=en' })
  t.match(text, '<html lang="en">')
})

t.test('KERN is served as its package has it, and kept by browsers', async (t) => {
  const { text } = await browse('GET', '/')
  const files = Array.from(
    text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g),
    ([, path = '']) => path,
  )
  t.ok(files.length >= 4)
  for (const path of new Set(files)) {
    const reply = await browse('GET', path)
    t.equal(reply.status, 200, path)
    t.match(reply.headers['cache-control'], /^public, max-age=31536000, immutable$/, path)
  }
  const [kern = ''] = files.flatMap((path) => /^\/assets\/kern-\w+/.exec(path)?.[0] ?? [])
  t.match((await browse('GET', `${kern}/LICENSE.md`)).text, /EUROPEAN UNION PUBLIC LICENCE/i)
  for (const path of ['/package.json', '/src/README.md', '/dist/../package.json', '/dist/'])
    t.equal((await browse('GET', kern + path)).status, 404, path)
})
