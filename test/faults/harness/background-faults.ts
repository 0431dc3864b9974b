// What goes wrong all the time, in the background: providers that misbehave in every way the simulator knows, lines that
// lose, delay and double answers, database connections that break, clocks that are set.
import { setTimeout as delay } from 'node:timers/promises'
import type { Fault, FaultAction } from '../../../tools/simulator/types.ts'
import type { Random } from './random.ts'
import type { Wire } from './network-faults.ts'
import type { World } from './world.ts'

export interface Weather {
  /** How often each kind of trouble struck, those of the providers left out: they count themselves. */
  readonly struck: ReadonlyMap<string, number>
  /** Fair weather from now on. */
  stop(): Promise<void>
}

export interface WeatherOptions {
  readonly world: World
  readonly random: Random
  /** Time between two troubles at the providers. */
  readonly everyMs: number
}

const changing = ['provision', 'update', 'deprovision', 'bind', 'unbind'] as const
const reading = [
  'last_operation',
  'binding_last_operation',
  'fetch_instance',
  'fetch_binding',
] as const

// A call takes 2 s at most (world.ts): what is delayed by more arrives, or is answered, when nobody waits for it any more.
const anywhere: readonly FaultAction[] = [
  { hang: true },
  { status: 500 },
  { status: 503, headers: { 'Retry-After': '1' } },
  { closeConnection: true },
]
// Said with a success that nobody can read: a refusal that nobody can read is a refusal.
const unreadable: readonly FaultAction[] = [
  { malformed: 'truncated_json', status: 201 },
  { malformed: 'html', status: 201 },
]
const malformed: readonly FaultAction[] = [{ malformed: 'truncated_json' }, { malformed: 'html' }]
const refusals: readonly FaultAction[] = [{ status: 429, headers: { 'Retry-After': '1' } }]
const failures: readonly FaultAction[] = [
  { failOperation: { description: 'no room left', instance_usable: true } },
]
const delays: readonly FaultAction[] = [
  { delayMs: 300 },
  { delayMs: 1_500 },
  { delayMs: 2_600 },
  { delayMs: 3_500 },
]

/** One fault of a provider, once. */
function randomFault(random: Random): Fault {
  if (random.chance(0.3)) {
    return {
      on: random.pick(reading),
      do: random.pick([...anywhere, ...malformed, ...refusals, ...delays]),
    }
  }
  const on = random.pick(changing)
  const roll = random.next()
  if (roll < 0.1) return { on, do: random.pick(refusals) }
  if (roll < 0.2) return { on, do: random.pick(failures) }
  if (roll < 0.4) return { on, when: random.pick(['before', 'after']), do: random.pick(delays) }
  if (roll < 0.5 && (on === 'provision' || on === 'bind'))
    return { on, when: 'after', do: random.pick(unreadable) }
  return { on, when: random.pick(['before', 'after']), do: random.pick(anywhere) }
}

export function startWeather({ world, random, everyMs }: WeatherOptions): Weather {
  const struck = new Map<string, number>()
  const count = (what: string) => {
    struck.set(what, (struck.get(what) ?? 0) + 1)
  }
  const fair = new AbortController()

  const repeat = async (averageMs: number, strike: () => Promise<void> | void): Promise<void> => {
    while (!fair.signal.aborted) {
      await delay(averageMs * (0.5 + random.next()), undefined, { signal: fair.signal }).catch(
        () => {},
      )
      if (!fair.signal.aborted) await strike()
    }
  }
  const spoilLine = (): void => {
    const { wire } = random.pick(world.providers)
    const how = random.pick(['lost', 'twice', { lateMs: 2_500 }] as const)
    void wire.spoilNext(how).then(() => {
      count(`provider answer ${typeof how === 'string' ? how : 'late'}`)
    })
  }
  // A process that is just starting would only have to start again.
  const wireInUse = (): Wire | undefined => {
    const at = random.below(world.brokers.length)
    return world.brokers[at]?.isUp === true ? world.databaseWires[at] : undefined
  }
  const setClock = async (): Promise<void> => {
    const broker = random.pick(world.brokers)
    broker.shiftClock(random.pick([-3_600, -30, -10, 10, 30, 3_600]) * 1_000)
    count('clock set')
    await delay(4_000, undefined, { signal: fair.signal }).catch(() => {})
    broker.shiftClock(0)
  }
  const loops = [
    repeat(everyMs, () => random.pick(world.providers).add(randomFault(random))),
    repeat(everyMs * 3, spoilLine),
    repeat(everyMs * 12, setClock),
    repeat(everyMs * 12, () => {
      void wireInUse()
        ?.spoilNext('lost')
        .then(() => {
          count('database answer lost')
        })
    }),
    repeat(everyMs * 40, () => {
      if ((wireInUse()?.cut() ?? 0) > 0) count('database connections dropped')
    }),
  ]
  return {
    struck,
    async stop() {
      fair.abort()
      await Promise.all(loops)
      for (const broker of world.brokers) broker.shiftClock(0)
      await Promise.all(world.providers.map((provider) => provider.clearFaults()))
    },
  }
}
