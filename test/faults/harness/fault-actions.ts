// What the harness does to the processes and the database, one action after the other.
import { setTimeout as delay } from 'node:timers/promises'
import type { Failpoint } from '../../../src/operations/failpoints.ts'
import type { Fault } from '../../../tools/simulator/types.ts'
import type { Broker } from './broker.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

// Provider faults that lead to failpoints which are rare without them.
const removals: readonly Fault[] = [
  { on: 'provision', when: 'after', do: { status: 500 } },
  { on: 'bind', when: 'after', do: { status: 500 } },
]
const unclear: readonly Fault[] = [
  { on: 'update', when: 'after', do: { status: 500 } },
  { on: 'update', do: { closeConnection: true } },
]
const lost: readonly Fault[] = [
  { on: 'provision', when: 'after', do: { closeConnection: true } },
  { on: 'provision', do: { delayMs: 2_600 } },
  { on: 'bind', when: 'after', do: { hang: true } },
]
const provoked: Partial<Record<Failpoint, readonly Fault[]>> = {
  'before-look-up': unclear,
  'after-look-up': unclear,
  'before-removal': removals,
  'after-removal': removals,
  'orphan-claimed': lost,
  'orphan-removed': lost,
  'orphan-written': lost,
}

/**
 * Kills a process when it next reaches the failpoint. @returns how many died: both may reach it at
 * the same moment
 */
export async function killAt(
  world: World,
  point: Failpoint,
  random: Random,
  limitMs: number,
): Promise<number> {
  for (const fault of provoked[point] ?? []) await random.pick(world.providers).add(fault)
  let dead = 0
  const victims = random.chance(0.5) ? world.brokers : world.brokers.toReversed()
  const deaths = world.brokers.map((broker) =>
    broker.died().then((at) => {
      if (at === point) dead++
    }),
  )
  for (const broker of victims) {
    broker.arm(point)
    // First only one: if both die at the same moment, no process is left to take over.
    await Promise.race([...deaths, delay(limitMs / 2, undefined, { ref: false })])
    if (dead > 0) break
  }
  for (const broker of world.brokers) broker.arm(undefined)
  await allUp(world)
  return dead
}

/** SIGSTOP until its leases have expired and others have taken over; then it resumes. */
export async function pausePastLease(world: World, random: Random): Promise<void> {
  const broker = random.pick(world.brokers)
  // Both must be up, so that the other can take over.
  await allUp(world)
  broker.signal('SIGSTOP')
  await world.recovery.begin('paused')
  await delay(world.leaseMs + 4_000)
  broker.signal('SIGCONT')
}

/** A rolling update: SIGTERM under load, then a new process. */
export async function rollOut(world: World, random: Random): Promise<void> {
  const broker = random.pick(world.brokers)
  await whileEndsExpected(world, [broker], async () => {
    const died = broker.died()
    broker.signal('SIGTERM')
    await died
  })
}

/** kill -9 of the database server, which stays away for a while. */
export async function crashDatabase(world: World, random: Random): Promise<void> {
  world.recovery.disturb()
  await world.database.crash(random.pick([0, 500, 3_000]))
  await allUp(world)
  world.recovery.disturb()
}

/** kill -9 of one of the database's own processes: the server closes all sessions and recovers. */
export async function crashSession(world: World): Promise<void> {
  world.recovery.disturb()
  await world.database.crashSession()
  await delay(1_000)
  await allUp(world)
  world.recovery.disturb()
}

/** One process does not reach the database for a while, and gets no error either. */
export async function isolate(world: World, random: Random): Promise<void> {
  const proxy = random.pick(world.databaseProxies)
  await allUp(world)
  proxy.pause()
  await delay(random.pick([1_000, 3_000, 8_000]))
  if (random.chance(0.5)) proxy.cut()
  proxy.resume()
}

export async function allUp(world: World): Promise<void> {
  await Promise.all(world.brokers.map((broker) => broker.up()))
}

async function whileEndsExpected(
  world: World,
  brokers: readonly Broker[],
  act: () => Promise<void>,
): Promise<void> {
  for (const broker of brokers) world.expectEnds(broker, true)
  await act()
  await allUp(world)
  for (const broker of brokers) world.expectEnds(broker, false)
}
