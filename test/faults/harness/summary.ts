// The result of a run, as numbers and as printed lines.
import { failpoints as everyPoint, type Failpoint } from '../../../src/operations/failpoints.ts'
import type { StandingFault } from '../../../tools/simulator/types.ts'
import type { InjectedFaults } from './driver.ts'
import { violations as kinds, type Judgement, type Violation } from './judge.ts'
import type { Recovered } from './recovery.ts'
import type { Traffic } from './traffic.ts'
import type { BackgroundFaults } from './background-faults.ts'
import type { World } from './world.ts'

/** An operation whose process died must go on within this time. */
export const recoveryLimitMs = 15_000

export interface Summary {
  readonly lines: readonly string[]
  /** The last printed line. */
  readonly lastLine: string
  readonly isGood: boolean
  /** Failpoints that were hit less often than requested. */
  readonly missed: readonly Failpoint[]
  readonly counts: Readonly<Record<Violation['kind'], number>>
  readonly slowestRecoveryMs: number
  /** The path of the violations' histories. */
  readonly report: string | undefined
}

export interface Facts {
  readonly world: World
  readonly traffic: Traffic
  readonly injected: InjectedFaults
  readonly backgroundFaults: BackgroundFaults
  /** All faults that were injected at the providers. */
  readonly providerFaults: readonly StandingFault[]
  readonly judgement: Judgement
  readonly report: string | undefined
  readonly failpoints: readonly Failpoint[]
  readonly hits: number
  readonly tookMs: number
}

export function summarize({
  world,
  traffic,
  injected,
  backgroundFaults,
  providerFaults,
  judgement,
  report,
  failpoints,
  hits,
  tookMs,
}: Facts): Summary {
  const counts = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      judgement.violations.filter((violation) => violation.kind === kind).length,
    ]),
  ) as Record<Violation['kind'], number>
  const firedAtProviders = providerFaults.filter(({ fired }) => fired > 0)
  const all = [...injected.kills, ...injected.others, ...backgroundFaults.counts].reduce(
    (sum, [, count]) => sum + count,
    firedAtProviders.length,
  )
  const missed = failpoints.filter((point) => (injected.kills.get(point) ?? 0) < hits)
  const ofDead = world.recovery.recovered.filter(({ cause }) => cause !== 'paused')
  const slowestRecoveryMs = Math.max(
    0,
    ...ofDead.filter(({ disturbed }) => !disturbed).map((each) => each.tookMs),
  )
  const lastLine = `${traffic.lifecycles.length} lifecycles, ${all} faults: ${counts.lost} lost, ${counts.duplicated} duplicated, ${counts.orphaned} orphaned, ${counts.stuck} stuck`
  return {
    lastLine,
    missed,
    counts,
    slowestRecoveryMs,
    report,
    isGood:
      judgement.violations.length === 0 &&
      missed.length === 0 &&
      slowestRecoveryMs <= recoveryLimitMs,
    lines: [
      `killed at: ${listCounts(injected.kills)}`,
      `processes and database: ${listCounts(injected.others)}`,
      `network, clocks, connections: ${listCounts(backgroundFaults.counts)}`,
      `at the providers: ${listCounts(tally(firedAtProviders.map((fault) => Object.keys(fault.do).join('+'))))}`,
      `reached: ${listCounts(new Map(everyPoint.map((point) => [point, world.brokers.reduce((sum, { reached }) => sum + (reached.get(point) ?? 0), 0)])))}`,
      recoveryLine(
        'after a death',
        ofDead.filter(({ disturbed }) => !disturbed),
        world.leaseMs,
      ),
      recoveryLine(
        'after a death, while no process was up or the database was away',
        ofDead.filter(({ disturbed }) => disturbed),
        world.leaseMs,
      ),
      ...ofDead
        .filter(({ tookMs }) => tookMs > recoveryLimitMs)
        .slice(0, 10)
        .map(
          ({ operationId, cause, tookMs, atMs, disturbed }) =>
            `  ${operationId} stood still for ${tookMs} ms after ${cause}, until ${new Date(atMs).toISOString()}${disturbed ? ' (disturbed)' : ''}`,
        ),
      recoveryLine(
        'past a pause',
        world.recovery.recovered.filter(({ cause }) => cause === 'paused'),
        world.leaseMs,
      ),
      `updates reported as failed that are in force at the provider, or the other way round: ${judgement.drifted.length}${judgement.drifted.length > 0 ? ` (${listCounts(tally(judgement.drifted.map((each) => each.split(' ')[0] ?? '')))})` : ''}`,
      `removals at providers that are still to come: ${judgement.toBeRemoved}`,
      ...(missed.length === 0 ? [] : [`hit less than ${hits} times: ${missed.join(', ')}`]),
      ...(counts.miscounted === 0
        ? []
        : [`${counts.miscounted} accounts of the ledger differ from the instances`]),
      ...(counts.illegal + counts.crashed === 0
        ? []
        : [
            `${counts.illegal} illegal answers, ${counts.crashed} processes that ended by themselves`,
          ]),
      ...judgement.violations
        .slice(0, 30)
        .map(
          ({ kind, what, lifecycle }) =>
            `  ${kind}: ${lifecycle?.id ?? ''} ${lifecycle?.offer.provider.name ?? ''} ${what}`,
        ),
      ...(report === undefined ? [] : [`histories: ${report}`]),
      `took ${Math.round(tookMs / 1_000)} s`,
    ],
  }
}

function recoveryLine(what: string, recovered: readonly Recovered[], leaseMs: number): string {
  const times = recovered.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b)
  const seconds = (ms: number | undefined) => ((ms ?? 0) / 1_000).toFixed(1)
  return `${times.length} operations went on ${what}: p50 ${seconds(times[Math.floor(times.length / 2)])} s, at most ${seconds(times.at(-1))} s (lease ${leaseMs / 1_000} s)`
}

function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

const listCounts = (counts: ReadonlyMap<string, number>) =>
  [...counts].map(([name, count]) => `${name} ${count}`).join(', ')
