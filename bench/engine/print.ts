import type { CpuShares } from '../cpu.ts'
import type { ProvidersOptions } from '../servers/providers.ts'
import type { Judgement, Spread } from './judge.ts'
import type { Memory } from './memory.ts'

export interface EngineResult {
  readonly operations: number
  readonly pace: ProvidersOptions
  readonly filling: Phase
  /** From the last order to the last end. */
  readonly flight: Phase
  readonly judgement: Judgement
  readonly memory: readonly Memory[]
}

interface Phase {
  readonly seconds: number
  readonly cpu: CpuShares | undefined
}

const maxLagMs = 2_000
const maxPolls = 1.3

export function printEngine(result: EngineResult): void {
  const { operations, pace, filling, flight, judgement: found } = result
  const ratio = found.polls / found.pollsAsked
  const reached = (is: boolean) => (is ? 'reached' : 'NOT reached')
  const rows: ReadonlyArray<readonly [string, string, string]> = [
    [
      'operations that succeeded',
      `${found.succeeded} of ${operations}`,
      `all: ${reached(found.succeeded === operations)}`,
    ],
    [
      'in flight at once, at the providers',
      `${found.peak}`,
      `all: ${reached(found.peak === operations)}`,
    ],
    [
      'lag: after the last poll was allowed',
      describe(found.step),
      `p99 < 2 s: ${reached(found.step.p99 < maxLagMs)}`,
    ],
    [
      'lag: after a schedule of polls that are never late',
      describe(found.schedule),
      `p99 < 2 s: ${reached(found.schedule.p99 < maxLagMs)}`,
    ],
    ["after the provider's own end (its Retry-After included)", describe(found.end), ''],
    ['the same for polls that are never late', describe(found.endAtBest), ''],
    ['delay of each poll', describe(found.pollDelay), ''],
    ['of those after the last order', describe(found.pollDelayAfterFilling), ''],
    [
      'p99 by Retry-After',
      found.pollDelays
        .map(
          ({ retryAfterSeconds, p99 }) => `${retryAfterSeconds} s: ${(p99 / 1_000).toFixed(2)} s`,
        )
        .join(', '),
      '',
    ],
    [
      'polls by what Retry-After asks for',
      `${found.polls} / ${found.pollsAsked} = ${ratio.toFixed(3)}`,
      `< 1.3: ${reached(ratio < maxPolls)}`,
    ],
    [
      'polls before their time',
      found.early === 0 ? '0' : `${found.early}, by at most ${found.earliestMs.toFixed(1)} ms`,
      `0: ${reached(found.early === 0)}`,
    ],
    ['requests that no broker should send', `${found.wrong}`, `0: ${reached(found.wrong === 0)}`],
    ...result.memory.map(
      (memory, index) =>
        [`memory of process ${index + 1}`, describeMemory(memory), 'flat'] as const,
    ),
    ['orders a second while filling', `${(operations / filling.seconds).toFixed(0)}`, ''],
    ['cores while filling', describeCpu(filling.cpu), ''],
    ['cores after that', describeCpu(flight.cpu), ''],
    ['processor time of one poll', describeCost(flight, found.pollsAfterFilling), ''],
  ]
  console.log(
    `\nengine  ${operations} provisions of ${pace.leastSeconds} to ${pace.maxSeconds} s at ` +
      `${pace.retryAfterSeconds.length} providers, ` +
      `Retry-After ${pace.retryAfterSeconds.join(', ')} s, ` +
      `each answer after ${pace.answerMs} ms; ${result.memory.length} Kontor processes; ` +
      `over after ${flight.seconds.toFixed(0)} s\n`,
  )
  console.log('| measured | | wanted |\n| --- | --- | --- |')
  for (const row of rows) console.log(`| ${row.join(' | ')} |`)
}

function describe({ p50, p99, most }: Spread): string {
  const seconds = (ms: number) => (ms / 1_000).toFixed(3)
  return `p50 ${seconds(p50)} s, p99 ${seconds(p99)} s, most ${seconds(most)} s`
}

function describeMemory({ live, rss }: Memory): string {
  const size = (megabytes: number | undefined) => `${(megabytes ?? NaN).toFixed(0)} MB`
  const [before, filled, full, after] = live.map((megabytes) => megabytes.toFixed(1))
  return (
    `kept: ${before} MB idle, ${filled} and ${full} with all in flight, ${after} after; ` +
    `resident: ${size(rss[0])} idle, ${size(Math.max(...rss))} at most`
  )
}

function describeCpu(cpu: CpuShares | undefined): string {
  if (cpu === undefined) return 'unknown'
  const names: Readonly<Record<keyof CpuShares, string>> = {
    server: 'Kontor',
    generator: 'load',
    postgres: 'Postgres',
    simulator: 'providers',
    others: 'other programs',
  }
  return Object.entries(names)
    .map(([name, label]) => `${label} ${cpu[name as keyof CpuShares].toFixed(2)}`)
    .join(', ')
}

function describeCost({ seconds, cpu }: Phase, polls: number): string {
  const microseconds = (cores = NaN) => (((cores * seconds) / polls) * 1e6).toFixed(0)
  return `Kontor ${microseconds(cpu?.server)} µs, Postgres ${microseconds(cpu?.postgres)} µs`
}
