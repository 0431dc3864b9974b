import type { DatabaseWork } from './database-work.ts'
import type { CpuShares } from './cpu.ts'
import type { Measured, Round } from './measure.ts'

export interface SideSummary {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpu: CpuShares | undefined
  /** Processor time of the server's own process for one request. */
  readonly serverMicroseconds: number | undefined
  readonly postgresMicroseconds: number | undefined
  /** Of one request. */
  readonly database: DatabaseWork
}

export interface Summary {
  readonly row: string
  readonly wanted: number
  /** Median of ours by median of theirs. */
  readonly ratio: number
  /**
   * Processor time of server and Postgres for one request, theirs by ours: what else runs on the
   * machine weighs less here.
   */
  readonly cpuRatio: number | undefined
  /** Least and greatest ratio of one round. */
  readonly spread: readonly [number, number]
  readonly ours: SideSummary
  readonly theirs: SideSummary
}

export function summarize(row: string, wanted: number, rounds: readonly Round[]): Summary {
  const ours = summarizeSide(rounds.map((round) => round.ours))
  const theirs = summarizeSide(rounds.map((round) => round.theirs))
  const ratios = rounds.map((round) => round.ours.perSecond / round.theirs.perSecond)
  return {
    row,
    wanted,
    ratio: ours.perSecond / theirs.perSecond,
    cpuRatio: microsecondsOf(theirs) / microsecondsOf(ours) || undefined,
    spread: [Math.min(...ratios), Math.max(...ratios)],
    ours,
    theirs,
  }
}

function microsecondsOf({
  serverMicroseconds = NaN,
  postgresMicroseconds = NaN,
}: SideSummary): number {
  return serverMicroseconds + postgresMicroseconds
}

function summarizeSide(measured: readonly Measured[]): SideSummary {
  const of = (pick: (one: Measured) => number) => median(measured.map(pick))
  const perSecond = of((one) => one.perSecond)
  const hasCpu = measured.every(({ cpu }) => cpu !== undefined)
  const share = (name: keyof CpuShares) => of(({ cpu }) => cpu?.[name] ?? 0)
  return {
    perSecond,
    p50Ms: of((one) => one.p50Ms),
    p99Ms: of((one) => one.p99Ms),
    database: {
      statements: of(({ database }) => database.statements),
      commits: of(({ database }) => database.commits),
      walBytes: of(({ database }) => database.walBytes),
    },
    cpu: hasCpu
      ? {
          server: share('server'),
          generator: share('generator'),
          postgres: share('postgres'),
          simulator: share('simulator'),
          others: share('others'),
        }
      : undefined,
    serverMicroseconds: hasCpu
      ? of(({ cpu, perSecond: rate }) => ((cpu?.server ?? 0) / rate) * 1e6)
      : undefined,
    postgresMicroseconds: hasCpu
      ? of(({ cpu, perSecond: rate }) => ((cpu?.postgres ?? 0) / rate) * 1e6)
      : undefined,
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}
