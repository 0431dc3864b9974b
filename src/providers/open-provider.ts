import type { Backend } from '../backends/backend.ts'
import { closedBackend } from '../backends/closed.ts'
import { interceptBackend } from '../backends/intercept.ts'
import { createBackend } from '../backends/registry.ts'
import type { AnswerCaps } from '../config.ts'
import type { Db } from '../db/database.ts'
import type { Log } from '../log.ts'
import { narrowNetworks, type Networks } from '../networks.ts'
import type { Vault } from '../vault/vault.ts'
import { breakCircuit, breakCircuitForQuestions } from './circuits/break-circuit.ts'
import { heldCircuit, type Circuit } from './circuits/circuit.ts'
import { cleanAnswers } from './clean-answers.ts'
import { validateDashboard, type DashboardPolicy } from './dashboard-urls.ts'
import type { Guard } from './guard.ts'
import { heldSentence, isHeld } from './origins.ts'
import { mitigationOf, type Mitigation } from './mitigation.ts'
import type { ProviderGuards } from './provider-guards.ts'
import type { Provider } from './provider.ts'
import { readRegistration, type Registration } from './registration.ts'

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
  /** Why orders and questions are not sent, until a person acts: a sentence for orderers. */
  readonly heldSentence: string | undefined
  /** Why nothing at all is sent, not even for the catalog: a sentence for operators. */
  readonly problem: string | undefined
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

/**
 * With credentials that do not open, or a row that is not as Kontor wrote it, it sends nothing: its
 * circuit stays open, and its catalog cannot be read.
 * @param trusted  as for `readRegistration`
 * @throws BrokerError `not_found`, for a removed provider too
 */
export async function openProvider(
  deps: OpenProviderDeps,
  guards: ProviderGuards,
  providerId: string,
  trusted?: number,
): Promise<OpenProvider> {
  const knownRevision = guards.revisionOf(providerId)
  // While a row is missing, each of the providers would read the rows of all.
  const { db, vault } = deps
  const registration = await readRegistration(db, vault, providerId, trusted, 'as_known')
  const { provider } = registration
  // What this process has read before was committed, so a smaller revision is an older row.
  const problem = provider.revision < knownRevision ? setBack : registration.problem
  const guard = guards.of(provider, problem !== undefined)
  // The guard may be that of a newer row.
  const circuit = problem !== undefined || isHeld(provider) ? heldCircuit : guard.circuit
  const common = {
    provider,
    label: provider.displayName,
    mitigation: mitigationOf(provider),
    guard,
    circuit,
    isHeld: isHeld(provider),
    problem,
  }
  if (problem !== undefined) {
    const backend = closedBackend(problem)
    const sentence = closedSentence(provider.displayName)
    return {
      ...common,
      backend,
      questions: backend,
      heldSentence: sentence,
      certificateExpiresAt: undefined,
    }
  }
  return {
    ...common,
    ...openBackend(deps, registration, circuit),
    heldSentence: isHeld(provider) ? heldSentence(provider.displayName) : undefined,
  }
}

const setBack =
  'The row of this provider was set back to an older state than this process has read: something ' +
  'other than Kontor changed it, or a backup was restored.'

function closedSentence(label: string): string {
  return (
    `The registration of ${label} was changed by something other than Kontor, and an operator of ` +
    'Kontor must check it.'
  )
}

function openBackend(
  deps: OpenProviderDeps,
  { provider, credentials }: Registration,
  circuit: Circuit,
): Pick<OpenProvider, 'backend' | 'questions' | 'certificateExpiresAt'> {
  const { allowedNetworks, allowedPorts } = provider
  const networks = narrowNetworks(deps.networks, allowedNetworks, allowedPorts)
  const backend = createBackend(
    provider.backend,
    provider.settings,
    credentials,
    networks,
    deps.answerCaps,
  )
  const clean = interceptBackend(
    backend,
    cleanAnswers(backend, credentials, dashboardCheck(deps, provider)),
  )
  return {
    backend: interceptBackend(clean, breakCircuit(circuit, clean)),
    questions: interceptBackend(clean, breakCircuitForQuestions(circuit)),
    certificateExpiresAt: backend.certificateExpiresAt,
  }
}

/** Each reason is logged once for a registration: a provider answers as often as it likes. */
function dashboardCheck(
  { dashboards, log }: OpenProviderDeps,
  { id, name }: Provider,
): (url: string) => boolean {
  const logged = new Set<string>()
  return (url) => {
    const problem = validateDashboard(dashboards, url)
    if (problem !== undefined && !logged.has(problem)) {
      logged.add(problem)
      log.warn({ providerId: id, provider: name, problem }, 'a dashboard_url was left out')
    }
    return problem === undefined
  }
}
