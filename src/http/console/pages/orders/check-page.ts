import { html } from 'ghtml'
import { BrokerError } from '../../../../errors.ts'
import { describe } from '../../../../forms/describe.ts'
import { checkOrder } from '../../../../orders/check.ts'
import { describeForm, type OrderForm } from '../../../../orders/form.ts'
import { submitDraft } from '../../../../orders/submit.ts'
import type { OrderCheck, OrderView } from '../../../../types.gen.ts'
import { person } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { submitPart } from '../../fields-part.ts'
import { formOf, textOf, tokenPart } from '../../forms.ts'
import { hiddenPart } from '../../form-page.ts'
import { factsPart } from '../../table-part.ts'
import { organisationName } from '../../names.ts'
import { numberOf } from './draft-pages.ts'
import { costPart, orderFacts, parametersPart } from './facts.ts'
import { problemList } from './problems.ts'

/** All that was chosen, what hinders it, and the one button that orders. */
export const checkPage: Page = {
  permission: person,
  async answer(asked) {
    const { language, texts } = asked
    const form = await describeForm(asked.deps, readerOf(asked), numberOf(asked))
    const { order } = form
    if (order.state !== 'draft') return { redirect: `/orders/${order.number}` }
    const check = await checkOrder(asked.deps, readerOf(asked), order.number)
    const { check: t, checkOf } = texts.orders
    const title = checkOf(order.offering.displayName[language])
    return {
      title,
      body: html`<h1 class="kern-heading-x-large">${title}</h1>
        !${refusedPart(asked)} !${resultPart(asked, form, check)}
        <h2 class="kern-heading-medium">${t.chosen}</h2>
        !${factsPart(orderFacts(asked, order))} !${parametersPart(asked, form)}
        <p class="kern-body">
          <a class="kern-link" href="/orders/${order.number}/edit">${t.correct}</a>
        </p>
        <h2 class="kern-heading-medium">${t.cost}</h2>
        !${check.priceChanged ? warningPart(t.priceChanged) : ''}
        !${costPart(asked, check.price, { ...order, terms: check.terms })}
        !${check.orderable ? submitForm(asked, order, check) : ''}`,
    }
  },
}

/**
 * Orders. Sent twice it is one order: the draft is submitted once.
 */
export const submitOne: Page = {
  permission: person,
  async answer(asked) {
    const number = numberOf(asked)
    const check = `/orders/${number}/check`
    const given = ['priceTag', 'changedAt'].flatMap((name) => {
      const value = textOf(formOf(asked), name)
      return value === '' ? [] : [[name, value] as const]
    })
    try {
      const result = await submitDraft(
        asked.deps,
        readerOf(asked),
        number,
        Object.fromEntries(given),
      )
      if (result.kind === 'submitted') return { redirect: `/orders/${result.order.number}` }
      const isPrice = result.problems.some(({ code }) => code === 'price_changed')
      return { redirect: isPrice ? `${check}?refused=price` : check }
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code !== 'conflict') throw error
      return { redirect: `${check}?refused=changed` }
    }
  },
}

/** Why the submission that led here has ordered nothing. */
function refusedPart(asked: Asked): string {
  const { refused } = asked.request.query as { refused?: unknown }
  const { refused: reasons } = asked.texts.orders.check
  if (refused !== 'price' && refused !== 'changed') return ''
  return html`<div class="kern-alert kern-alert--danger" role="alert" tabindex="-1" autofocus>
    <div class="kern-alert__header">
      <span class="kern-icon kern-icon--danger" aria-hidden="true"></span>
      <span class="kern-title">${reasons[refused]}</span>
    </div>
  </div>`
}

function resultPart(asked: Asked, { order, schema, kept }: OrderForm, check: OrderCheck): string {
  const { check: t } = asked.texts.orders
  // What a later check than the dry run has found is as good a reason.
  const problems = check.orderable ? order.problems : check.problems
  if (problems.length === 0)
    return html`<div class="kern-alert kern-alert--success" role="status">
      <div class="kern-alert__header">
        <span class="kern-icon kern-icon--success" aria-hidden="true"></span>
        <span class="kern-title">${t.results}</span>
      </div>
      <div class="kern-alert__body"><p class="kern-body">${t.fine}</p></div>
    </div>`
  const described = describe(schema, order.parameters ?? undefined, { kept })
  return html`<div class="kern-alert kern-alert--danger" role="alert" tabindex="-1" autofocus>
    <div class="kern-alert__header">
      <span class="kern-icon kern-icon--danger" aria-hidden="true"></span>
      <span class="kern-title">${t.problems}</span>
    </div>
    <div class="kern-alert__body">!${problemList(asked, problems, described)}</div>
  </div>`
}

function warningPart(text: string): string {
  return html`<div class="kern-alert kern-alert--warning">
    <div class="kern-alert__header">
      <span class="kern-icon kern-icon--warning" aria-hidden="true"></span>
      <span class="kern-title">${text}</span>
    </div>
  </div>`
}

function submitForm(asked: Asked, order: OrderView, check: OrderCheck): string {
  const { check: t } = asked.texts.orders
  const { organisation, provider } = order
  const sentence = check.price.class === 'free' ? t.consequenceFree : t.consequence
  const consequence = sentence(organisationName(asked, organisation), provider.displayName)
  return html`<form class="form" method="post" action="/orders/${order.number}/submit">
    !${tokenPart(asked)} !${hiddenPart(['priceTag', check.priceTag])}
    !${hiddenPart(['changedAt', order.changedAt])}
    <p class="kern-body"><strong>${consequence}</strong></p>
    !${submitPart(t.submit)}
  </form>`
}
