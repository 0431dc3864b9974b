// What a run comes to, as numbers and as the lines that are printed.
import { failpoints as everyPoint, type Failpoint } from '../../../src/operations/failpoints.ts'
import type { StandingFault } from '../../../tools/simulator/types.ts'
import type { Struck } from './driver.ts'
import { offences as kinds, type Judgement, type Offence } from './judge.ts'
import type { Recovered } from './recovery.ts'
import type { Traffic } from './traffic.ts'
import type { Weather } from './background-faults.ts'
import type { World } from './world.ts'

/** An operation whose process died goes on within this. */
export const recoveryLimitMs = 15_000

export interface Summary {
  readonly lines: readonly string[]
  /** The last one. */
  readonly verdict: string
  readonly isGood: boolean
  /** Points that were hit less often than was asked for. */
  readonly missed: readonly Failpoint[]
  readonly counts: Readonly<Record<Offence['kind'], number>>
  readonly slowestRecoveryMs: number
  /** Where the histories of the offences are. */
  readonly report: string | undefined
}

export interface Facts {
  readonly world: World
  readonly traffic: Traffic
  readonly struck: Struck
  readonly weather: Weather
  /** All faults that the providers were given. */
  readonly troubles: readonly StandingFault[]
  readonly judgement: Judgement
  readonly report: string | undefined
  readonly failpoints: readonly Failpoint[]
  readonly hits: number
  readonly tookMs: number
}

export function summarize({
  world,
  traffic,
  struck,
  weather,
  troubles,
  judgement,
  report,
  failpoints,
  hits,
  tookMs,
}: Facts): Summary {
  const counts = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      judgement.offences.filter((offence) => offence.kind === kind).length,
    ]),
  ) as Record<Offence['kind'], number>
  const atProviders = troubles.filter(({ fired }) => fired > 0)
  const all = [...struck.kills, ...struck.others, ...weather.struck].reduce(
    (sum, [, count]) => sum + count,
    atProviders.length,
  )
  const missed = failpoints.filter((point) => (struck.kills.get(point) ?? 0) < hits)
  const ofDead = world.recovery.recovered.filter(({ cause }) => cause !== 'paused')
  const slowestRecoveryMs = Math.max(
    0,
    ...ofDead.filter(({ disturbed }) => !disturbed).map((each) => each.tookMs),
  )
  const verdict = `${traffic.lifecycles.length} lifecycles, ${all} faults: ${counts.lost} lost, ${counts.duplicated} duplicated, ${counts.orphaned} orphaned, ${counts.stuck} stuck`
  return {
    verdict,
    missed,
    counts,
    slowestRecoveryMs,
    report,
    isGood:
      judgement.offences.length === 0 &&
      missed.length === 0 &&
      slowestRecoveryMs <= recoveryLimitMs,
    lines: [
      `killed at: ${told(struck.kills)}`,
      `processes and database: ${told(struck.others)}`,
      `lines, clocks, connections: ${told(weather.struck)}`,
      `at the providers: ${told(tally(atProviders.map((fault) => Object.keys(fault.do).join('+'))))}`,
      `reached: ${told(new Map(everyPoint.map((point) => [point, world.brokers.reduce((sum, { reached }) => sum + (reached.get(point) ?? 0), 0)])))}`,
      recoveryLine(
        'after a death',
        ofDead.filter(({ disturbed }) => !disturbed),
        world.leaseMs,
      ),
      recoveryLine(
        'after a death, and while nobody was up or the database was away',
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
      `updates told as failed that are in force at the provider, or the other way round: ${judgement.drifted.length}${judgement.drifted.length > 0 ? ` (${told(tally(judgement.drifted.map((each) => each.split(' ')[0] ?? '')))})` : ''}`,
      `removals of what was left at providers that are still to come: ${judgement.toBeRemoved}`,
      ...(missed.length === 0 ? [] : [`hit less than ${hits} times: ${missed.join(', ')}`]),
      ...(counts.illegal + counts.unmeant === 0
        ? []
        : [`${counts.illegal} illegal answers, ${counts.unmeant} unmeant ends of processes`]),
      ...judgement.offences
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

const told = (counts: ReadonlyMap<string, number>) =>
  [...counts].map(([name, count]) => `${name} ${count}`).join(', ')
