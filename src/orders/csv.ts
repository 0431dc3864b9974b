import { csvPages, type ReadPage } from '../csv.ts'
import type { OrderItem } from '../types.gen.ts'

const columns: Readonly<Record<string, (order: OrderItem) => string | null>> = {
  number: (order) => order.number,
  state: (order) => order.state,
  progress: (order) => order.progress,
  organisation: (order) => order.organisation.name,
  orderedBy: ({ orderedBy }) => orderedBy.name ?? orderedBy.id,
  provider: (order) => order.provider.name,
  offering: (order) => order.offering.name,
  plan: (order) => order.plan.name,
  currency: (order) => order.price.currency,
  perMonth: (order) => order.price.perMonth,
  oneTime: (order) => order.price.oneTime,
  minimumTerm: (order) => order.price.minimumTerm,
  instance: (order) => order.instance.name,
  instanceId: (order) => order.instance.id,
  purpose: (order) => order.purpose,
  costCentre: (order) => order.costCentre,
  protectionNeed: (order) => order.protectionNeed,
  beneficiary: (order) => order.beneficiary.name,
  invoiceRecipient: (order) => order.invoiceRecipient.name,
  createdAt: (order) => order.createdAt,
  submittedAt: (order) => order.submittedAt,
  endsAt: (order) => order.endsAt,
}

/**
 * @param readPage  with the filters of the list
 * @param after     id of the one before the first; undefined: from the newest on
 */
export function ordersCsv(
  readPage: ReadPage<OrderItem>,
  after: string | undefined,
): Promise<AsyncGenerator<string, void>> {
  const cells = Object.values(columns)
  return csvPages(
    Object.keys(columns),
    (order) => cells.map((cell) => cell(order)),
    readPage,
    after,
  )
}
