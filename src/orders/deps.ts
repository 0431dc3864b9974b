import type { OrderDeps } from '../instances/order.ts'
import type { Shelf } from '../marketplace/shown.ts'
import type { KnownPeople } from '../people/known-people.ts'

/** What the verbs of orders/ need. */
export interface OrdersDeps extends OrderDeps {
  /** What an organisation sees of the catalog. */
  readonly shelf: Shelf
  readonly people: Pick<KnownPeople, 'personById'>
  /** Whether people get mail of what becomes of their orders. */
  readonly sendsMail: boolean
}
