import type { OrderFacts } from '../mail/mail.ts'
import type { Order } from './order.ts'

/** What mails name of an order. */
export function factsOf({
  number,
  shown,
  instanceName,
}: Pick<Order, 'number' | 'shown' | 'instanceName'>): OrderFacts {
  return {
    number,
    offering: shown.offering.displayName,
    plan: shown.plan.displayName,
    instance: instanceName,
  }
}
