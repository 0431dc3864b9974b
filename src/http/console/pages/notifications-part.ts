import { html } from 'ghtml'
import { changeMe, notificationKinds } from '../../../people/me.ts'
import { readerOf, type Asked, type Page } from '../asked.ts'
import { submitPart } from '../fields-part.ts'
import { formOf, tokenPart } from '../forms.ts'

const fieldName = 'kind'

/** Of what the reader gets mail, to be switched on and off. */
export function notificationsPart(asked: Asked): string {
  const { heading, text, notSetUp, noAddress, kinds, save } = asked.texts.account.notifications
  const { email, muted } = readerOf(asked).person
  const boxes = notificationKinds.map(
    (kind) =>
      html`<div class="kern-form-check">
        <input
          class="kern-form-check__checkbox"
          type="checkbox"
          id="mail-${kind}"
          name="${fieldName}"
          value="${kind}"
          !${muted.includes(kind) ? '' : 'checked'}
        />
        <label class="kern-label" for="mail-${kind}">${kinds[kind]}</label>
      </div>`,
  )
  const hint = !asked.deps.sendsMail ? notSetUp : email === null ? noAddress : undefined
  return html`<h2 class="kern-heading-medium" id="mail">${heading}</h2>
    !${hint === undefined ? '' : html`<p class="kern-body">${hint}</p>`}
    <form class="form" method="post" action="/account/notifications">
      !${tokenPart(asked)}
      <div role="group" aria-labelledby="mail-of">
        <p class="kern-body" id="mail-of">${text}</p>
        !${boxes}
      </div>
      !${submitPart(save)}
    </form>`
}

export const changeNotifications: Page = {
  permission: ['person'],
  async answer(asked) {
    const sent = formOf(asked)[fieldName] ?? []
    const wanted: readonly string[] = typeof sent === 'string' ? [sent] : sent
    const notifications = Object.fromEntries(
      notificationKinds.map((kind) => [kind, wanted.includes(kind)] as const),
    )
    await changeMe(asked.deps, readerOf(asked), { notifications })
    return { redirect: '/account#mail' }
  },
}
