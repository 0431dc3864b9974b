import { html } from 'ghtml'
import type { OrderView } from '../../../../types.gen.ts'
import type { Asked } from '../../asked.ts'
import { submitPart } from '../../fields-part.ts'
import { keyPart, tokenPart } from '../../forms.ts'

/** The buttons of those who may order. */
export function actionsPart(asked: Asked, { number, state, progress, endsAt }: OrderView): string {
  const { orders, orderChanges: changes } = asked.texts
  const { next } = orders
  const path = `/orders/${number}`
  const again = html`<form method="post" action="${path}/again">
    !${tokenPart(asked)} !${keyPart(asked)} !${submitPart(next.again, 'secondary')}
  </form>`
  // What should have ended by now can be cancelled once more, but is not taken back any more.
  const isPast = endsAt !== null && Date.parse(endsAt) <= asked.deps.now().getTime()
  if (state === 'submitted' && (progress === 'ready' || (progress === 'failed' && isPast)))
    return html`<div class="actions">
      !${linkPart(`${path}/change`, changes.change)}
      !${
        endsAt === null || isPast
          ? linkPart(`${path}/cancel`, changes.cancel)
          : html`<form method="post" action="${path}/withdraw">
              !${tokenPart(asked)} !${keyPart(asked)} !${submitPart(changes.withdraw, 'secondary')}
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
