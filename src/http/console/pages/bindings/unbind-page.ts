import { html } from 'ghtml'
import { deleteBinding } from '../../../../orders/act-on-binding.ts'
import { requireOwnBinding } from '../../../../orders/own-binding.ts'
import { person } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page, type PageAnswer } from '../../asked.ts'
import { submitPart } from '../../fields-part.ts'
import { tokenPart } from '../../forms.ts'
import { bindingIdOf } from './binding-page.ts'
import { refusalOf, refusalPart } from '../../refusal.ts'

/** What the deletion of a binding does, and its button. */
export const unbindPage: Page = {
  permission: person,
  answer: (asked) => draw(asked),
}

export const unbindOne: Page = {
  permission: person,
  async answer(asked) {
    const id = bindingIdOf(asked)
    const find = () => requireOwnBinding(asked.deps, readerOf(asked), id)
    const { instance } = await find()
    try {
      await deleteBinding(asked.deps, readerOf(asked), id)
    } catch (error) {
      const message = refusalOf(error)
      if (message === undefined) throw error
      const { deletedAt, operation } = await find()
      // The same form was sent twice: the instance's page shows what becomes of it.
      if (deletedAt === null && operation?.kind !== 'unbind') return draw(asked, message)
    }
    return { redirect: `/instances/${instance.id}` }
  },
}

async function draw(asked: Asked, message?: string): Promise<PageAnswer> {
  const view = await requireOwnBinding(asked.deps, readerOf(asked), bindingIdOf(asked))
  const { bindings: t } = asked.texts
  const title = t.removeOf(view.instance.name ?? view.instance.instanceId)
  const path = `/bindings/${view.id}`
  return {
    title,
    status: message === undefined ? 200 : 400,
    body: html`<p class="kern-body">
        <a class="kern-link" href="${path}">${t.toBinding}</a>
      </p>
      <h1 class="kern-heading-x-large">${title}</h1>
      !${refusalPart(asked, message)}
      <p class="kern-body">${t.id}: <span class="id">${view.bindingId}</span></p>
      <p class="kern-body"><strong>${t.consequence}</strong></p>
      <form method="post" action="${path}/delete">
        !${tokenPart(asked)} !${submitPart(t.removeNow)}
      </form>`,
  }
}
