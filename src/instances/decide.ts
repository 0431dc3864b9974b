import { quotaSubject, validateOneMore } from '../access/quotas/reserve-quota.ts'
import type { OrderKind } from '../catalog/parameters.ts'
import { explainWithdrawal, providerClosed } from '../catalog/explain-withdrawal.ts'
import {
  resolvePlan,
  unknownPlan,
  validateMaintenance,
  validateTarget,
} from '../catalog/resolve-plan.ts'
import type { CatalogPlan } from '../catalog/snapshot.ts'
import type { BrokerError } from '../errors.ts'
import { lookUpProviderIfAny } from '../providers/look-up-provider.ts'
import { resolveOrderingOrganisation } from '../tenancy/ordering-organisation.ts'
import type { ProvisionRequest } from '../types.gen.ts'
import type { OrderDeps, OrderSource } from './order.ts'
import { validateCircuit } from './take-turn.ts'

export interface Refused {
  readonly kind: 'refused'
  /** A BrokerError; of a dry run also why the provider's back end cannot be opened. */
  readonly error: Error
}

/** An order for this plan may be submitted. */
export interface Allowed {
  readonly kind: 'allowed'
  readonly plan: CatalogPlan
  /** For which it is ordered; null: for none. */
  readonly organisationId: string | null
}

export type Decision = Allowed | Refused

/** An order whose plan and organisation are known, and that this platform may order. */
export interface ResolvedOrder {
  readonly kind: OrderKind
  readonly plan: CatalogPlan
  readonly organisationId: string | null
  readonly parameters: Readonly<Record<string, unknown>> | undefined
}

/** Resolves plan and organisation of a new instance, and decides whether it may be ordered. */
export async function decideProvision(
  deps: OrderDeps,
  order: OrderSource & { readonly body: ProvisionRequest },
): Promise<Decision> {
  const { body, platformId } = order
  const plan = resolvePlan(deps.catalog.current(), body.service_id, body.plan_id)
  const ordering = resolveOrderingOrganisation(deps.directory, platformId, body)
  const organisationId = ordering.organisation?.id ?? null
  if (ordering.validationError !== undefined) return refuse(ordering.validationError)
  if (plan === undefined) return refuse(unknownPlan())
  const error =
    // Before any check whose error shows that the plan exists: a rule may conceal it.
    deps.visibility.validate(plan, platformId, organisationId) ??
    (plan.isPublished
      ? validateMaintenance(plan, body.maintenance_info?.version)
      : await explainWithdrawal(deps.db, plan))
  const { parameters } = body
  return error === undefined
    ? decideOrder(deps, order, { kind: 'provision', plan, organisationId, parameters })
    : refuse(error)
}

/**
 * Decides on every order that makes or changes something, real or dry run. For a dry run it also
 * checks what a real order meets only when it is submitted: the provider's state, its circuit and
 * the quotas (not its slots, which may be free a moment later).
 */
export async function decideOrder(
  deps: OrderDeps,
  order: OrderSource,
  { kind, plan, organisationId, parameters }: ResolvedOrder,
): Promise<Decision> {
  const { backends, vault } = deps
  // A provider that cannot be opened is no error yet: the order may be one that was sent before.
  const open = await backends.open(plan.target.providerId).catch(() => undefined)
  const error =
    (open && validateTarget(vault, plan, open.provider.name)) ??
    (await deps.parameters.validate(plan, kind, parameters, order.platformId)) ??
    (order.isDryRun ? await validateSubmission(deps, order, kind, plan, organisationId) : undefined)
  return error === undefined ? { kind: 'allowed', plan, organisationId } : refuse(error)
}

export function refuse(error: Error): Refused {
  return { kind: 'refused', error }
}

async function validateSubmission(
  deps: OrderDeps,
  order: OrderSource,
  kind: OrderKind,
  plan: CatalogPlan,
  organisationId: string | null,
): Promise<Error | undefined> {
  const { providerId } = plan.target
  // Only new instances count in quotas, and a provider that is drained still serves those it has.
  const isNew = kind === 'provision'
  return (
    (isNew ? await validateProvider(deps, plan) : undefined) ??
    (await validateCircuit(deps, providerId, order)) ??
    (isNew
      ? await validateOneMore(deps.db, deps, quotaSubject(plan, order.platformId, organisationId))
      : undefined)
  )
}

/** @returns the refusal if the provider takes no new instances; undefined if it does */
export async function validateProvider(
  deps: OrderDeps,
  plan: CatalogPlan,
): Promise<BrokerError | undefined> {
  const provider = await lookUpProviderIfAny(deps.db, 'all', plan.target.providerId)
  return provider?.state === 'active' ? undefined : providerClosed(plan)
}
