import { html } from 'ghtml'
import { instancesCsv } from '../../../../instances/listing/csv.ts'
import { listInstances } from '../../../../instances/listing/read.ts'
import type { InstanceView } from '../../../../types.gen.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { tablePart } from '../../table-part.ts'
import { organisationName, platformName } from '../../names.ts'
import { catalogReader } from '../catalog/catalog-reader.ts'
import { filtersPart, footPart, instanceState, listFile, searchPart } from './list-parts.ts'
import { addressOf, instanceStates, type ListAddress } from './query.ts'

const path = '/instances'
const pageSize = 50

async function readPage(
  asked: Asked,
  { filter, state, expiresBefore }: ListAddress,
  before: string | undefined,
  limit: number,
) {
  const { scope } = readerOf(asked).caller
  return listInstances(asked.deps, scope, { ...filter, state, expiresBefore, before }, limit)
}

/** What the reader's organisations have, whatever platform ordered it. */
export const instancesPage: Page = {
  permission: catalogReader,
  async answer(asked) {
    const { instances: texts } = asked.texts
    const address = addressOf(asked)
    const { items, next } = await readPage(asked, address, address.before, pageSize)
    const states = instanceStates.map((state) => [state, texts.states[state]] as const)
    return {
      title: texts.title,
      body: html`<h1 class="kern-heading-x-large">${texts.title}</h1>
        <p class="kern-body">${ofOrganisations(asked) ? texts.lead : texts.leadOfAll}</p>
        !${searchPart(asked, path, address)} !${filtersPart(asked, path, address, states)}
        !${
          items.length === 0
            ? html`<p class="kern-body" role="status">${emptyText(asked, address)}</p>`
            : listPart(asked, items)
        }
        !${footPart(asked, path, address, next)}
        <p class="kern-body"><a class="kern-link" href="/bindings">${texts.toBindings}</a></p>`,
    }
  },
}

// Operators, auditors and providers see what others have ordered.
function ofOrganisations(asked: Asked): boolean {
  const { scope } = readerOf(asked).caller
  return scope !== 'all' && scope.organisations.length > 0
}

function emptyText(asked: Asked, { fields, before }: ListAddress): string {
  const { none, noneAtAll, noneOfYours } = asked.texts.instances
  if (fields.length > 0 || before !== undefined) return none
  return ofOrganisations(asked) ? noneOfYours : noneAtAll
}

function listPart(asked: Asked, items: readonly InstanceView[]): string {
  const texts = asked.texts.instances
  const { name, state, offering, plan, organisation, platform, bindings } = texts
  const rows = items.map((view) => [
    html`<a class="kern-link" href="/instances/${view.id}">${view.name ?? view.instanceId}</a>`,
    instanceState(asked, view),
    html`${view.offering.name}`,
    html`${view.plan.name}`,
    html`${view.organisation === null ? '' : organisationName(asked, view.organisation)}`,
    html`${platformName(view.platform)}`,
    html`${view.bindings}`,
  ])
  return tablePart(
    texts.title,
    [name, state, offering, plan, organisation, platform, bindings],
    rows,
  )
}

/** The list of an address, as a file. */
export const instancesFile: Page = {
  permission: catalogReader,
  async answer(asked) {
    const address = addressOf(asked)
    const lines = await instancesCsv(
      (before, limit) => readPage(asked, address, before, limit),
      undefined,
    )
    return listFile('instances', lines)
  },
}
