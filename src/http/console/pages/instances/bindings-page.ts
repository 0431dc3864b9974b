import { html } from 'ghtml'
import { listBindings } from '../../../../instances/listing/bindings/read.ts'
import { bindingsCsv } from '../../../../instances/listing/csv.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { tablePart } from '../../table-part.ts'
import { catalogReader } from '../catalog/catalog-reader.ts'
import { bindingsTable } from './bindings-table.ts'
import { filtersPart, footPart, listFile, searchPart } from './list-parts.ts'
import { addressOf, type ListAddress } from './query.ts'

const path = '/bindings'
const pageSize = 50

async function readPage(
  asked: Asked,
  { filter, state, expiresBefore }: ListAddress,
  before: string | undefined,
  limit: number,
) {
  const { scope } = readerOf(asked).caller
  const ofBinding = state === 'ready' || state === 'failed' ? state : undefined
  const query = { instances: filter, state: ofBinding, expiresBefore, before }
  return listBindings(asked.deps, scope, query, limit)
}

/** Bindings of what the reader's organisations have, whatever platform ordered them. */
export const bindingsPage: Page = {
  permission: catalogReader,
  async answer(asked) {
    const { instances: texts } = asked.texts
    const address = addressOf(asked)
    const { items, next } = await readPage(asked, address, address.before, pageSize)
    const { ready, failed } = texts.bindingStates
    const states = [['ready', ready] as const, ['failed', failed] as const]
    const { head, rows } = bindingsTable(asked, items, 'with their instances')
    return {
      title: texts.bindings,
      body: html`<p class="kern-body">
          <a class="kern-link" href="/instances">${texts.back}</a>
        </p>
        <h1 class="kern-heading-x-large">${texts.bindings}</h1>
        !${searchPart(asked, path, address)} !${filtersPart(asked, path, address, states)}
        !${
          items.length === 0
            ? html`<p class="kern-body" role="status">${texts.noBindings}</p>`
            : tablePart(texts.bindings, head, rows)
        }
        !${footPart(asked, path, address, next)}`,
    }
  },
}

/** The list of an address, as a file. */
export const bindingsFile: Page = {
  permission: catalogReader,
  async answer(asked) {
    const address = addressOf(asked)
    const lines = await bindingsCsv(
      (before, limit) => readPage(asked, address, before, limit),
      undefined,
    )
    return listFile('bindings', lines)
  },
}
