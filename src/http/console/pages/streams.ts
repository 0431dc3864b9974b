import { followInstance, followOrder } from '../../../orders/live/followed.ts'
import { memberReader } from '../../auth/roles.ts'
import { readerOf, type Page } from '../asked.ts'
import { catalogReader } from './catalog/catalog-reader.ts'
import { numberOf } from './orders/draft-pages.ts'

/** Says when the page of an order has something new. */
export const orderEvents: Page = {
  permission: memberReader,
  isStream: true,
  async answer(asked) {
    const { scope } = readerOf(asked).caller
    return { followed: await followOrder(asked.deps, scope, numberOf(asked)) }
  },
}

/** Says when the page of an instance has something new. */
export const instanceEvents: Page = {
  permission: catalogReader,
  isStream: true,
  async answer(asked) {
    const { scope } = readerOf(asked).caller
    const { id } = asked.request.params as { id: string }
    return { followed: await followInstance(asked.deps, scope, id) }
  },
}
