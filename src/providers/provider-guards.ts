import type { Log } from '../log.ts'
import type { CircuitView } from './circuits/circuit.ts'
import { createGuard, type Guard, type GuardFigures } from './guard.ts'
import { isHeld } from './origins.ts'
import type { Provider } from './provider.ts'
import type { CircuitRecords } from './circuits/record-circuits.ts'

export interface ProviderGuards {
  /**
   * The provider's guard; the same one for as long as the process lives, even with a new back end.
   * @param isClosed  whether nothing is sent, because the row cannot be trusted
   */
  of(provider: Provider, isClosed: boolean): Guard
  /** The highest revision of a provider's row that this process has read and trusted; 0: none. */
  revisionOf(providerId: string): number
  /** Drops the guard of a provider that was removed, and refuses the orders that wait there. */
  drop(providerId: string): void
  /** Of the providers that have one. */
  ids(): Iterable<string>
  /** Refuses the orders that wait for a slot, now and later: the process stops. */
  endWaits(): void
  figures(): ReadonlyArray<GuardFigures & { readonly provider: string }>
}

export interface ProviderGuardsDeps {
  readonly now: () => Date
  readonly log: Log
  readonly busyMs: number
  readonly records: CircuitRecords
}

interface KnownGuard {
  readonly guard: Guard
  readonly name: string
  revision: number
  isClosed: boolean
}

/** Keeps one guard per provider. Taken slots stay taken when the provider's row changes. */
export function createProviderGuards(deps: ProviderGuardsDeps): ProviderGuards {
  const guards = new Map<string, KnownGuard>()
  let isStopping = false
  return {
    of(provider, isClosed) {
      const { id, name, revision, concurrency } = provider
      const known = guards.get(id)
      if (known === undefined) {
        const guard = guardOf(provider, isClosed, deps)
        if (isStopping) guard.endWaits('stopping')
        guards.set(id, { guard, name, revision: isClosed ? 0 : revision, isClosed })
        return guard
      }
      // A caller may still hold an older row, and one that cannot be trusted may have any revision.
      const isNewer = known.revision < revision && !isClosed
      if (isNewer || known.isClosed !== isClosed) {
        known.guard.renewCircuit(isClosed || isHeld(provider))
        known.isClosed = isClosed
      }
      if (isNewer) {
        // Serves the orders that wait, by the new circuit.
        known.guard.setLimit(concurrency)
        known.revision = revision
      }
      return known.guard
    },
    revisionOf: (providerId) => guards.get(providerId)?.revision ?? 0,
    drop(providerId) {
      const guard = guards.get(providerId)?.guard
      guards.delete(providerId)
      guard?.renewCircuit(false)
      guard?.endWaits('removed')
    },
    ids: () => guards.keys(),
    endWaits() {
      isStopping = true
      for (const { guard } of guards.values()) guard.endWaits('stopping')
    },
    figures: () =>
      [...guards.values()].map(({ guard, name }) => ({ ...guard.figures(), provider: name })),
  }
}

function guardOf(provider: Provider, isClosed: boolean, deps: ProviderGuardsDeps): Guard {
  return createGuard(
    {
      now: deps.now,
      busyMs: deps.busyMs,
      onCircuit: (view) => {
        deps.records.write(provider.id, view)
        logCircuit(deps.log, provider, view)
      },
    },
    provider.concurrency,
    isClosed || isHeld(provider),
  )
}

function logCircuit(log: Log, provider: Provider, { state, since, until, reason }: CircuitView) {
  const fields = { providerId: provider.id, provider: provider.name, since, until, reason }
  switch (state) {
    case 'open':
      log.warn(fields, 'circuit open: the provider is not called for a while')
      break
    case 'half_open':
      log.info(fields, 'circuit half-open: one call is tried')
      break
    case 'closed':
      log.info(fields, 'circuit closed: the provider is called again')
      break
    default:
      state satisfies never
  }
}
