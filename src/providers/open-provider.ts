import type { Backend } from '../backends/backend.ts'
import { interceptBackend } from '../backends/intercept.ts'
import { createBackend } from '../backends/registry.ts'
import type { AnswerCaps } from '../config.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { Log } from '../log.ts'
import { narrowNetworks, type Networks } from '../networks.ts'
import type { Vault } from '../vault/vault.ts'
import { breakCircuit, breakCircuitForQuestions } from './circuits/break-circuit.ts'
import { heldCircuit, type Circuit } from './circuits/circuit.ts'
import { credentialsAad } from './credentials.ts'
import { checkDashboards, type DashboardPolicy } from './dashboard-urls.ts'
import type { Guard } from './guard.ts'
import { isHeld } from './origins.ts'
import { mitigationOf, type Mitigation } from './mitigation.ts'
import type { ProviderGuards } from './provider-guards.ts'
import type { Provider } from './provider.ts'
import { redactAnswers } from './redact-answers.ts'
import { findWithCredentials } from './store.ts'

/** A provider with its back end, ready for calls. */
export interface OpenProvider {
  readonly provider: Provider
  readonly backend: Backend
  /** For calls without an order. */
  readonly questions: Pick<Backend, 'fetchInstance' | 'fetchBinding' | 'listInstances'>
  /** The provider's display name. */
  readonly label: string
  /**
   * Whether nothing but the catalog is called, because no operator has approved an origin: the
   * circuit is open until then.
   */
  readonly isHeld: boolean
  /** When the client certificate that Kontor shows the provider expires, if there is one. */
  readonly certificateExpiresAt: Date | undefined
  /** When Kontor removes what an order may have left at the provider. */
  readonly mitigation: Mitigation
  readonly guard: Pick<Guard, 'acquireSlot' | 'waitForSlot' | 'isUnderShare' | 'free'>
  /** That of the back end: a change of the provider's row gives the guard another. */
  readonly circuit: Pick<Circuit, 'waitMs'>
}

export interface OpenProviderDeps {
  readonly db: Db
  readonly vault: Vault
  /** Which addresses providers may have. */
  readonly networks: Networks
  /** Limits of answers that no provider can raise. */
  readonly answerCaps: AnswerCaps
  readonly dashboards: DashboardPolicy
  readonly log: Log
}

/** @throws BrokerError `not_found`, for a removed provider too */
export async function openProvider(
  deps: OpenProviderDeps,
  guards: ProviderGuards,
  providerId: string,
): Promise<OpenProvider> {
  const { provider, sealed = null } = (await findWithCredentials(deps.db, providerId)) ?? {}
  if (provider === undefined || sealed === null)
    throw new BrokerError('not_found', 'There is no such provider.')
  const guard = guards.of(provider)
  // The guard may be that of a newer row.
  const circuit = isHeld(provider) ? heldCircuit : guard.circuit
  const credentials = deps.vault.open(sealed, credentialsAad(provider.name))
  const { allowedNetworks, allowedPorts } = provider
  const networks = narrowNetworks(deps.networks, allowedNetworks, allowedPorts)
  const backend = createBackend(
    provider.backend,
    provider.settings,
    credentials,
    networks,
    deps.answerCaps,
  )
  const safe = interceptBackend(backend, checkDashboards(...dashboardsOf(deps, provider)))
  const redacted = interceptBackend(safe, redactAnswers(backend, credentials))
  return {
    provider,
    backend: interceptBackend(redacted, breakCircuit(circuit, redacted)),
    questions: interceptBackend(redacted, breakCircuitForQuestions(circuit)),
    label: provider.displayName,
    isHeld: isHeld(provider),
    certificateExpiresAt: backend.certificateExpiresAt,
    mitigation: mitigationOf(provider),
    guard,
    circuit,
  }
}

// Each reason is logged once for a registration: a provider answers as often as it likes.
function dashboardsOf(
  { dashboards, log }: OpenProviderDeps,
  { id, name }: Provider,
): Parameters<typeof checkDashboards> {
  const logged = new Set<string>()
  const onLeftOut = (problem: string) => {
    if (logged.has(problem)) return
    logged.add(problem)
    log.warn({ providerId: id, provider: name, problem }, 'a dashboard_url was left out')
  }
  return [dashboards, onLeftOut]
}
