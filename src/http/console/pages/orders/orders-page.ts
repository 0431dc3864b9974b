import { html } from 'ghtml'
import { isUuid } from '../../../../ids.ts'
import { ordersCsv } from '../../../../orders/csv.ts'
import { listOrders, type OrderQuery } from '../../../../orders/read.ts'
import type { OrderItem } from '../../../../types.gen.ts'
import { memberReader } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { dateTime } from '../../format.ts'
import { tablePart } from '../../table-part.ts'
import { organisationName } from '../../names.ts'
import { linkTo } from '../catalog/query.ts'
import { footPart, listFile } from '../instances/list-parts.ts'

const pageSize = 50
const maxWords = 100
const states = ['draft', 'submitted', 'discarded'] as const

type Address = Pick<OrderQuery, 'state' | 'q' | 'before'>

/** The orders of the reader's organisations. */
export const ordersPage: Page = {
  permission: memberReader,
  async answer(asked) {
    const { deps, texts } = asked
    const address = addressOf(asked)
    const { scope } = readerOf(asked).caller
    const { items, next } = await listOrders(deps, scope, address, pageSize)
    const { title, list: t } = texts.orders
    return {
      title,
      body: html`<h1 class="kern-heading-x-large">${title}</h1>
        <p class="kern-body">${t.lead}</p>
        !${filterPart(asked, address)} !${searchPart(asked, address)}
        !${items.length === 0 ? emptyPart(asked, address) : orderTable(asked, title, items)}
        !${footPart(asked, '/orders', { fields: fieldsOf(address) }, next)}`,
    }
  },
}

/** All of them as a file. */
export const ordersFile: Page = {
  permission: memberReader,
  async answer(asked) {
    const { before: after, ...address } = addressOf(asked)
    const { scope } = readerOf(asked).caller
    const readPage = (before: string | undefined, limit: number) =>
      listOrders(asked.deps, scope, { ...address, before }, limit)
    return listFile('orders', await ordersCsv(readPage, after))
  },
}

function addressOf({ request }: Asked): Address {
  const { state, q, cursor } = request.query as Record<string, unknown>
  return {
    state: states.find((each) => each === state),
    q: typeof q === 'string' && q.trim() !== '' ? q.slice(0, maxWords) : undefined,
    before: typeof cursor === 'string' && isUuid(cursor) ? cursor : undefined,
  }
}

function fieldsOf({ state, q }: Address): Array<readonly [string, string]> {
  return [
    ...(state === undefined ? [] : [['state', state] as const]),
    ...(q === undefined ? [] : [['q', q] as const]),
  ]
}

function filterPart({ texts }: Asked, { state: chosen, q }: Address): string {
  const { list: t } = texts.orders
  const links = [
    [undefined, t.all],
    ['draft', t.drafts],
    ['submitted', t.submitted],
    ['discarded', t.discarded],
  ] as const
  return html`<nav aria-label="${t.filter}">
    <ul class="plain links">
      !${links.map(([state, text]) =>
        state === chosen
          ? html`<li><span class="kern-body" aria-current="true">${text}</span></li>`
          : html`<li>
              <a class="kern-link" href="${linkTo('/orders', fieldsOf({ state, q }))}">${text}</a>
            </li>`,
      )}
    </ul>
  </nav>`
}

function searchPart({ texts }: Asked, { state, q }: Address): string {
  const { list: t } = texts.orders
  return html`<form class="search" role="search" method="get" action="/orders">
    !${state === undefined ? '' : html`<input type="hidden" name="state" value="${state}" />`}
    <div class="kern-form-input search__words">
      <label class="kern-label" for="q">${t.search}</label>
      <input
        class="kern-form-input__input"
        id="q"
        name="q"
        type="search"
        maxlength="${maxWords}"
        value="${q ?? ''}"
      />
    </div>
    <button type="submit" class="kern-btn kern-btn--secondary">
      <span class="kern-label">${t.searchButton}</span>
    </button>
  </form>`
}

function emptyPart({ texts }: Asked, address: Address): string {
  const { list: t } = texts.orders
  const isAll = fieldsOf(address).length === 0 && address.before === undefined
  return html`<p class="kern-body" role="status">${isAll ? t.none : t.nothing}</p>
    <p class="kern-body"><a class="kern-link" href="/catalog">${t.toCatalog}</a></p>`
}

/** @param label  what it lists, for screen readers */
export function orderTable(asked: Asked, label: string, items: readonly OrderItem[]): string {
  const { language, texts } = asked
  const { list: t, facts, states: words } = texts.orders
  const rows = items.map((order) => [
    html`<a class="kern-link order-number" href="/orders/${order.number}">${order.number}</a>`,
    html`${order.offering.displayName[language]}, ${order.plan.displayName[language]}`,
    html`${order.instance.name ?? ''}`,
    html`${words[order.progress]}`,
    html`${organisationName(asked, order.organisation)}`,
    html`${dateTime(language, new Date(order.changedAt))}`,
  ])
  const head = [t.number, t.service, t.name, facts.state, facts.organisation, t.when]
  return tablePart(label, head, rows)
}
