import { mainThreadMs, processMs } from '../cpu.ts'
import type { GrowthStage } from './stage.ts'

export interface Cost {
  readonly seconds: number
  /** Processor time of Kontor's main thread, of all its threads, and of Postgres. */
  readonly mainThreadSeconds: number
  readonly kontorSeconds: number
  readonly postgresSeconds: number
}

/** What some work costs. */
export async function costOf(
  { kontor, postgresPid }: GrowthStage,
  work: () => Promise<void>,
): Promise<Cost> {
  const read = () => [
    performance.now(),
    mainThreadMs(kontor.pid),
    processMs(kontor.pid),
    processMs(postgresPid),
  ]
  const before = read()
  await work()
  const [seconds = 0, mainThreadSeconds = 0, kontorSeconds = 0, postgresSeconds = 0] = read().map(
    (ms, at) => (ms - (before[at] ?? 0)) / 1_000,
  )
  return { seconds, mainThreadSeconds, kontorSeconds, postgresSeconds }
}
