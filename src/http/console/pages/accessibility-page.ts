import { html } from 'ghtml'
import type { Page } from '../asked.ts'
import type { Texts } from '../texts/texts.ts'

export const accessibilityPage: Page = {
  permission: 'public',
  answer({ deps, texts: { accessibility } }) {
    const { title, lead, status, measures, feedback } = accessibility
    return {
      title,
      body: html`<h1 class="kern-heading-x-large">${title}</h1>
        <p class="kern-body">${lead}</p>
        <h2 class="kern-heading-medium">${status.heading}</h2>
        <p class="kern-body">${status.text}</p>
        <h2 class="kern-heading-medium">${measures.heading}</h2>
        <ul class="kern-list kern-list--bullet">
          !${measures.items.map((item) => html`<li>${item}</li>`)}
        </ul>
        <h2 class="kern-heading-medium" id="feedback">${feedback.heading}</h2>
        !${feedbackPart(deps.contact, feedback)}`,
    }
  },
}

function feedbackPart(
  contact: string | undefined,
  { text, none }: Texts['accessibility']['feedback'],
): string {
  if (contact === undefined) return html`<p class="kern-body">${none}</p>`
  const address = contact.startsWith('https:') ? contact : `mailto:${contact}`
  return html`<p class="kern-body">
    ${text} <a class="kern-link" href="${address}">${contact}</a>
  </p>`
}
