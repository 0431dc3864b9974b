// npm run bench -- growth: whether a Kontor with many instances and platforms is as fast as one
// with few.
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { serveKontor } from '../../children.ts'
import { residentMegabytes } from '../../cpu.ts'
import { describeEnvironment } from '../../environment.ts'
import { measurePair } from '../../measure.ts'
import type { BenchOptions, Sizes } from '../../options.ts'
import { describeMachine, describeWork } from '../../print.ts'
import { median, summarize, type Summary } from '../../summary.ts'
import { checkPlans, type PlanCheck } from './check-plans.ts'
import { growthRows, wantedRatio } from './rows.ts'
import { openGrowthOfInstances, type Environment, type GrowthOfInstances } from './stage.ts'

interface Start {
  /** From the start of the process until it says that it is ready. */
  readonly seconds: number
  /** Some seconds later. */
  readonly residentMegabytes: number
}

type Starts = readonly [few: Start, many: Start]

// A shorter time to warm up than for other rows: both sides run the same code.
const warmRequests = 2_000
const startRounds = 3
const restMs = 3_000

export async function runGrowthOfInstances(options: BenchOptions, sizes: Sizes): Promise<void> {
  const stage = await openGrowthOfInstances(options, sizes)
  const interrupt = () => {
    void stage.close().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const environment = await describeEnvironment(stage)
    console.log(describeMachine(environment))
    const summaries: Summary[] = []
    const watched = { postgres: stage.postgresPid, simulator: stage.simulator.pid }
    for (const row of growthRows) {
      const pair = await row.prepare(stage)
      const pace = { ...options, warmRequests }
      const rounds = await measurePair(pair, pace, watched, stage)
      summaries.push(summarize(row.name, wantedRatio, rounds))
      const { ours, theirs } = summaries.at(-1) as Summary
      console.log(`${row.name}: few   ${describeWork(theirs)}`)
      console.log(`${row.name}: many  ${describeWork(ours)}`)
    }
    const starts = await measureStarts(stage, options)
    await stage.kontor.stop()
    const plans = await checkPlans(stage, options)
    print(sizes, summaries, starts, plans)
    if (options.json !== undefined)
      await writeFile(
        options.json,
        `${JSON.stringify({ environment, sizes, rows: summaries, starts, plans }, null, 2)}\n`,
      )
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    await stage.close()
  }
}

async function measureStarts(stage: GrowthOfInstances, options: BenchOptions): Promise<Starts> {
  const [few, many]: [Start[], Start[]] = [[], []]
  for (let round = 0; round < startRounds; round++) {
    few.push(await start(stage, options, stage.environments[0]))
    many.push(await start(stage, options, stage.environments[1]))
  }
  const medianOf = (starts: readonly Start[]): Start => ({
    seconds: median(starts.map(({ seconds }) => seconds)),
    residentMegabytes: median(starts.map((each) => each.residentMegabytes)),
  })
  return [medianOf(few), medianOf(many)]
}

async function start(
  { folder }: GrowthOfInstances,
  options: BenchOptions,
  environment: Environment,
): Promise<Start> {
  const began = performance.now()
  const kontor = await serveKontor(options.kontor, environment, join(folder, 'starts.log'))
  const seconds = (performance.now() - began) / 1_000
  await delay(restMs)
  const resident = residentMegabytes(kontor.pid)
  await kontor.stop()
  return { seconds, residentMegabytes: resident }
}

function print(
  { instances, platforms }: Sizes,
  summaries: readonly Summary[],
  [few, many]: Starts,
  plans: PlanCheck,
): void {
  const [name, other] = [0, 1].map((at) => `${instances[at]} on ${platforms[at]} platforms`)
  console.log(`\n| instances | ${name} | ${other} | ratio | rounds | by CPU time | wanted |`)
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
  for (const { row, ours, theirs, ratio, spread, cpuRatio } of summaries) {
    const rates = `${Math.round(theirs.perSecond)}/s | ${Math.round(ours.perSecond)}/s`
    const range = spread.map((each) => each.toFixed(2)).join('..')
    const cpu = cpuRatio?.toFixed(2) ?? ''
    console.log(`| ${row} | ${rates} | **${ratio.toFixed(2)}** | ${range} | ${cpu} | 0.80 |`)
  }
  const ratio = few.seconds / many.seconds
  const times = `${few.seconds.toFixed(2)} s | ${many.seconds.toFixed(2)} s`
  console.log(`| start to ready | ${times} | **${ratio.toFixed(2)}** | | | 0.80 |`)
  const megabytes = [few, many].map((each) => `${each.residentMegabytes.toFixed(0)} MB`)
  console.log(`| resident at rest | ${megabytes.join(' | ')} | | | | |`)
  console.log(
    `\n${plans.statements} statements, of which ${plans.growing.length} read more the more rows ` +
      'there are.',
  )
  for (const text of plans.growing) console.log(`  ${text}`)
}
