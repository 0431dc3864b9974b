// npm run bench -- async-order: how long after its provider's own end an asynchronous order is over
// in Kontor, at a pace that leaves the machine room.
import { writeFile } from 'node:fs/promises'
import { workPerRequest } from '../database-work.ts'
import { describeEnvironment } from '../environment.ts'
import type { BenchOptions } from '../options.ts'
import { describeMachine, describeWork } from '../print.ts'
import type { ProvidersOptions } from '../servers/providers.ts'
import { fill } from './fill.ts'
import { judge, spreadOf, type Spread } from './judge.ts'
import { untilOver } from './run.ts'
import { openEngineStage } from './stage.ts'

const pace: ProvidersOptions = {
  retryAfterSeconds: [1, 1, 1, 1, 1, 1, 1, 1, 1],
  leastSeconds: 2,
  maxSeconds: 4,
  answerMs: 5,
}
const orders = 1_000
const perSecond = 50
const maxMs = 60_000

export async function runAsyncOrder(options: BenchOptions): Promise<void> {
  const stage = await openEngineStage(options, pace, 1)
  const interrupt = () => {
    void stage.close().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const environment = await describeEnvironment(stage)
    console.log(describeMachine(environment))
    await fill(stage, 200, perSecond) // so that it is warm
    await untilOver(stage, performance.now() + maxMs)
    const before = await stage.countWork()
    const begunAt = performance.timeOrigin + performance.now()
    const answers = spreadOf(await fill(stage, orders, perSecond))
    const filledAt = performance.timeOrigin + performance.now()
    await untilOver(stage, performance.now() + maxMs)
    const database = workPerRequest(before, await stage.countWork(), orders)
    const report = await stage.report()
    const measured = report.operations.filter((operation) => operation.begunAt >= begunAt)
    const judgement = await judge(stage, { ...report, operations: measured }, filledAt)
    console.log(
      `\n${judgement.succeeded} orders, ${perSecond} a second, that take ${pace.leastSeconds} to ` +
        `${pace.maxSeconds} s at providers that want to be asked each second\n`,
    )
    const { end, endAtBest, step } = judgement
    console.log('| measured | p50 ms | p99 ms | most ms |\n| --- | --- | --- | --- |')
    printSpread(`202 (of which the provider takes ${pace.answerMs} ms)`, answers)
    printSpread("over, after the provider's own end", end)
    printSpread('the same if each poll came just when it may', endAtBest)
    printSpread('over, after the last poll was allowed: what Kontor adds', step)
    console.log(describeWork({ database }))
    if (options.json !== undefined)
      await writeFile(
        options.json,
        `${JSON.stringify({ environment, answers, judgement, database }, null, 2)}\n`,
      )
    if (judgement.succeeded !== orders || judgement.wrong > 0) process.exitCode = 1
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    await stage.close()
  }
}

function printSpread(name: string, { p50, p99, most }: Spread): void {
  const cells = [name, p50.toFixed(0), p99.toFixed(0), most.toFixed(0)]
  console.log(`| ${cells.join(' | ')} |`)
}
