import type { Log } from '../log.ts'
import { createGuard, type Guard, type GuardFigures } from './guard.ts'
import type { CircuitView } from './circuit.ts'
import type { Provider } from './provider.ts'
import type { CircuitRecords } from './record-circuits.ts'

export interface ProviderGuards {
  /** The provider's guard; the same one for as long as the process lives, whatever becomes of the back end. */
  of(provider: Provider): Guard
  /** Forgets all but these: the others are removed. */
  keepOnly(providerIds: ReadonlySet<string>): void
  figures(): ReadonlyArray<GuardFigures & { readonly provider: string }>
}

export interface ProviderGuardsDeps {
  readonly now: () => Date
  readonly log: Log
  readonly busyMs: number
  readonly records: CircuitRecords
}

interface Kept {
  readonly guard: Guard
  readonly name: string
  revision: number
}

/** Keeps one guard per provider. Places that are taken stay taken when the provider's row changes. */
export function createProviderGuards(deps: ProviderGuardsDeps): ProviderGuards {
  const kept = new Map<string, Kept>()

  const of = (provider: Provider): Guard => {
    const known = kept.get(provider.id)
    if (known === undefined) {
      const guard = createGuard(
        {
          now: deps.now,
          busyMs: deps.busyMs,
          onCircuit: (view) => {
            told(deps, provider, view)
          },
        },
        provider.concurrency,
      )
      kept.set(provider.id, { guard, name: provider.name, revision: provider.revision })
      return guard
    }
    // An older row may still be in somebody's hand.
    if (known.revision < provider.revision) {
      known.guard.setLimit(provider.concurrency)
      known.guard.renewCircuit()
      known.revision = provider.revision
    }
    return known.guard
  }

  return {
    of,
    keepOnly(providerIds) {
      for (const [id, { guard }] of kept) {
        if (providerIds.has(id)) continue
        guard.renewCircuit()
        kept.delete(id)
      }
    },
    figures: () =>
      [...kept.values()].map(({ guard, name }) => ({ ...guard.figures(), provider: name })),
  }
}

function told({ log, records }: ProviderGuardsDeps, provider: Provider, view: CircuitView): void {
  records.write(provider.id, view)
  const about = {
    providerId: provider.id,
    provider: provider.name,
    since: view.since,
    until: view.until,
    reason: view.reason,
  }
  switch (view.state) {
    case 'open':
      log.warn(about, 'circuit open: the provider is not called for a while')
      break
    case 'half_open':
      log.info(about, 'circuit half-open: one call is tried')
      break
    case 'closed':
      log.info(about, 'circuit closed: the provider is called again')
      break
    default:
      view.state satisfies never
  }
}
