import type {
  CatalogProvider,
  OrderChoice,
  OrderItem,
  OrderTerms,
  PlanPrice,
} from '../types.gen.ts'
import type { Aad } from '../vault/seal.ts'
import type { Vault } from '../vault/vault.ts'

/** What a person was shown of a plan when the draft was made or changed last. */
export interface Shown {
  readonly provider: CatalogProvider
  readonly offering: OrderChoice
  readonly plan: OrderChoice
  readonly price: PlanPrice
  readonly terms: OrderTerms
}

/** A row of `orders`. How it goes on is read from the operations of its instance. */
export interface Order {
  readonly id: string
  readonly number: string
  readonly organisationId: string
  /** Of the person who made it. */
  readonly personId: string
  readonly state: OrderItem['state']
  /** As published. */
  readonly offeringId: string
  readonly planId: string
  readonly shown: Shown
  readonly shownAt: Date
  /** The platform's id of the instance, for which the organisation's console is the platform. */
  readonly instanceId: string
  readonly instanceName: string | null
  /** Sealed. */
  readonly parameters: Buffer | null
  /** Each write of the parameters raises it. */
  readonly parametersVersion: number
  readonly purpose: string | null
  readonly costCentre: string | null
  readonly protectionNeed: OrderItem['protectionNeed']
  readonly beneficiaryId: string
  readonly invoiceRecipientId: string
  readonly createdAt: Date
  readonly changedAt: Date
  readonly submittedAt: Date | null
  readonly submittedBy: string | null
  /** Submitted, and not ordered at the provider yet: when the next attempt is due. */
  readonly dueAt: Date | null
  /** Raised by each claim; a claim that is not the last one writes nothing. */
  readonly claims: number
  /** When its instance ends, because it was cancelled. */
  readonly endAt: Date | null
  readonly endedBy: string | null
}

export type Parameters = Readonly<Record<string, unknown>>

/** Drafts are deleted so long after their last change. */
export const draftDays = 90

function parametersAad({ id, organisationId }: Owned, version: number): Aad {
  return ['orders', 'parameters', id, organisationId, version]
}

type Owned = Pick<Order, 'id' | 'organisationId'>

/** @param version  one more than that of the parameters before; 0 for a new order */
export function sealParameters(
  vault: Vault,
  order: Owned,
  parameters: Parameters | null,
  version: number,
): Pick<Order, 'parameters' | 'parametersVersion'> {
  return {
    parameters: parameters && vault.seal(parameters, parametersAad(order, version)),
    parametersVersion: version,
  }
}

export function openParameters(
  vault: Vault,
  order: Pick<Order, 'id' | 'organisationId' | 'parameters' | 'parametersVersion'>,
): Parameters | undefined {
  return order.parameters === null
    ? undefined
    : // sealParameters seals an object
      (vault.open(order.parameters, parametersAad(order, order.parametersVersion)) as Parameters)
}
