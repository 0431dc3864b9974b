import { html } from 'ghtml'
import { listOrders } from '../../../orders/read.ts'
import { memberReader } from '../../auth/roles.ts'
import { hasRole, readerOf, type Asked, type Page } from '../asked.ts'
import { orderTable } from './orders/orders-page.ts'
import { withoutRolePart } from './without-role.ts'

const shown = 5

export const startPage: Page = {
  permission: 'public',
  async answer(asked) {
    const { start } = asked.texts
    return {
      title: start.title,
      body: html`<h1 class="kern-heading-x-large">${start.heading}</h1>
        <p class="kern-body kern-body--large lead">${start.lead}</p>
        !${withoutRolePart(asked)}
        <div class="cards">
          !${cardPart(start.agencies, '/catalog')} !${cardPart(start.platforms, '/docs')}
          !${cardPart(start.operators, '/openapi.json')}
        </div>
        !${await ordersPart(asked)}`,
    }
  },
}

/** The reader's own open drafts and latest orders; empty if there are none. */
async function ordersPart(asked: Asked): Promise<string> {
  if (asked.signedIn === undefined || !hasRole(asked, memberReader)) return ''
  const { person, caller } = readerOf(asked)
  const { start, next } = asked.texts.orders
  const parts = await Promise.all(
    (['draft', 'submitted'] as const).map(async (state) => {
      const query = { state, person: person.id }
      const { items } = await listOrders(asked.deps, caller.scope, query, shown)
      const heading = state === 'draft' ? start.drafts : start.latest
      return items.length === 0
        ? ''
        : html`<h2 class="kern-heading-medium">${heading}</h2>
            !${orderTable(asked, heading, items)}`
    }),
  )
  if (parts.join('') === '') return ''
  return html`!${parts}
    <p class="kern-body"><a class="kern-link" href="/orders">${next.back}</a></p>`
}

function cardPart(
  { title, text, link }: { title: string; text: string; link: string },
  path: string,
): string {
  return html`<section class="kern-card kern-card--hug">
    <div class="kern-card__container">
      <h2 class="kern-title">${title}</h2>
      <p class="kern-body">${text}</p>
      <a class="kern-link" href="${path}">${link}</a>
    </div>
  </section>`
}
