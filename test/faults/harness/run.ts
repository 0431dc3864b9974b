// One run of the fault harness, from an empty database to its result.
import { setTimeout as delay } from 'node:timers/promises'
import { failpoints as everyPoint, type Failpoint } from '../../../src/operations/failpoints.ts'
import { drive } from './driver.ts'
import { judge, type Judgement } from './judge.ts'
import { randomOf } from './random.ts'
import { writeReport } from './report.ts'
import { allUp } from './fault-actions.ts'
import { summarize, type Summary } from './summary.ts'
import { startTraffic, type Traffic } from './traffic.ts'
import { readOpen } from './invariants.ts'
import { startBackgroundFaults } from './background-faults.ts'
import { startWorld, type World } from './world.ts'

export interface HarnessOptions {
  readonly seed: number
  /** At least so many. */
  readonly lifecycles: number
  /** How many run at a time. */
  readonly lanes: number
  /** Where to kill processes; by default at every failpoint. */
  readonly failpoints?: readonly Failpoint[]
  /** How often to kill a process at each failpoint. */
  readonly hits: number
  /** How often to perform each other action on the processes and the database. */
  readonly others: number
  /** No new actions after so many minutes. */
  readonly minutes: number
  /** Time between two faults of the providers. */
  readonly providerFaultEveryMs: number
  /** How long everything may take to settle after the last fault. */
  readonly settleMs: number
  /** For the brokers, in addition to world.ts. */
  readonly environment?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

export async function runHarness(options: HarnessOptions): Promise<Summary> {
  const world = await startWorld(options.environment ?? {})
  let keepsFolder = false
  try {
    const summary = await inWorld(world, options)
    keepsFolder = summary.report !== undefined
    return summary
  } finally {
    await world.stop(keepsFolder)
  }
}

async function inWorld(world: World, options: HarnessOptions): Promise<Summary> {
  const { seed, lanes, signal, say, failpoints = everyPoint } = options
  const random = randomOf(seed)
  const over = new AbortController()
  signal.addEventListener(
    'abort',
    () => {
      over.abort()
    },
    { once: true },
  )
  if (signal.aborted) over.abort()
  const startedMs = performance.now()
  const traffic = startTraffic({
    platforms: world.platforms,
    offers: world.offers,
    brokers: world.brokers,
    lanes,
    random: random.fork(),
    over: over.signal,
  })
  const backgroundFaults = startBackgroundFaults({
    world,
    random: random.fork(),
    everyMs: options.providerFaultEveryMs,
  })
  const injected = await drive({
    world,
    random: random.fork(),
    failpoints,
    hits: options.hits,
    others: options.others,
    endMs: startedMs + options.minutes * 60_000,
    say,
    signal,
  })
  while (traffic.lifecycles.length < options.lifecycles && !signal.aborted) await delay(200)
  traffic.close()
  await backgroundFaults.stop()
  await allUp(world)
  say(
    `the faults are over after ${Math.round((performance.now() - startedMs) / 1_000)} s; ${traffic.lifecycles.length} lifecycles settle`,
  )
  const providerFaults = (
    await Promise.all(world.providers.map((provider) => provider.faults()))
  ).flat()
  await waitUntilSettled(world, traffic, signal.aborted ? 0 : options.settleMs)
  over.abort()
  const judgement: Judgement = await judge(world, traffic)
  const isClean = judgement.violations.length === 0
  const report = isClean ? undefined : await writeReport(world, judgement)
  return summarize({
    world,
    traffic,
    injected,
    backgroundFaults,
    providerFaults,
    judgement,
    report,
    failpoints,
    hits: options.hits,
    tookMs: performance.now() - startedMs,
  })
}

async function waitUntilSettled(world: World, traffic: Traffic, limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs
  await Promise.race([traffic.ended, delay(limitMs, undefined, { ref: false })])
  while (performance.now() < endMs && (await readOpen(world, endMs - performance.now())).length > 0)
    await delay(250)
}
