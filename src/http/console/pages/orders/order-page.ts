import { html } from 'ghtml'
import { describeForm } from '../../../../orders/form.ts'
import { describeOrder } from '../../../../orders/read.ts'
import { orderTimeline } from '../../../../orders/timeline.ts'
import { mayIn } from '../../../../people/person.ts'
import type { OrderTimeline, OrderView } from '../../../../types.gen.ts'
import { memberReader } from '../../../auth/roles.ts'
import { assetPaths } from '../../assets.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { submitPart } from '../../fields-part.ts'
import { keyPart, tokenPart } from '../../forms.ts'
import { factsPart } from '../../table-part.ts'
import { numberOf } from './draft-pages.ts'
import { costPart, orderFacts, parametersPart } from './facts.ts'
import { problemList } from './problems.ts'
import { timelinePart } from './timeline-part.ts'

// Of these the page asks again by itself.
const moving: ReadonlySet<OrderView['progress']> = new Set([
  'submitted',
  'waiting',
  'provisioning',
  'changing',
  'ending',
])

/** One order: how it stands, what was done with it, and what its reader can do. */
export const orderPage: Page = {
  permission: memberReader,
  async answer(asked) {
    const reader = readerOf(asked)
    const order = await describeOrder(asked.deps, reader, numberOf(asked))
    const mayOrder = mayIn(reader, order.organisation.id, 'orderer')
    const { orders: t } = asked.texts
    const title = t.one(order.number)
    // Only those who may order see what was ordered.
    const form = mayOrder ? await describeForm(asked.deps, reader, order.number) : undefined
    const timeline = await orderTimeline(asked.deps, reader.caller.scope, order.number)
    return {
      title,
      body: html`<p class="kern-body">
          <a class="kern-link" href="/orders">${t.next.back}</a>
        </p>
        <h1 class="kern-heading-x-large">${title}</h1>
        !${livePart(asked, order, timeline, mayOrder)}
        <h2 class="kern-heading-medium">${t.details}</h2>
        !${factsPart(orderFacts(asked, order))}
        !${form === undefined ? '' : parametersPart(asked, form)}
        <h2 class="kern-heading-medium">${t.check.cost}</h2>
        !${costPart(asked, order.price, order)}`,
    }
  },
}

/** What changes while one looks at it. Without scripts there is a link to load it again. */
function livePart(
  asked: Asked,
  order: OrderView,
  timeline: OrderTimeline,
  mayOrder: boolean,
): string {
  const { orders: t, timeline: words } = asked.texts
  const isMoving = moving.has(order.progress)
  const refresh = html`<p class="kern-body">
      <a class="kern-link" href="/orders/${order.number}">${t.next.refresh}</a>
    </p>
    <script type="module" src="${assetPaths.live}"></script>`
  return html`<div id="live" class="live" !${isMoving ? 'data-every="2000"' : ''}>
      <div id="live-state" class="live" role="status">
        <p class="kern-body kern-body--large"><strong>${t.progress[order.progress]}</strong></p>
        !${order.problems.length === 0 ? '' : problemList(asked, order.problems)}
      </div>
      <div id="live-actions">!${mayOrder ? actionsPart(asked, order) : ''}</div>
      <h2 class="kern-heading-medium">${words.heading}</h2>
      <div id="live-timeline">!${timelinePart(asked, timeline)}</div>
    </div>
    !${isMoving ? refresh : ''}`
}

function actionsPart(asked: Asked, { number, state, progress, endsAt }: OrderView): string {
  const { orders, orderChanges: changes } = asked.texts
  const { next } = orders
  const path = `/orders/${number}`
  const again = html`<form method="post" action="${path}/again">
    !${tokenPart(asked)} !${keyPart(asked)} !${submitPart(next.again, 'secondary')}
  </form>`
  // What could not be ended may be tried once more.
  const isStuck = progress === 'failed' && endsAt !== null
  if (state === 'submitted' && (progress === 'ready' || isStuck))
    return html`<div class="actions">
      !${linkPart(`${path}/change`, changes.change)}
      !${
        endsAt === null || isStuck
          ? linkPart(`${path}/cancel`, changes.cancel)
          : html`<form method="post" action="${path}/withdraw">
              !${tokenPart(asked)} !${submitPart(changes.withdraw, 'secondary')}
            </form>`
      }
      !${again}
    </div>`
  if (state !== 'draft') return html`<div class="actions">!${again}</div>`
  return html`<div class="actions">
    <a class="kern-btn kern-btn--primary" href="${path}/check">
      <span class="kern-label">${next.check}</span>
    </a>
    <a class="kern-btn kern-btn--secondary" href="${path}/edit">
      <span class="kern-label">${next.edit}</span>
    </a>
    <form method="post" action="${path}/discard">
      !${tokenPart(asked)} !${submitPart(next.discard, 'secondary')}
    </form>
  </div>`
}

function linkPart(path: string, text: string): string {
  return html`<a class="kern-btn kern-btn--secondary" href="${path}">
    <span class="kern-label">${text}</span>
  </a>`
}
