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

/** What a person has given, with secrets. */
export interface GivenParameters {
  readonly all: Parameters
  /** Without what was secret when it was given; undefined: that was not noted. */
  readonly shown: Parameters | undefined
}

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
  given: GivenParameters | undefined,
  version: number,
): Pick<Order, 'parameters' | 'parametersVersion'> {
  return {
    parameters: given ? vault.seal([given.all, given.shown], parametersAad(order, version)) : null,
    parametersVersion: version,
  }
}

type Sealed = Pick<Order, 'id' | 'organisationId' | 'parameters' | 'parametersVersion'>

export function openGiven(vault: Vault, order: Sealed): GivenParameters | undefined {
  if (order.parameters === null) return undefined
  // sealParameters seals a pair; before there was one, it sealed the parameters alone
  const opened = vault.open(order.parameters, parametersAad(order, order.parametersVersion)) as
    Parameters | readonly [Parameters, Parameters | undefined]
  return isPair(opened) ? { all: opened[0], shown: opened[1] } : { all: opened, shown: undefined }
}

function isPair<Pair extends readonly unknown[]>(opened: Parameters | Pair): opened is Pair {
  return Array.isArray(opened)
}

export function openParameters(vault: Vault, order: Sealed): Parameters | undefined {
  return openGiven(vault, order)?.all
}
