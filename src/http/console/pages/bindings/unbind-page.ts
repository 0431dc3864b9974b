import { deleteBinding } from '../../../../orders/act-on-binding.ts'
import { requireOwnBinding } from '../../../../orders/own-binding.ts'
import { person } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page, type PageAnswer } from '../../asked.ts'
import { questionAnswer } from '../../question-page.ts'
import { bindingIdOf } from './binding-page.ts'
import { refusalOf } from '../../refusal.ts'

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
  return questionAnswer(
    asked,
    {
      path: `${path}/delete`,
      title,
      back: { path, label: t.toBinding },
      facts: [[t.id, view.bindingId]],
      consequence: t.consequence,
      send: t.removeNow,
    },
    message,
  )
}
