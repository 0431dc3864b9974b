// Many lifecycles side by side, a new one whenever one ends, until there are enough.
import { runLifecycle, newLifecycle, type Lifecycle, type Offer } from './lifecycle.ts'
import { RunEnded, platformOf, type PlatformDeps } from './platform.ts'
import type { Random } from './random.ts'

export interface TrafficOptions extends Omit<PlatformDeps, 'random' | 'name' | 'authorization'> {
  readonly platforms: ReadonlyArray<{ readonly name: string; readonly authorization: string }>
  readonly offers: readonly Offer[]
  readonly random: Random
  /** How many run at a time. */
  readonly lanes: number
}

export interface Traffic {
  readonly lifecycles: readonly Lifecycle[]
  /** The platform of each lifecycle. */
  readonly platformOf: ReadonlyMap<Lifecycle, string>
  /** Starts no new ones; those that run go on to their end. */
  close(): void
  /** Resolves when all are over, or the run is. */
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
      const lifecycle = newLifecycle(`l${number}-${count}`, own.pick(offers))
      lifecycles.push(lifecycle)
      owners.set(lifecycle, name)
      const ownRandom = own.fork()
      const platform = platformOf({ ...deps, name, authorization, random: ownRandom })
      await runLifecycle({ platform, random: ownRandom }, lifecycle).catch((error: unknown) => {
        if (!(error instanceof RunEnded)) throw error
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
