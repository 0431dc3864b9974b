// Walks through all that can be done to the processes, in a random order, until each was done often enough.
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
  /** Where processes are killed. */
  readonly failpoints: readonly Failpoint[]
  /** How often each point is hit. */
  readonly hits: number
  /** How often each other thing is done. */
  readonly others: number
  /** No new strike after this moment of performance.now(). */
  readonly endMs: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

export interface Struck {
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

const strikeLimitMs = 10_000

export async function drive({
  world,
  random,
  failpoints,
  hits,
  others: often,
  endMs,
  signal,
  say,
}: DriverOptions): Promise<Struck> {
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
      const dead = await killAt(world, point, random, strikeLimitMs)
      kills.set(point, (kills.get(point) ?? 0) + dead)
      // A point that was not reached in time comes again at the end, unless nobody ever gets there.
      const isReachable = world.brokers.some(({ reached }) => reached.has(point))
      if (dead === 0 && isReachable) plan.push(point)
      else if (dead === 0) plan = plan.filter((each) => each !== point)
    }
    if (turn % 25 === 24) say(`${plan.length} strikes to come`)
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
