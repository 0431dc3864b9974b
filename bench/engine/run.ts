// npm run bench -- engine: many asynchronous operations in flight at once, carried by two Kontor
// processes.
import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { watchCpu } from '../cpu.ts'
import { describeEnvironment } from '../environment.ts'
import type { BenchOptions } from '../options.ts'
import { describeMachine } from '../print.ts'
import type { ProvidersOptions } from '../servers/providers.ts'
import { fill } from './fill.ts'
import { judge } from './judge.ts'
import { watchMemory } from './memory.ts'
import { printEngine } from './print.ts'
import { openEngineStage, type EngineStage } from './stage.ts'

// Nine providers, as in the demo. The operations outlast the filling, so that all of them are in
// flight together.
const pace: ProvidersOptions = {
  retryAfterSeconds: [5, 10, 10, 15, 15, 20, 20, 30, 30],
  leastSeconds: 90,
  maxSeconds: 180,
  answerMs: 25,
}

const processes = 2
const settleMs = 5_000
const maxMs = (pace.maxSeconds + 240) * 1_000

export async function runEngine(options: BenchOptions): Promise<void> {
  const stage = await openEngineStage(options, pace, processes)
  const interrupt = () => {
    void stage.close().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const environment = await describeEnvironment(stage)
    console.log(describeMachine(environment))
    const memory = watchMemory(stage.processes)
    await delay(settleMs)
    await memory.measureLive()
    const began = performance.now()
    const readCpu = () =>
      watchCpu({
        server: stage.processes.map(({ kontor }) => kontor.pid),
        postgres: stage.postgresPid,
        simulator: stage.providers.pid,
      })
    const cpuWhileFilling = readCpu()
    await fill(stage, options.operations)
    const filledAt = performance.now()
    const filling = { seconds: (filledAt - began) / 1_000, cpu: cpuWhileFilling() }
    console.log(
      `${options.operations} orders placed in ${filling.seconds.toFixed(0)} s; ` +
        'now the providers take their time.',
    )
    const cpuInFlight = readCpu()
    await memory.measureLive()
    await delay(Math.max(0, began + (pace.leastSeconds - 5) * 1_000 - performance.now()))
    await memory.measureLive()
    await untilOver(stage, began + maxMs)
    const flight = { seconds: (performance.now() - filledAt) / 1_000, cpu: cpuInFlight() }
    await delay(settleMs)
    await memory.measureLive()
    await memory.stop()
    const judgement = await judge(stage, await stage.report(), performance.timeOrigin + filledAt)
    const result = {
      operations: options.operations,
      pace,
      filling,
      flight,
      judgement,
      memory: memory.memories,
    }
    printEngine(result)
    if (options.json !== undefined)
      await writeFile(options.json, `${JSON.stringify({ environment, ...result }, null, 2)}\n`)
    if (judgement.succeeded !== options.operations || judgement.wrong > 0) process.exitCode = 1
  } finally {
    await stage.close()
  }
}

/** @param latest  as `performance.now()` */
export async function untilOver(stage: EngineStage, latest: number): Promise<void> {
  for (;;) {
    const [row] = await stage.query(
      `select count(*)::int as unfinished from operations
        where state not in ('succeeded', 'failed', 'parked')`,
    )
    if (row?.['unfinished'] === 0 || performance.now() > latest) return
    await delay(2_000)
  }
}
