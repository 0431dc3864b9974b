// npm run bench -- console: how long the pages of the console take beside 50 people who click, with
// a catalog of 5,000 plans of 100 providers.
import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { watchCpu, type CpuShares } from '../cpu.ts'
import { describeEnvironment } from '../environment.ts'
import type { BenchOptions } from '../options.ts'
import { describeMachine } from '../print.ts'
import {
  getPage,
  offeringsEach,
  openConsoleStage,
  plansEach,
  providers,
  type Clicker,
  type ConsoleStage,
} from './stage.ts'

// A second between the answer and the next click of the same person: 50 clicks a second at most.
const thinkMs = { least: 500, most: 1_500 }
const warmSeconds = 5
const words = ['Datenbank', 'messenger', 'objektspeich', 'vidoe', 'Formular Neuental', 'storage']
const filters = ['category=platform', 'protection=hoch', 'model=SaaS&sort=price', 'sort=name']
const wantedBytes = 150_000

type Kind = 'catalog' | 'filters' | 'search' | 'offering' | 'orders' | 'order'

/** Of each kind of page: its share of the clicks, and how long it may take at most (p99). */
const kinds: Readonly<Record<Kind, { readonly share: number; readonly wantedMs: number }>> = {
  catalog: { share: 0.2, wantedMs: 50 },
  filters: { share: 0.15, wantedMs: 50 },
  search: { share: 0.2, wantedMs: 100 },
  offering: { share: 0.2, wantedMs: 50 },
  orders: { share: 0.1, wantedMs: 50 },
  order: { share: 0.15, wantedMs: 50 },
}
const names = Object.keys(kinds) as Kind[]

interface Click {
  readonly kind: Kind
  readonly ms: number
}

interface Figures {
  readonly kind: Kind
  readonly clicks: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly wantedMs: number
}

export async function runConsole(options: BenchOptions): Promise<void> {
  const stage = await openConsoleStage(options)
  const interrupt = () => {
    void stage.close().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const environment = await describeEnvironment(stage)
    console.log(describeMachine(environment))
    const bytes = await measureFirstPage(stage)
    await clickFor(stage, warmSeconds)
    const clicks: Click[] = []
    const { kontor, postgresPid: postgres, providers: simulator } = stage
    const cpu = watchCpu({ server: kontor.pid, postgres, simulator: simulator.pid })
    for (let round = 0; round < options.rounds; round++)
      clicks.push(...(await clickFor(stage, options.seconds)))
    const figures = names.map((kind) => figuresOf(kind, clicks))
    const shares = cpu()
    const perSecond = clicks.length / options.rounds / options.seconds
    print(figures, bytes, perSecond, shares)
    if (options.json !== undefined)
      await writeFile(
        options.json,
        `${JSON.stringify({ environment, bytes, shares, figures }, null, 2)}\n`,
      )
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    await stage.close()
  }
}

/** All 50 people click for so long. */
async function clickFor(stage: ConsoleStage, seconds: number): Promise<Click[]> {
  const end = performance.now() + seconds * 1_000
  const clicks: Click[] = []
  await Promise.all(
    stage.clickers.map(async (clicker) => {
      // Not all at once.
      await delay(Math.random() * thinkMs.most)
      while (performance.now() < end) {
        const kind = anyKind()
        const path = addressOf(stage, clicker, kind)
        const { ms } = await getPage(stage.kontor.url + path, clicker.cookie)
        clicks.push({ kind, ms })
        await delay(thinkMs.least + Math.random() * (thinkMs.most - thinkMs.least))
      }
    }),
  )
  return clicks
}

function anyKind(): Kind {
  let left = Math.random()
  for (const kind of names) {
    left -= kinds[kind].share
    if (left < 0) return kind
  }
  return 'catalog'
}

const anyOf = (list: readonly string[]): string =>
  list[Math.floor(Math.random() * list.length)] ?? ''

function addressOf({ offerings }: ConsoleStage, { orders }: Clicker, kind: Kind): string {
  if (kind === 'catalog') return '/catalog'
  if (kind === 'filters') return `/catalog?${anyOf(filters)}`
  if (kind === 'search') return `/catalog?q=${encodeURIComponent(anyOf(words))}`
  if (kind === 'offering') return `/catalog/${anyOf(offerings)}`
  return kind === 'orders' ? '/orders' : `/orders/${anyOf(orders)}`
}

function figuresOf(kind: Kind, clicks: readonly Click[]): Figures {
  const times = clicks.filter((click) => click.kind === kind).map(({ ms }) => ms)
  const sorted = Float64Array.from(times).toSorted()
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
  const { wantedMs } = kinds[kind]
  return { kind, clicks: times.length, p50Ms: at(0.5), p99Ms: at(0.99), wantedMs }
}

/** What a browser fetches for the catalog that has the fonts and the styles of KERN. */
async function measureFirstPage({ kontor, clickers }: ConsoleStage): Promise<number> {
  const [{ cookie } = { cookie: '' }] = clickers
  const { text } = await getPage(`${kontor.url}/catalog`, cookie)
  let bytes = Buffer.byteLength(text)
  for (const [, path = ''] of text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)) {
    if (/kern|fira|font/i.test(path)) continue
    bytes += Buffer.byteLength((await getPage(kontor.url + path, cookie)).text)
  }
  return bytes
}

function print(
  figures: readonly Figures[],
  bytes: number,
  perSecond: number,
  shares: CpuShares | undefined,
): void {
  const plans = (providers * offeringsEach * plansEach).toLocaleString('en')
  console.log(
    `\n| page, ${plans} plans of ${providers} providers, ${perSecond.toFixed(0)} clicks a second ` +
      '| clicks | p50 ms | p99 ms | wanted | |\n| --- | --- | --- | --- | --- | --- |',
  )
  for (const { kind, clicks, p50Ms, p99Ms, wantedMs } of figures) {
    const times = `${p50Ms.toFixed(1)} | ${p99Ms.toFixed(1)} | ${wantedMs}`
    console.log(`| ${kind} | ${clicks} | ${times} | ${reached(p99Ms < wantedMs)} |`)
  }
  console.log(
    `\nFirst page without fonts and KERN: ${(bytes / 1_000).toFixed(0)} kB, wanted at most ` +
      `${wantedBytes / 1_000}: ${reached(bytes < wantedBytes)}`,
  )
  if (shares === undefined) return
  const cores = Object.entries(shares).map(([name, share]) => `${name} ${share.toFixed(2)}`)
  console.log(`Cores in use: ${cores.join(', ')}`)
}

const reached = (isReached: boolean): string => (isReached ? 'reached' : 'not reached')
