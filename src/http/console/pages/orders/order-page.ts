import { html } from 'ghtml'
import { describeParametersForm } from '../../../../orders/form.ts'
import { versionOf } from '../../../../orders/live/followed.ts'
import { describeOrder } from '../../../../orders/read.ts'
import { orderTimeline } from '../../../../orders/timeline.ts'
import { mayIn } from '../../../../people/person.ts'
import type { OrderTimeline, OrderView } from '../../../../types.gen.ts'
import { memberReader } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { isLiveRequest } from '../../live.ts'
import { livePart, liveScript, type LivePage } from '../../live-part.ts'
import { factsPart } from '../../table-part.ts'
import { actionsPart } from './actions-part.ts'
import { numberOf } from './draft-pages.ts'
import { costPart, orderFacts, parametersPart } from './facts.ts'
import { nowPart } from './now-part.ts'
import { problemList } from './problems.ts'
import { timelinePart } from './timeline-part.ts'

// How often the page asks again where no stream opens: what waits for a person may wait for days.
const soonMs = 2_000
const seldomMs = 30_000
const everyMs: Partial<Record<OrderView['progress'], number>> = {
  submitted: soonMs,
  waiting: seldomMs,
  provisioning: soonMs,
  changing: soonMs,
  ending: soonMs,
}

/** One order: how it stands, what was done with it, and what its reader can do. */
export const orderPage: Page = {
  permission: memberReader,
  async answer(asked) {
    const { deps, request, texts } = asked
    const reader = readerOf(asked)
    const order = await describeOrder(deps, reader, numberOf(asked))
    const title = texts.orders.one(order.number)
    const timeline = await orderTimeline(deps, reader.caller.scope, order.number)
    const page: LivePage = {
      path: `/orders/${order.number}`,
      version: versionOf(timeline),
      everyMs: everyMs[order.progress],
    }
    const live = livePart(asked, page, await changingPart(asked, order, timeline))
    if (isLiveRequest(request)) return { title, body: live }
    return {
      title,
      body: html`<p class="kern-body">
          <a class="kern-link" href="/orders">${texts.orders.next.back}</a>
        </p>
        <h1 class="kern-heading-x-large">${title}</h1>
        !${live} !${liveScript(asked, page)} !${await orderedPart(asked, order)}`,
    }
  },
}

function mayOrderFor(asked: Asked, { organisation }: OrderView): boolean {
  return mayIn(readerOf(asked), organisation.id, 'orderer')
}

async function changingPart(
  asked: Asked,
  order: OrderView,
  timeline: OrderTimeline,
): Promise<string> {
  const { orders: t, timeline: words } = asked.texts
  return html`<div id="live-state" class="live" role="status">
      <p class="kern-body kern-body--large"><strong>${t.progress[order.progress]}</strong></p>
      !${order.problems.length === 0 ? '' : problemList(asked, order.problems)}
    </div>
    <div id="live-actions">!${mayOrderFor(asked, order) ? actionsPart(asked, order) : ''}</div>
    <h2 class="kern-heading-medium">${words.heading}</h2>
    <div id="live-timeline">!${timelinePart(asked, timeline)}</div>
    <div id="live-now" class="live">
      !${await nowPart(asked, order, timeline)} !${certificateLink(asked, order)}
    </div>
    <h2 class="kern-heading-medium">${t.details}</h2>
    <div id="live-facts">!${factsPart(orderFacts(asked, order))}</div>`
}

function certificateLink({ texts }: Asked, { number, progress }: OrderView): string {
  if (progress !== 'ended') return ''
  return html`<p class="kern-body">
    <a class="kern-link" href="/orders/${number}/certificate">${texts.certificate.title}</a>
  </p>`
}

/** What was ordered, which only those see who may order, and what it costs. */
async function orderedPart(asked: Asked, order: OrderView): Promise<string> {
  const form = mayOrderFor(asked, order)
    ? await describeParametersForm(asked.deps, readerOf(asked), order.number)
    : undefined
  return html`!${form === undefined ? '' : parametersPart(asked, { order, ...form })}
    <h2 class="kern-heading-medium">${asked.texts.orders.check.cost}</h2>
    !${costPart(asked, order.price, order)}`
}
