import { html } from 'ghtml'
import type { Page } from '../asked.ts'

export const startPage: Page = {
  permission: 'public',
  answer({ texts: { start } }) {
    return {
      title: start.title,
      body: html`<h1 class="kern-heading-x-large">${start.heading}</h1>
        <p class="kern-body kern-body--large lead">${start.lead}</p>
        <div class="cards">
          !${cardPart(start.agencies, '/catalog')} !${cardPart(start.platforms, '/docs')}
          !${cardPart(start.operators, '/openapi.json')}
        </div>`,
    }
  },
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
