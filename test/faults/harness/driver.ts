// Performs all fault actions in random order, until each was performed often enough.
import { setTimeout as delay } from 'node:timers/promises'
import type { Failpoint } from '../../../src/operations/failpoints.ts'
import type { Random } from './random.ts'
import {
  crashDatabase,
  crashSession,
  isolate,
  killAt,
  pausePastLease,
  rollOut,
} from './fault-actions.ts'
import type { World } from './world.ts'

export interface DriverOptions {
  readonly world: World
  readonly random: Random
  /** Where to kill processes. */
  readonly failpoints: readonly Failpoint[]
  /** How often to kill at each failpoint. */
  readonly hits: number
  /** How often to perform each other action. */
  readonly others: number
  /** No new action after this moment of performance.now(). */
  readonly endMs: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

export interface InjectedFaults {
  readonly kills: ReadonlyMap<Failpoint, number>
  readonly others: ReadonlyMap<string, number>
}

const others = {
  'paused past the lease': pausePastLease,
  'rolled out': rollOut,
  'database killed': crashDatabase,
  'database session killed': crashSession,
  'cut off from the database': isolate,
} as const
type Other = keyof typeof others

const actionLimitMs = 10_000

export async function drive({
  world,
  random,
  failpoints,
  hits,
  others: often,
  endMs,
  signal,
  say,
}: DriverOptions): Promise<InjectedFaults> {
  const kills = new Map<Failpoint, number>(failpoints.map((point) => [point, 0]))
  const done = new Map<string, number>()
  const isTime = () => performance.now() < endMs && !signal.aborted
  let plan: Array<Failpoint | Other> = shuffled(random, [
    ...Array.from({ length: hits }, () => failpoints).flat(),
    ...Array.from({ length: often }, () => Object.keys(others) as Other[]).flat(),
  ])
  for (let turn = 0; plan.length > 0 && isTime(); turn++) {
    const next = plan.shift()
    if (next === undefined) break
    if (next in others) {
      await others[next as Other](world, random)
      done.set(next, (done.get(next) ?? 0) + 1)
    } else {
      const point = next as Failpoint
      if ((kills.get(point) ?? 0) >= hits) continue
      const dead = await killAt(world, point, random, actionLimitMs)
      kills.set(point, (kills.get(point) ?? 0) + dead)
      // A failpoint that was not reached in time is tried again at the end, unless no process ever
      // reaches it.
      const isReachable = world.brokers.some(({ reached }) => reached.has(point))
      if (dead === 0 && isReachable) plan.push(point)
      else if (dead === 0) plan = plan.filter((each) => each !== point)
    }
    if (turn % 25 === 24) say(`${plan.length} actions to come`)
    await delay(random.below(400))
  }
  return { kills, others: done }
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, key: random.next() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
