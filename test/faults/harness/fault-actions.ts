// What is done to the processes, one after the other: killed at a point, paused, told to end, cut off; and to the database.
import { setTimeout as delay } from 'node:timers/promises'
import type { Failpoint } from '../../../src/operations/failpoints.ts'
import type { Fault } from '../../../tools/simulator/types.ts'
import type { Broker } from './broker.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

// How a point is brought about that good weather does not lead to.
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
  'orphan-settled': lost,
}

/**
 * Lets a process die when it next reaches the point. @returns how many did: both may come there at the same moment
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
    // The one alone at first: if both die at the same moment, there is nobody to take anything up.
    await Promise.race([...deaths, delay(limitMs / 2, undefined, { ref: false })])
    if (dead > 0) break
  }
  for (const broker of world.brokers) broker.arm(undefined)
  await allUp(world)
  return dead
}

/** SIGSTOP until the lease of all that it works on is over and others have taken it up; then it wakes. */
export async function pausePastLease(world: World, random: Random): Promise<void> {
  const broker = random.pick(world.brokers)
  // Alone, or nobody would be there to take anything up.
  await allUp(world)
  broker.signal('SIGSTOP')
  await world.recovery.begin('paused')
  await delay(world.leaseMs + 4_000)
  broker.signal('SIGCONT')
}

/** As a new release is rolled out: SIGTERM under load, and another process in its place. */
export async function rollOut(world: World, random: Random): Promise<void> {
  const broker = random.pick(world.brokers)
  await meant(world, [broker], async () => {
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

/** kill -9 of one of the database's own processes: the server throws everybody out and recovers. */
export async function crashSession(world: World): Promise<void> {
  world.recovery.disturb()
  await world.database.crashSession()
  await delay(1_000)
  await allUp(world)
  world.recovery.disturb()
}

/** One process does not reach the database for a while, and does not hear that it does not. */
export async function isolate(world: World, random: Random): Promise<void> {
  const wire = random.pick(world.databaseWires)
  await allUp(world)
  wire.hold()
  await delay(random.pick([1_000, 3_000, 8_000]))
  if (random.chance(0.5)) wire.cut()
  wire.release()
}

export async function allUp(world: World): Promise<void> {
  await Promise.all(world.brokers.map((broker) => broker.up()))
}

async function meant(
  world: World,
  brokers: readonly Broker[],
  act: () => Promise<void>,
): Promise<void> {
  for (const broker of brokers) world.expectEnds(broker, true)
  await act()
  await allUp(world)
  for (const broker of brokers) world.expectEnds(broker, false)
}
