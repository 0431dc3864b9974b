// What the callers of the management API see of a provider's circuit and of the readings of its
// catalog: the role provider sees no reasons from origins that no operator has approved.
import type { CircuitView } from '../providers/circuits/circuit.ts'
import { hiddenReason, isHeld, isReasonHidden } from '../providers/origins.ts'
import type { Provider } from '../providers/provider.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { ProviderView } from '../types.gen.ts'
import type { CatalogState } from './readings/store.ts'

/**
 * The circuit of a provider, which is open while an operator has yet to approve an origin, or to
 * restore a registration.
 * @param problem  why the credentials do not open, if they do not
 */
export function shownCircuit(
  provider: Provider,
  { state, since, until, reason }: CircuitView,
  problem: string | undefined,
): ProviderView['circuit'] {
  if (problem !== undefined) return { state: 'open', since: null, reason: problem }
  if (isHeld(provider))
    return {
      state: 'open',
      since: null,
      reason: 'No operator has approved unapprovedOrigins. Until then only the catalog is read.',
    }
  return {
    state,
    since: since?.toISOString() ?? null,
    ...(until === undefined ? {} : { until: until.toISOString() }),
    ...(reason === undefined ? {} : { reason }),
  }
}

type Reading = Omit<ProviderView['catalog'], 'offerings' | 'plans'>

/** The last reading of the catalog as the caller may see it. */
export function shownReading(
  scope: AccessScope,
  provider: Provider,
  state: CatalogState | undefined,
): Reading {
  const { checkedAt = null, changedAt = null, error = null, findings = [] } = state ?? {}
  const stale = checkedAt === null || error !== null
  const times = [checkedAt, state?.failedAt ?? null].filter((time) => time !== null)
  const last = times.toSorted((a, b) => a.getTime() - b.getTime()).at(-1)
  const shown = {
    checkedAt: checkedAt?.toISOString() ?? null,
    changedAt: changedAt?.toISOString() ?? null,
  }
  if (!isReasonHidden(scope, provider) && !(last && isReasonHidden(scope, provider, last)))
    return { ...shown, stale, error, findings: [...findings] }
  // Before the first reading there is the same answer as after a failed one, so that the time that
  // a failure takes does not show either.
  const isRead = !stale && state?.providerRevision === provider.revision
  return isRead
    ? { ...shown, stale, error, findings: findings.length === 0 ? [] : [hiddenFinding] }
    : { ...shown, stale: true, error: hiddenReason, findings: [] }
}

const hiddenFinding = {
  path: '',
  problem:
    'Kontor shows its findings to operators only, because no operator has approved the origin.',
  effect: 'note',
} as const
