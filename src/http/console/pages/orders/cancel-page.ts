import { html } from 'ghtml'
import { BrokerError } from '../../../../errors.ts'
import {
  cancelOrder,
  describeCancellation,
  withdrawCancellation,
} from '../../../../orders/cancel.ts'
import { validatorOf } from '../../../../schemas.ts'
import type { CancelOrder, OrderCancellation } from '../../../../types.gen.ts'
import { person } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page, type PageAnswer } from '../../asked.ts'
import { inputPart, selectPart, submitPart, summaryPart } from '../../fields-part.ts'
import { formOf, textOf, tokenPart } from '../../forms.ts'
import { dateTime } from '../../format.ts'
import { factsPart } from '../../table-part.ts'
import { numberOf } from './draft-pages.ts'

/** What a cancellation does, and the form for it. */
export const cancelPage: Page = {
  permission: person,
  answer: async (asked) => draw(asked, await effectsOf(asked), false),
}

export const cancelOne: Page = {
  permission: person,
  async answer(asked) {
    const form = formOf(asked)
    const body = { instanceName: textOf(form, 'instanceName'), when: textOf(form, 'when') }
    const validate = validatorOf('cancel-order')
    try {
      if (!validate(body)) throw new BrokerError('invalid_request', 'A field is missing.')
      const number = numberOf(asked)
      await cancelOrder(asked.deps, readerOf(asked), number, body as CancelOrder)
      return { redirect: `/orders/${number}` }
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code !== 'invalid_request') throw error
      return draw(asked, await effectsOf(asked), true)
    }
  },
}

export const withdrawOneCancellation: Page = {
  permission: person,
  async answer(asked) {
    const number = numberOf(asked)
    await withdrawCancellation(asked.deps, readerOf(asked), number)
    return { redirect: `/orders/${number}` }
  },
}

function effectsOf(asked: Asked): Promise<OrderCancellation> {
  return describeCancellation(asked.deps, readerOf(asked), numberOf(asked))
}

function draw(asked: Asked, effects: OrderCancellation, isWrong: boolean): PageAnswer {
  const { texts, language } = asked
  const { orderChanges: t, orders } = texts
  const { number, instanceName, endsAt, retainedUntil, noticeDays, minimumTermMonths } = effects
  const title = t.cancelOf(instanceName)
  const at = (time: string) => dateTime(language, new Date(time))
  const name = { name: 'instanceName', label: t.typeName(instanceName), value: '' }
  const when = { name: 'when', label: t.when, value: textOf(formOf(asked), 'when') }
  const wrong = new Map(isWrong ? [['instanceName', t.wrongName] as const] : [])
  const choices = [
    { value: 'end-date', label: t.atEnd(at(endsAt)) },
    { value: 'now', label: t.now },
  ]
  return {
    title,
    status: isWrong ? 400 : 200,
    body: html`<p class="kern-body">
        <a class="kern-link" href="/orders/${number}">${t.back}</a>
      </p>
      <h1 class="kern-heading-x-large">${title}</h1>
      !${summaryPart(texts.form, [name], wrong)}
      <h2 class="kern-heading-medium">${t.effects}</h2>
      !${factsPart([
        [t.notice, noticeDays === null ? null : orders.facts.days(noticeDays)],
        [t.term, minimumTermMonths === null ? null : orders.facts.months(minimumTermMonths)],
        [t.endsAt, at(endsAt)],
        [t.retained, retainedUntil && at(retainedUntil)],
      ])}
      <p class="kern-body">${t.lost}</p>
      <form class="form" method="post" action="/orders/${number}/cancel" novalidate>
        !${tokenPart(asked)} !${selectPart(texts.form, when, choices, wrong)}
        !${inputPart(texts.form, name, wrong)} !${submitPart(t.submitCancel)}
      </form>`,
  }
}
