/**
 * What is done with an order:
 *  - `drafted`, `changed`, `discarded`   by a person, before it is submitted
 *  - `submitted`                         by a person: from then on it is carried out
 *  - `returned`                          a later check than the dry run refused it: a draft again
 *  - `change-requested`, `upgrade-requested`  of its instance, by a person
 *  - `binding-requested`, `unbind-requested`  of a binding of its instance, by a person
 *  - `request-refused`                   one of these was refused
 *  - `cancelled`, `cancellation-withdrawn`  by a person, before the end date
 */
export type OrderEventKind =
  | 'drafted'
  | 'changed'
  | 'discarded'
  | 'submitted'
  | 'returned'
  | 'change-requested'
  | 'upgrade-requested'
  | 'binding-requested'
  | 'unbind-requested'
  | 'request-refused'
  | 'cancelled'
  | 'cancellation-withdrawn'

/** No secrets and no parameters: all readers of the order see them. */
export type OrderEventDetails = Readonly<Record<string, string | number | boolean>>

export interface OrderEvent {
  readonly id: string
  readonly orderId: string
  readonly at: Date
  /** null: Kontor itself. */
  readonly personId: string | null
  readonly kind: OrderEventKind
  readonly details: OrderEventDetails
}
