import { html } from 'ghtml'
import { priceTexts } from '../../../../marketplace/money.ts'
import { mayIn } from '../../../../people/person.ts'
import type { Organisation } from '../../../../tenancy/organisation.ts'
import type { CatalogOfferingView } from '../../../../types.gen.ts'
import { readerOf, type Asked } from '../../asked.ts'
import { hiddenPart } from '../../form-page.ts'
import { keyPart, tokenPart } from '../../forms.ts'
import { organisationPart, ownOrganisations } from '../../organisation-field.ts'

/**
 * A button for each plan that makes a draft of an order. Empty for those who act for no
 * organisation.
 * @param organisation  name or id of the one that the page was asked for, if it was
 */
export function orderPart(
  asked: Asked,
  offering: CatalogOfferingView,
  organisation: string | undefined,
): string {
  const { order: texts } = asked.texts.orders
  const own = ownOrganisations(asked)
  if (own.length === 0) return ''
  const reader = readerOf(asked)
  const orderable = own.filter(
    ({ id, name }) =>
      mayIn(reader, id, 'orderer') &&
      (organisation === undefined || organisation === id || organisation === name),
  )
  const body =
    orderable.length === 0
      ? html`<p class="kern-body">${texts.noRole}</p>`
      : formPart(asked, offering, orderable)
  return html`<h2 class="kern-heading-medium" id="order">${texts.heading}</h2>
    !${body}`
}

function formPart(
  asked: Asked,
  offering: CatalogOfferingView,
  organisations: readonly Organisation[],
): string {
  const { lead } = asked.texts.orders.order
  return html`<p class="kern-body">${lead}</p>
    <form class="form" method="post" action="/orders">
      !${tokenPart(asked)} !${keyPart(asked)} !${hiddenPart(['offering', offering.id])}
      !${choicePart(asked, organisations)}
      <ul class="order-plans">
        !${offering.plans.map((plan) => planPart(asked, plan))}
      </ul>
    </form>`
}

function choicePart(asked: Asked, organisations: readonly Organisation[]): string {
  const [only] = organisations
  if (only !== undefined && organisations.length === 1)
    return hiddenPart(['organisation', only.name])
  const { organisation: label } = asked.texts.orders.order
  return organisationPart(asked, { label, organisations })
}

function planPart(
  { texts, language }: Asked,
  { id, displayName, price, order }: CatalogOfferingView['plans'][number],
): string {
  const t = texts.orders.order
  const name = displayName[language]
  if (order.mayOrder === false)
    return html`<li>
      <p class="kern-body"><strong>${t.refused(name)}</strong> ${order.reason ?? t.noReason}</p>
    </li>`
  return html`<li>
    <button type="submit" class="kern-btn kern-btn--primary" name="plan" value="${id}">
      <span class="kern-label">${t.button(name)}</span>
    </button>
    <span class="kern-body">${priceTexts(price, language).join(', ')}</span>
  </li>`
}
