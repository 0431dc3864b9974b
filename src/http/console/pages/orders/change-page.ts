import { html } from 'ghtml'
import { isDeepStrictEqual } from 'node:util'
import { BrokerError } from '../../../../errors.ts'
import { describe } from '../../../../forms/describe.ts'
import { read, type ReadForm } from '../../../../forms/read.ts'
import { renderErrors, type OtherError } from '../../../../forms/render-errors.ts'
import { render } from '../../../../forms/render.ts'
import { priceTexts } from '../../../../marketplace/money.ts'
import { describeChange, type ChangeForm } from '../../../../orders/change-form.ts'
import {
  changeInstance,
  wasRequested,
  type ReadBefore,
} from '../../../../orders/change-instance.ts'
import type { Parameters } from '../../../../orders/order.ts'
import { person } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page, type PageAnswer } from '../../asked.ts'
import { submitPart } from '../../fields-part.ts'
import { hiddenPart } from '../../form-page.ts'
import { formOf, keyOf, keyPart, textOf, tokenPart, type Form } from '../../forms.ts'
import { costPart } from './facts.ts'
import { numberOf } from './draft-pages.ts'
import { bodyOf, pressedOf } from './parameters-form.ts'

/** The form that changes what an order has made. `?plan=ID` chooses another plan. */
export const changePage: Page = {
  permission: person,
  async answer(asked) {
    const { plan } = asked.request.query as { plan?: unknown }
    return draw(asked, { form: await formFor(asked, typeof plan === 'string' ? plan : undefined) })
  },
}

export const changeOne: Page = {
  permission: person,
  async answer(asked) {
    const entered = formOf(asked)
    const form = await formFor(asked, textOf(entered, 'plan') || undefined)
    const { schema, kept, planId, chosen, order } = form
    const sent = schema && read(schema, bodyOf(entered), { kept })
    const shown = { form, entered, ...(sent === undefined ? {} : { sent }) }
    if (sent?.isComplete === false) return draw(asked, shown)
    const change = {
      ...(chosen === planId ? {} : { plan: chosen }),
      ...(sent === undefined || isDeepStrictEqual(sent.value, kept)
        ? {}
        : { parameters: sent.value }),
    }
    const target = { redirect: `/orders/${order.number}` }
    // Another answer in the same form is another request.
    const answer = asked.deps.vault.fingerprint({ chosen, value: sent?.value ?? null })
    const key = `${keyOf(asked)} ${answer.toString('base64url')}`
    if (Object.keys(change).length === 0) {
      // The first of two clicks has made the change.
      const isMade = await wasRequested(asked.deps, readerOf(asked), order.number, key)
      const refusal = { sentence: asked.texts.orderChanges.nothing }
      return isMade ? target : draw(asked, { ...shown, refusal })
    }
    try {
      const before = readBefore(entered)
      await changeInstance(asked.deps, readerOf(asked), order.number, change, key, before)
      return target
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code === 'forbidden') throw error
      const { sentences, other, system } = asked.texts.orderProblems
      const isConflict = error.code === 'conflict'
      const sentence = isConflict
        ? asked.texts.orderChanges.conflict
        : (sentences[error.code] ?? other)
      const refusal = { sentence: `${sentence} ${system}`, quoted: error.message }
      return draw(asked, { ...shown, refusal, isConflict })
    }
  },
}

interface ChosenForm extends ChangeForm {
  readonly chosen: string
}

async function formFor(asked: Asked, plan: string | undefined): Promise<ChosenForm> {
  const form = await describeChange(asked.deps, readerOf(asked), numberOf(asked), plan)
  const isKnown = form.plans.some(({ plan: each }) => each.id === plan)
  return { ...form, chosen: plan !== undefined && isKnown ? plan : form.planId }
}

interface Drawn {
  readonly form: ChosenForm
  readonly entered?: Form
  readonly sent?: ReadForm
  readonly refusal?: OtherError
  /** Something else holds than when the form was drawn. */
  readonly isConflict?: boolean
}

/** What the form that was sent had shown. */
function readBefore(entered: Form): ReadBefore {
  const [priceTag, standing] = ['priceTag', 'standing'].map((name) => textOf(entered, name))
  return { ...(priceTag ? { priceTag } : {}), ...(standing ? { standing } : {}) }
}

function draw(
  asked: Asked,
  { form, entered, sent, refusal, isConflict = false }: Drawn,
): PageAnswer {
  const { language, texts } = asked
  const { orderChanges: t } = texts
  const { order, schema, kept, chosen, planId } = form
  const title = t.changeOf(order.instance.name ?? order.number)
  const options = { kept, state: sent?.state }
  const described = describe(schema ?? { type: 'object' }, sent?.value ?? kept, options)
  const faults = sent?.errors ?? []
  const others = refusal === undefined ? [] : [refusal]
  // A form that is shown again for an error is still of what was read.
  const { priceTag = form.offer?.priceTag ?? '', standing = form.standing } =
    entered === undefined || isConflict ? {} : readBefore(entered)
  const fields = html`<h2 class="kern-heading-medium">${t.parameters}</h2>
    !${render(described, language, faults, pressedOf(entered))}`
  return {
    title,
    status: faults.length + others.length > 0 ? 400 : 200,
    body: html`<p class="kern-body">
        <a class="kern-link" href="/orders/${order.number}">${t.back}</a>
      </p>
      <h1 class="kern-heading-x-large">${title}</h1>
      !${renderErrors(described, language, faults, others)}
      <h2 class="kern-heading-medium">${t.plan}</h2>
      !${plansPart(asked, form)}
      <form
        class="form"
        id="change"
        method="post"
        action="/orders/${order.number}/change"
        novalidate
      >
        !${tokenPart(asked)} !${keyPart(asked)}
        !${chosen === planId ? '' : hiddenPart(['plan', chosen])}
        !${hiddenPart(['standing', standing])}
        !${priceTag === '' ? '' : hiddenPart(['priceTag', priceTag])}
        !${schema === undefined ? '' : fields} !${offerPart(asked, form, sent?.value ?? kept)}
        <p class="kern-body"><strong>${t.consequence(order.provider.displayName)}</strong></p>
        !${submitPart(t.submitChange)}
      </form>`,
  }
}

/** What it costs with what was entered; a button counts anew. */
function offerPart(asked: Asked, { offer, schema }: ChosenForm, parameters: Parameters): string {
  if (offer === undefined) return ''
  const { orders, orderChanges } = asked.texts
  const again = html`<div>
    <button type="submit" class="kern-btn kern-btn--secondary" name="refresh:" value="1">
      <span class="kern-label">${orderChanges.count}</span>
    </button>
  </div>`
  return html`<h2 class="kern-heading-medium">${orders.check.cost}</h2>
    !${costPart(asked, offer.price, { terms: offer.terms, parameters })}
    !${schema === undefined ? '' : again}`
}

function plansPart(
  { texts, language }: Asked,
  { order, plans, planId, chosen }: ChosenForm,
): string {
  const { current, chosen: isChosen, choose } = texts.orderChanges
  const items = plans.map(({ plan: { id }, displayName, price, order: { mayOrder, reason } }) => {
    const name = displayName[language]
    const marks = [...(id === planId ? [current] : []), ...(id === chosen ? [isChosen] : [])]
    const mark = marks.length === 0 ? '' : ` (${marks.join(', ')})`
    const link = html`<a class="kern-link" href="/orders/${order.number}/change?plan=${id}"
      >${choose}<span class="kern-sr-only">: ${name}</span></a
    >`
    const refused = html`<span class="kern-body kern-body--small">${reason ?? ''}</span>`
    return html`<li>
      <span class="kern-body"
        ><strong>${name}</strong>${mark}: ${priceTexts(price, language).join(', ')}</span
      >
      !${id === chosen ? '' : mayOrder === false && id !== planId ? refused : link}
    </li>`
  })
  return html`<ul class="order-plans">
    !${items}
  </ul>`
}
