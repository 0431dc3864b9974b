// A real Chromium for tests, from npm: nothing has to be installed beside. Where it cannot start,
// the tests that need it are skipped, and say so.
import { readFileSync } from 'node:fs'
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import packed from '@sparticuz/chromium'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import type { Test } from 'tap'
import type { Teardown } from './teardown.ts'

const require = createRequire(import.meta.url)

/** Chromium's executable, unpacked once for each user and version. @returns its path */
async function unpack(): Promise<string> {
  // Its package exports no package.json.
  const folderOfPackage = new URL('..', import.meta.resolve('@sparticuz/chromium'))
  const { version } = JSON.parse(
    readFileSync(new URL('package.json', folderOfPackage), 'utf8'),
  ) as { version: string }
  const folder = join(tmpdir(), `kontor-chromium-${version}-${process.getuid?.() ?? 0}`)
  const file = join(folder, 'chromium')
  const exists = await access(file).then(
    () => true,
    () => false,
  )
  if (exists) return file
  // Unpacked beside and moved: another test may ask at the same time.
  const { TMPDIR } = process.env
  const unpacked = await mkdtemp(join(tmpdir(), 'kontor-chromium-'))
  process.env['TMPDIR'] = unpacked
  try {
    await packed.executablePath()
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
  }
  await mkdir(tmpdir(), { recursive: true })
  await rename(unpacked, folder).catch(async () => rm(unpacked, { recursive: true, force: true }))
  return file
}

/**
 * Starts Chromium.
 * @returns undefined where it cannot start, after a line that says why
 */
export async function startBrowser(t: Teardown): Promise<Browser | undefined> {
  try {
    const browser = await chromium.launch({
      executablePath: await unpack(),
      // Root may start it only without its sandbox; it opens no page but ours.
      args: ['--no-sandbox', '--no-zygote', '--disable-gpu', '--font-render-hinting=none'],
      timeout: 30_000,
    })
    t.teardown(() => browser.close())
    return browser
  } catch (error) {
    const [reason = ''] = String(error).split('\n')
    console.error(`SKIPPED: no browser could start, so its tests did not run: ${reason}`)
    return undefined
  }
}

/** The subtest options of tests that need the browser. */
export function needs(browser: Browser | undefined): { skip: string | false } {
  return { skip: browser === undefined ? 'no browser could start on this machine' : false }
}

export interface Look {
  readonly language: 'de' | 'en'
  readonly colorScheme?: 'light' | 'dark'
  /** In CSS pixels; 1280 by default. */
  readonly width?: number
  readonly javaScriptEnabled?: boolean
}

/** A window of its own, with cookies of its own. Lets axe in past the policy of the pages. */
export async function openWindow(
  browser: Browser,
  { language, colorScheme = 'light', width = 1280, javaScriptEnabled = true }: Look,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    locale: language === 'de' ? 'de-DE' : 'en-GB',
    colorScheme,
    viewport: { width, height: 900 },
    javaScriptEnabled,
    bypassCSP: true,
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(15_000)
  return context
}

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  readonly id: string
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary: string }>
}

/**
 * What axe finds wrong with a page, as lines.
 * @param rules  which it applies; by default all of WCAG and its own good practices
 */
async function violationsOf(page: Page, rules?: readonly string[]): Promise<string[]> {
  const options = {
    resultTypes: ['violations'],
    ...(rules === undefined ? {} : { runOnly: rules }),
  }
  await page.evaluate(axe)
  const violations = await page.evaluate(
    // In the page, where axe is a global.
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  )
  return (violations as Violation[]).flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  )
}

/** How many CSS pixels a page is wider than its window: 0 if there is nothing to scroll sideways. */
async function sidewaysOf(page: Page): Promise<number> {
  const width = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  // Negative where KERN keeps a place for the scroll bar.
  return Math.max(0, width as number)
}

/** As `checkPage`, but in the colours of the window only: half of its time. */
export async function glanceAt(t: Test, page: Page, name: string): Promise<void> {
  t.strictSame(await violationsOf(page), [], `${name}: axe finds nothing`)
  await page.setViewportSize({ width: 320, height: 900 })
  t.equal(await sidewaysOf(page), 0, `${name}: nothing to scroll sideways at 320 pixels`)
  await page.setViewportSize({ width: 1280, height: 900 })
}

/**
 * Checks the page that a window with JavaScript shows as its readers meet it: axe finds nothing, light or dark, and
 * there is nothing to scroll sideways at 320 pixels.
 */
export async function checkPage(t: Test, page: Page, name: string): Promise<void> {
  t.strictSame(await violationsOf(page), [], `${name}: axe finds nothing`)
  await page.emulateMedia({ colorScheme: 'dark' })
  t.strictSame(await violationsOf(page, ['color-contrast']), [], `${name}: nor in the dark`)
  const { width } = page.viewportSize() ?? { width: 1280 }
  await page.setViewportSize({ width: 320, height: 900 })
  t.equal(await sidewaysOf(page), 0, `${name}: nothing to scroll sideways at 320 pixels`)
  await page.setViewportSize({ width, height: 900 })
  await page.emulateMedia({ colorScheme: 'light' })
}
