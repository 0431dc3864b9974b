// npm run bench -- growth: what a change of one provider costs when there are many, and many
// different views.
import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { residentMegabytes } from '../cpu.ts'
import type { BenchOptions } from '../options.ts'
import { costOf, type Cost } from './cost.ts'
import { printGrowth } from './print.ts'
import { refreshAll, registerAll } from './register-all.ts'
import { get, probe, type Spread } from './probe.ts'
import { offeringsEach, openGrowthStage, type GrowthStage } from './stage.ts'

export interface Phase {
  readonly views: number
  /** Of the largest one, compressed. */
  readonly catalogBytes: number
  /** The first GET of each view. */
  readonly firstGets: Cost
  /** Main thread in ms: a catalog read, published and loaded. */
  readonly changeMs: number
  /**
   * Main thread in ms: the first GET of a view after a change that it shows, answered with 304 or
   * the body.
   */
  readonly conditionalGetMs: number
  readonly wholeGetMs: number
  /**
   * During changes: GET of the catalog by the platforms in turn, and last_operation of another one.
   */
  readonly catalog: Spread
  readonly lastOperation: Spread
  readonly lastOperationWhenQuiet: Spread
  readonly residentMegabytes: number
}

export interface GrowthResult {
  readonly providers: number
  readonly offerings: number
  readonly registering: Cost
  /** Each provider's catalog once more, unchanged. */
  readonly refreshing: Cost
  readonly phases: readonly Phase[]
}

const changes = 20
const manyViews = 100
const settleMs = 2_000

export async function runGrowth(options: BenchOptions): Promise<void> {
  const results: GrowthResult[] = []
  for (const providers of options.providers) {
    const stage = await openGrowthStage(options)
    const interrupt = () => {
      void stage.close().finally(() => process.exit(130))
    }
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
    try {
      const result = await grow(stage, providers)
      printGrowth(result)
      results.push(result)
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
      await stage.close()
    }
  }
  if (options.json !== undefined)
    await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`)
}

async function grow(stage: GrowthStage, providers: number): Promise<GrowthResult> {
  const ids: string[] = []
  const registering = await costOf(stage, () => registerAll(stage, ids, providers))
  console.log(`${providers} providers registered in ${registering.seconds.toFixed(1)} s`)
  const refreshing = await costOf(stage, () => refreshAll(stage, ids))
  const platforms = [await stage.createPlatform('view-0')]
  const phases = [await measure(stage, ids, platforms)]
  await denyOneEach(stage, platforms)
  phases.push(await measure(stage, ids, platforms))
  return { providers, offerings: providers * offeringsEach, registering, refreshing, phases }
}

/** Each further platform sees all but one offering, each another one. */
async function denyOneEach(
  stage: GrowthStage,
  platforms: Array<Record<string, string>>,
): Promise<void> {
  for (let view = 1; view < manyViews; view++) {
    platforms.push(await stage.createPlatform(`view-${view}`))
    await stage.admin('POST', '/api/visibility-rules', {
      effect: 'deny',
      who: { platform: `view-${view}` },
      what: {
        offering: `p-${1 + (view % 2)}-service-${view % offeringsEach}`,
        ...(view >= offeringsEach * 2 ? { plan: 'large' } : {}),
      },
      reason: 'Not for all.',
    })
  }
}

async function measure(
  stage: GrowthStage,
  ids: readonly string[],
  platforms: ReadonlyArray<Record<string, string>>,
): Promise<Phase> {
  const url = `${stage.kontor.url}/v2/catalog`
  const [first = {}] = platforms
  const poll = await orderOne(stage, first)
  const change = async (turn: number): Promise<void> => {
    const at = (turn * 7) % ids.length
    await request(`${stage.providers.url}/${at + 1}/change`, { method: 'POST' })
    await stage.admin('POST', `/api/providers/${ids[at]}/refresh`)
  }
  let catalogBytes = 0
  const firstGets = await costOf(stage, async () => {
    for (const headers of platforms) catalogBytes = Math.max(catalogBytes, await get(url, headers))
  })
  await delay(settleMs)
  const quiet = probe(poll, 5)
  await delay(settleMs)
  const lastOperationWhenQuiet = await quiet()
  const perChange = async (after: (turn: number) => Promise<unknown>): Promise<number> => {
    const { mainThreadSeconds } = await costOf(stage, async () => {
      for (let turn = 0; turn < changes; turn++) {
        await change(turn)
        await after(turn)
      }
    })
    return (mainThreadSeconds * 1_000) / changes
  }
  const changeMs = await perChange(async () => {})
  const conditionalMs = await perChange((turn) =>
    get(url, { ...platforms[turn % platforms.length], 'if-none-match': '*' }),
  )
  const wholeMs = await perChange((turn) => get(url, platforms[turn % platforms.length] ?? first))
  const [pollDuring, readDuring] = [
    probe(poll, 5),
    probe((turn) => get(url, platforms[turn % platforms.length] ?? first), 20),
  ]
  for (let turn = 0; turn < changes; turn++) await change(turn)
  const [lastOperation, catalog] = [await pollDuring(), await readDuring()]
  return {
    views: platforms.length,
    catalogBytes,
    firstGets,
    changeMs,
    conditionalGetMs: conditionalMs - changeMs,
    wholeGetMs: wholeMs - changeMs,
    catalog,
    lastOperation,
    lastOperationWhenQuiet,
    residentMegabytes: residentMegabytes(stage.kontor.pid),
  }
}

/** Orders an instance that is never ready. @returns a function that polls it */
async function orderOne(
  stage: GrowthStage,
  headers: Record<string, string>,
): Promise<() => Promise<unknown>> {
  const { body } = await request(`${stage.kontor.url}/v2/catalog`, { headers })
  const { services } = (await body.json()) as {
    services: Array<{ id: string; plans: Array<{ id: string }> }>
  }
  const path = `${stage.kontor.url}/v2/service_instances/polled`
  const ordered = await request(`${path}?accepts_incomplete=true`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({
      service_id: services.at(-1)?.id,
      plan_id: services.at(-1)?.plans[0]?.id,
      organization_guid: 'o',
      space_guid: 's',
    }),
  })
  const text = await ordered.body.text()
  if (ordered.statusCode !== 202) throw new Error(`The order was answered: ${text}`)
  return () => get(`${path}/last_operation`, headers)
}
