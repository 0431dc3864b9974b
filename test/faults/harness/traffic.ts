// Many lifecycles beside each other, a new one whenever one ends, until there were enough and nobody wants more.
import { live, newLifecycle, type Lifecycle, type Offer } from './lifecycle.ts'
import { GivenUp, platformOf, type PlatformDeps } from './platform.ts'
import type { Random } from './random.ts'

export interface TrafficOptions extends Omit<PlatformDeps, 'random' | 'name' | 'authorization'> {
  readonly platforms: ReadonlyArray<{ readonly name: string; readonly authorization: string }>
  readonly offers: readonly Offer[]
  readonly random: Random
  /** How many live at a time. */
  readonly lanes: number
}

export interface Traffic {
  readonly lifecycles: readonly Lifecycle[]
  /** The name of the platform that each lifecycle belongs to. */
  readonly platformOf: ReadonlyMap<Lifecycle, string>
  /** Begins no new ones; those that live come to their end. */
  close(): void
  /** Fulfilled when all are over, or the run is. */
  readonly ended: Promise<void>
}

export function startTraffic({
  platforms,
  offers,
  random,
  lanes,
  ...deps
}: TrafficOptions): Traffic {
  const lifecycles: Lifecycle[] = []
  const owners = new Map<Lifecycle, string>()
  let isOpen = true

  const lane = async (number: number): Promise<void> => {
    const own = random.fork()
    for (let count = 0; isOpen && !deps.over.aborted; count++) {
      const { name, authorization } = own.pick(platforms)
      const life = newLifecycle(`l${number}-${count}`, own.pick(offers))
      lifecycles.push(life)
      owners.set(life, name)
      const ownRandom = own.fork()
      const platform = platformOf({ ...deps, name, authorization, random: ownRandom })
      await live({ platform, random: ownRandom }, life).catch((error: unknown) => {
        if (!(error instanceof GivenUp)) throw error
      })
    }
  }
  return {
    lifecycles,
    platformOf: owners,
    close() {
      isOpen = false
    },
    ended: Promise.all(Array.from({ length: lanes }, (_each, number) => lane(number))).then(
      () => {},
    ),
  }
}
