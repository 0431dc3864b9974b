// Faults that occur all the time: providers that misbehave in every way that the simulator knows,
// answers that get lost, late or doubled, database connections that break, clocks that jump.
import { setTimeout as delay } from 'node:timers/promises'
import type { Fault, FaultAction } from '../../../tools/simulator/types.ts'
import type { Random } from './random.ts'
import type { FaultProxy } from './network-faults.ts'
import type { World } from './world.ts'

export interface BackgroundFaults {
  /**
   * How often each kind of fault occurred, except those of the providers, which count themselves.
   */
  readonly counts: ReadonlyMap<string, number>
  /** Ends all faults. */
  stop(): Promise<void>
}

export interface BackgroundFaultOptions {
  readonly world: World
  readonly random: Random
  /** Time between two faults of the providers. */
  readonly everyMs: number
}

const changing = ['provision', 'update', 'deprovision', 'bind', 'unbind'] as const
const reading = [
  'last_operation',
  'binding_last_operation',
  'fetch_instance',
  'fetch_binding',
] as const

// A call times out after 2 s (world.ts): what is delayed by more arrives, or is answered, after
// that.
const anywhere: readonly FaultAction[] = [
  { hang: true },
  { status: 500 },
  { status: 503, headers: { 'Retry-After': '1' } },
  { closeConnection: true },
]
// A success that cannot be read; a refusal that cannot be read stays a refusal.
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

/** One fault of a provider, which occurs once. */
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

export function startBackgroundFaults({
  world,
  random,
  everyMs,
}: BackgroundFaultOptions): BackgroundFaults {
  const counts = new Map<string, number>()
  const count = (what: string) => {
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  const stopped = new AbortController()

  const repeatedly = async (
    averageMs: number,
    inject: () => Promise<void> | void,
  ): Promise<void> => {
    while (!stopped.signal.aborted) {
      await delay(averageMs * (0.5 + random.next()), undefined, { signal: stopped.signal }).catch(
        () => {},
      )
      if (!stopped.signal.aborted) await inject()
    }
  }
  const breakProviderAnswer = (): void => {
    const { proxy } = random.pick(world.providers)
    const how = random.pick(['lost', 'twice', { lateMs: 2_500 }] as const)
    void proxy.breakNext(how).then(() => {
      count(`provider answer ${typeof how === 'string' ? how : 'late'}`)
    })
  }
  // A process that is just starting would only have to start again.
  const proxyInUse = (): FaultProxy | undefined => {
    const at = random.below(world.brokers.length)
    return world.brokers[at]?.isUp === true ? world.databaseProxies[at] : undefined
  }
  const setClock = async (): Promise<void> => {
    const broker = random.pick(world.brokers)
    broker.shiftClock(random.pick([-3_600, -30, -10, 10, 30, 3_600]) * 1_000)
    count('clock set')
    await delay(4_000, undefined, { signal: stopped.signal }).catch(() => {})
    broker.shiftClock(0)
  }
  const loops = [
    repeatedly(everyMs, () => random.pick(world.providers).add(randomFault(random))),
    repeatedly(everyMs * 3, breakProviderAnswer),
    repeatedly(everyMs * 12, setClock),
    repeatedly(everyMs * 12, () => {
      void proxyInUse()
        ?.breakNext('lost')
        .then(() => {
          count('database answer lost')
        })
    }),
    repeatedly(everyMs * 40, () => {
      if ((proxyInUse()?.cut() ?? 0) > 0) count('database connections dropped')
    }),
  ]
  return {
    counts,
    async stop() {
      stopped.abort()
      await Promise.all(loops)
      for (const broker of world.brokers) broker.shiftClock(0)
      await Promise.all(world.providers.map((provider) => provider.clearFaults()))
    },
  }
}
