// What makes drafts, and discards them.
import { BrokerError } from '../../../../errors.ts'
import { discardDraft } from '../../../../orders/change-draft.ts'
import { draftOrder } from '../../../../orders/draft.ts'
import { orderAgain } from '../../../../orders/order-again.ts'
import { validatorOf } from '../../../../schemas.ts'
import { person } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { formOf, keyOf, textOf } from '../../forms.ts'

/** Of the order that an address names. */
export function numberOf({ request }: Asked): string {
  return (request.params as { number: string }).number
}

export const draftOne: Page = {
  permission: person,
  async answer(asked) {
    const form = formOf(asked)
    const [organisation, offering, plan] = ['organisation', 'offering', 'plan'].map((name) =>
      textOf(form, name),
    )
    const body: unknown = { organisation, offering, plan }
    const validate = validatorOf('create-order')
    if (!validate(body))
      throw new BrokerError('invalid_request', 'Choose an organisation and a plan.')
    // Who goes back and chooses something else makes another draft.
    const key = [keyOf(asked), plan, organisation].join(' ')
    const { number } = await draftOrder(asked.deps, readerOf(asked), body, key)
    return { redirect: `/orders/${number}/edit` }
  },
}

export const orderOneAgain: Page = {
  permission: person,
  async answer(asked) {
    const { deps } = asked
    const { number } = await orderAgain(deps, readerOf(asked), numberOf(asked), keyOf(asked))
    return { redirect: `/orders/${number}/edit` }
  },
}

export const discardOne: Page = {
  permission: person,
  async answer(asked) {
    await discardDraft(asked.deps, readerOf(asked), numberOf(asked))
    return { redirect: '/orders' }
  },
}
