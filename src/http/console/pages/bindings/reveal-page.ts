import { html } from 'ghtml'
import { revealCredentials } from '../../../../orders/reveal-credentials.ts'
import type { BindingCredentials } from '../../../../types.gen.ts'
import { person } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page, type PageAnswer } from '../../asked.ts'
import { assetPaths } from '../../assets.ts'
import { hasSignedInLately } from '../../recent-sign-in.ts'
import { bindingAnswer, bindingIdOf } from './binding-page.ts'
import { flatten, type Secret } from './flatten.ts'
import { refusalOf } from '../../refusal.ts'

/** The credentials, in the answer to the form itself: no address shows them again. */
export const revealOne: Page = {
  permission: person,
  async answer(asked) {
    // The binding's own page leads to the sign-in; it refuses what the reader must not see.
    if (!hasSignedInLately(asked)) return bindingAnswer(asked, 403)
    try {
      return draw(asked, await revealCredentials(asked.deps, readerOf(asked), bindingIdOf(asked)))
    } catch (error) {
      const message = refusalOf(error)
      if (message === undefined) throw error
      return bindingAnswer(asked, 400, message)
    }
  },
}

function draw(asked: Asked, revealed: BindingCredentials): PageAnswer {
  const { bindings: t } = asked.texts
  const { credentials, endpoints, volumeMounts, syslogDrainUrl, routeServiceUrl } = revealed
  const { entries, isCut } = flatten({
    ...credentials,
    ...(endpoints.length === 0 ? {} : { endpoints }),
    ...(volumeMounts.length === 0 ? {} : { volumeMounts }),
    ...(syslogDrainUrl === null ? {} : { syslogDrainUrl }),
    ...(routeServiceUrl === null ? {} : { routeServiceUrl }),
  })
  return {
    title: t.credentials,
    body: html`<p class="kern-body">
        <a class="kern-link" href="/bindings/${revealed.id}">${t.toBinding}</a>
      </p>
      <h1 class="kern-heading-x-large">${t.credentials}</h1>
      <p class="kern-body">${t.once}</p>
      !${entries.length === 0 ? html`<p class="kern-body">${t.none}</p>` : ''}
      <ul class="secrets" data-copied="${t.copied}">
        !${entries.map((entry, at) => secretPart(asked, entry, at))}
      </ul>
      !${isCut ? html`<p class="kern-body">${t.cut}</p>` : ''}
      <p class="kern-body" role="status" id="copied"></p>
      <script type="module" src="${assetPaths.copy}"></script>`,
  }
}

/** Closed until it is opened: who looks over a shoulder sees nothing. */
function secretPart({ texts }: Asked, { path, text }: Secret, at: number): string {
  const { show, copy } = texts.bindings
  return html`<li>
    <details>
      <summary class="kern-body"><strong>${path}</strong>: ${show}</summary>
      <code id="secret-${at}" dir="ltr">${text}</code>
    </details>
    <button
      type="button"
      class="kern-btn kern-btn--secondary kern-btn--x-small"
      data-copy="secret-${at}"
      aria-label="${copy}: ${path}"
      hidden
    >
      <span class="kern-label">${copy}</span>
    </button>
  </li>`
}
