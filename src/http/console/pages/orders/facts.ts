// What an order says of itself.
import { html } from 'ghtml'
import { describe } from '../../../../forms/describe.ts'
import { summarise } from '../../../../forms/summarise.ts'
import { moneyText, priceTexts } from '../../../../marketplace/money.ts'
import { priceForOrder } from '../../../../marketplace/order-price.ts'
import type { OrderForm } from '../../../../orders/form.ts'
import type { OrderItem, OrderView, PlanPrice } from '../../../../types.gen.ts'
import type { Asked } from '../../asked.ts'
import { dateTime } from '../../format.ts'
import { organisationName } from '../../names.ts'
import { factsPart } from '../../table-part.ts'

type Fact = readonly [name: string, value: string | null | undefined]

/** What was chosen, and by whom. */
export function orderFacts(asked: Asked, order: OrderItem): readonly Fact[] {
  const { texts, language } = asked
  const { facts: t, form } = texts.orders
  const { organisation, beneficiary, invoiceRecipient, protectionNeed } = order
  const at = (time: string | null) => time && dateTime(language, new Date(time))
  const isDraft = order.submittedAt === null
  return [
    [t.offering, order.offering.displayName[language]],
    [t.plan, order.plan.displayName[language]],
    [t.provider, order.provider.displayName],
    [form.instanceName, order.instance.name],
    [form.purpose, order.purpose],
    [t.organisation, organisationName(asked, organisation)],
    [form.beneficiary, organisationName(asked, beneficiary)],
    [form.invoiceRecipient, organisationName(asked, invoiceRecipient)],
    [form.costCentre, order.costCentre],
    [form.protectionNeed, protectionNeed && texts.catalog.values[protectionNeed]],
    [isDraft ? t.draftBy : t.orderedBy, order.orderedBy.name],
    [t.submittedAt, at(order.submittedAt)],
    [t.expiresAt, at(order.expiresAt)],
    [t.endsAt, at(order.endsAt)],
  ]
}

/**
 * What it costs, and its terms.
 * @param price  of now, which may differ from the one that the order shows
 */
export function costPart(
  { texts, language }: Asked,
  price: PlanPrice,
  { terms, parameters }: Pick<OrderView, 'terms' | 'parameters'>,
): string {
  const { facts: t } = texts.orders
  const { minimumTermMonths, noticeDays, retainDays } = terms
  const whole = priceForOrder(price, parameters)
  const amount = (net: string | null) =>
    net === null || whole.currency === null ? null : moneyText(net, whole.currency, language)
  const facts = factsPart([
    [t.price, priceTexts(price, language).join('; ')],
    [t.perMonth, amount(whole.perMonth)],
    [t.minimumTerm, minimumTermMonths === null ? t.none : t.months(minimumTermMonths)],
    [t.overTerm, amount(whole.minimumTerm)],
    [t.notice, noticeDays === null ? null : t.days(noticeDays)],
    [t.retention, retainDays === null ? null : t.days(retainDays)],
  ])
  const usage = html`<p class="kern-body">${t.usage}</p>`
  return whole.class === 'usage' ? facts + usage : facts
}

/** The parameters with the labels of their form; empty if there are none. */
export function parametersPart(
  { language }: Asked,
  { order, schema, kept }: Pick<OrderForm, 'order' | 'schema' | 'kept'>,
): string {
  if (order.parameters === null) return ''
  const lines = summarise(describe(schema, order.parameters, { kept }), language)
  return lines.length === 0 ? '' : factsPart(lines.map(({ label, value }) => [label, value]))
}
