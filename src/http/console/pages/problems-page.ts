import { html } from 'ghtml'
import { BrokerError } from '../../../errors.ts'
import { errorCodes, statusOf } from '../../problems.ts'
import type { Page } from '../asked.ts'
import { factsPart } from '../table-part.ts'

/** All errors that Kontor answers with. */
export const problemsPage: Page = {
  permission: 'public',
  answer({ texts: { problems } }) {
    const links = errorCodes.map(
      (code) =>
        html`<li>
          <a class="kern-link" href="/problems/${code}">${problems.of(code).title}</a>
          <code>${code}</code>
        </li>`,
    )
    return {
      title: problems.title,
      body: html`<h1 class="kern-heading-x-large">${problems.title}</h1>
        !${sentencePart(problems.lead)}
        <ul class="kern-list kern-list--bullet">
          !${links}
        </ul>`,
    }
  },
}

/** What one of them means, and what to do: the address that `type` names. */
export const problemPage: Page = {
  permission: 'public',
  answer({ request, texts: { problems } }) {
    const given = (request.params as { code: string }).code
    const code = errorCodes.find((each) => each === given)
    if (code === undefined) throw new BrokerError('not_found', 'There is nothing at this address.')
    const { title, meaning, action } = problems.of(code)
    return {
      title,
      body: html`<h1 class="kern-heading-x-large">${title}</h1>
        <h2 class="kern-heading-medium">${problems.meaning}</h2>
        !${sentencePart(meaning)}
        <h2 class="kern-heading-medium">${problems.action}</h2>
        !${sentencePart(action)}
        !${factsPart([
          [problems.code, code],
          [problems.status, String(statusOf(code))],
        ])}
        <p class="kern-body"><a class="kern-link" href="/problems">${problems.all}</a></p>`,
    }
  },
}

/** A text in which names of fields and headers stand between backticks. */
function sentencePart(text: string): string {
  const parts = text
    .split('`')
    .map((part, at) => (at % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
  return html`<p class="kern-body">!${parts}</p>`
}
