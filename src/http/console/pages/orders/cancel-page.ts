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
import { inputPart, selectPart, submitPart, summaryPart, type Wrong } from '../../fields-part.ts'
import { hiddenPart } from '../../form-page.ts'
import { formOf, keyOf, keyPart, textOf, tokenPart } from '../../forms.ts'
import { dateTime } from '../../format.ts'
import { factsPart } from '../../table-part.ts'
import { numberOf } from './draft-pages.ts'

/** What a cancellation does, and the form for it. */
export const cancelPage: Page = {
  permission: person,
  answer: async (asked) => draw(asked, await effectsOf(asked), new Map()),
}

export const cancelOne: Page = {
  permission: person,
  async answer(asked) {
    const form = formOf(asked)
    const { orderChanges: t, form: words } = asked.texts
    const [instanceName, when, endsAt] = ['instanceName', 'when', 'endsAt'].map((name) =>
      textOf(form, name),
    )
    const body: unknown = { instanceName, when, ...(endsAt === '' ? {} : { endsAt }) }
    const validate = validatorOf('cancel-order')
    const number = numberOf(asked)
    const wrongAt = async (name: string, sentence: string) =>
      draw(asked, await effectsOf(asked), new Map([[name, sentence]]))
    if (!validate(body)) {
      const isName = validate.errors?.[0]?.instancePath === '/instanceName'
      return isName ? wrongAt('instanceName', t.wrongName) : wrongAt('when', words.check)
    }
    try {
      // A form that is sent again with another answer is another request.
      const key = [keyOf(asked), when, endsAt, instanceName].join(' ').slice(0, 255)
      await cancelOrder(asked.deps, readerOf(asked), number, body as CancelOrder, key)
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error
      if (error.code === 'invalid_request') return wrongAt('instanceName', t.wrongName)
      if (error.code !== 'conflict') throw error
      const effects = await effectsOf(asked)
      if (!effects.cancelled) return draw(asked, effects, new Map([['when', t.otherEnd]]))
      // Another request was first: the order's page says when it ends.
    }
    return { redirect: `/orders/${number}` }
  },
}

export const withdrawOneCancellation: Page = {
  permission: person,
  async answer(asked) {
    const number = numberOf(asked)
    await withdrawCancellation(asked.deps, readerOf(asked), number, keyOf(asked))
    return { redirect: `/orders/${number}` }
  },
}

function effectsOf(asked: Asked): Promise<OrderCancellation> {
  return describeCancellation(asked.deps, readerOf(asked), numberOf(asked))
}

function draw(asked: Asked, effects: OrderCancellation, wrong: Wrong): PageAnswer {
  const { texts, language } = asked
  const { orderChanges: t, orders } = texts
  const { number, instanceName, endsAt, retainedUntil, noticeDays, minimumTermMonths } = effects
  const form = formOf(asked)
  const title = t.cancelOf(instanceName)
  const at = (time: string) => dateTime(language, new Date(time))
  const typed = textOf(form, 'instanceName')
  const name = { name: 'instanceName', label: t.typeName(instanceName), value: typed }
  const when = { name: 'when', label: t.when, value: textOf(form, 'when') }
  const choices = [
    { value: 'end-date', label: t.atEnd(at(endsAt)) },
    { value: 'now', label: t.now },
  ]
  // Its end has come and failed: there is nothing left to choose.
  const isPast = effects.cancelled && !effects.withdrawable
  const choice = isPast
    ? hiddenPart(['when', 'now'])
    : selectPart(texts.form, when, choices, wrong) + hiddenPart(['endsAt', endsAt])
  return {
    title,
    status: wrong.size > 0 ? 400 : 200,
    body: html`<p class="kern-body">
        <a class="kern-link" href="/orders/${number}">${t.back}</a>
      </p>
      <h1 class="kern-heading-x-large">${title}</h1>
      !${summaryPart(texts.form, [when, name], wrong)}
      <h2 class="kern-heading-medium">${t.effects}</h2>
      !${factsPart([
        [t.notice, noticeDays === null ? null : orders.facts.days(noticeDays)],
        [t.term, minimumTermMonths === null ? null : orders.facts.months(minimumTermMonths)],
        [t.endsAt, at(endsAt)],
        [t.retained, retainedUntil && at(retainedUntil)],
      ])}
      <p class="kern-body">${isPast ? t.again : t.lost}</p>
      <form class="form" method="post" action="/orders/${number}/cancel" novalidate>
        !${tokenPart(asked)} !${keyPart(asked)} !${choice} !${inputPart(texts.form, name, wrong)}
        !${submitPart(t.submitCancel)}
      </form>`,
  }
}
