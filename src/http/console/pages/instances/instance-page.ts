import { html } from 'ghtml'
import { describeBindingsOf } from '../../../../bindings/describe.ts'
import { newId } from '../../../../ids.ts'
import { describeInstance } from '../../../../instances/listing/read.ts'
import { listOperations } from '../../../../operations/operator/read.ts'
import type { BindingView, InstanceView, OperationView } from '../../../../types.gen.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { dateTime } from '../../format.ts'
import { factsPart, tablePart } from '../../table-part.ts'
import { toBindPart } from '../bindings/to-bind-part.ts'
import { catalogReader } from '../catalog/catalog-reader.ts'
import { organisationName } from '../orders/facts.ts'
import { bindingsTable } from './bindings-table.ts'
import { instanceState } from './list-parts.ts'

const maxBindings = 100
const maxOperations = 50

/** An instance with its bindings and operations. */
export const instancePage: Page = {
  permission: catalogReader,
  async answer(asked) {
    const { deps, texts, request } = asked
    const { scope } = readerOf(asked).caller
    const { id } = request.params as { id: string }
    const view = await describeInstance(deps, scope, id)
    const [bindings, operations] = await Promise.all([
      describeBindingsOf(deps, scope, view, maxBindings),
      operationsOf(asked, view),
    ])
    const title = view.name ?? view.instanceId
    const sentence = texts.instances.elsewhere(view.platform.name)
    const elsewhere = html`<p class="kern-body">${sentence}</p>`
    return {
      title,
      body: html`<p class="kern-body">
          <a class="kern-link" href="/instances">${texts.instances.back}</a>
        </p>
        <h1 class="kern-heading-x-large">${title}</h1>
        <p class="kern-body">!${instanceState(asked, view)}</p>
        !${isOrderedHere(view) ? '' : elsewhere} !${viewPart(asked, view)}
        !${bindingsPart(asked, view, bindings)} !${toBindPart(asked, view)}
        !${operationsPart(asked, operations)}`,
    }
  },
}

// The kind of platform through which people order in the console.
const ownKind: string = 'console'

/** Whether it can be changed here. */
function isOrderedHere({ platformKind }: InstanceView): boolean {
  return platformKind === ownKind
}

/** Without those of an earlier instance that its platform had under the same id. */
async function operationsOf(
  { deps, signedIn }: Asked,
  { instanceId, platform, createdAt, deletedAt }: InstanceView,
): Promise<readonly OperationView[]> {
  if (signedIn === undefined) return []
  // Ids begin with the time: those of a later instance must not take the place of its own.
  const before = deletedAt === null ? undefined : newId(new Date(new Date(deletedAt).getTime() + 1))
  const { items } = await listOperations(
    deps,
    signedIn.caller.scope,
    { instanceId, platform: platform.id, before },
    maxOperations,
  )
  return items.filter(
    (each) => each.createdAt >= createdAt && (deletedAt === null || each.createdAt <= deletedAt),
  )
}

function viewPart(asked: Asked, view: InstanceView): string {
  const { texts, language } = asked
  const { instances } = texts
  const when = (text: string | null) => (text === null ? null : dateTime(language, new Date(text)))
  const { dashboardUrl = null } = view
  const labels = Object.entries(view.labels)
    .map((pair) => pair.join('='))
    .join(', ')
  const dashboard = html`<p class="kern-body">
    <a class="kern-link" href="${dashboardUrl ?? ''}" rel="noopener noreferrer"
      >${instances.dashboard}</a
    >
  </p>`
  return html`!${factsPart([
    [instances.offering, view.offering.name],
    [instances.plan, view.plan.name],
    [instances.organisation, view.organisation && organisationName(asked, view.organisation)],
    [instances.platform, view.platform.name],
    [instances.provider, view.provider.name],
    [instances.labels, labels],
    [instances.owner, view.owner?.name ?? view.owner?.personId],
    [instances.costCentre, view.costCentre],
    [instances.version, view.maintenanceVersion],
    [instances.created, when(view.createdAt)],
    [instances.updated, when(view.updatedAt)],
    [instances.deleted, when(view.deletedAt)],
    [instances.instanceId, view.instanceId],
    [instances.id, view.id],
    [instances.upstreamId, view.upstreamId],
  ])}
  !${dashboardUrl === null ? '' : dashboard}`
}

function bindingsPart(
  asked: Asked,
  { instanceId }: InstanceView,
  bindings: readonly BindingView[],
): string {
  if (bindings.length === 0) return ''
  const { bindings: heading, newest, toBindings } = asked.texts.instances
  const more = html`<p class="kern-body">
    ${newest(maxBindings)}
    <a class="kern-link" href="/bindings?${new URLSearchParams({ q: instanceId })}"
      >${toBindings}</a
    >
  </p>`
  const { head, rows } = bindingsTable(asked, bindings, 'of one instance')
  return html`<h2 class="kern-heading-medium">${heading}</h2>
    !${tablePart(heading, head, rows)} !${bindings.length < maxBindings ? '' : more}`
}

function operationsPart({ texts, language }: Asked, operations: readonly OperationView[]): string {
  if (operations.length === 0) return ''
  const { operations: heading, kinds, operationStates, newest, ...words } = texts.instances
  const when = (text: string | null) =>
    text === null ? '' : html`${dateTime(language, new Date(text))}`
  const more = html`<p class="kern-body">${newest(maxOperations)}</p>`
  const rows = operations.map((each) => [
    html`${kinds[each.kind]}`,
    html`${operationStates[each.state]}`,
    when(each.createdAt),
    when(each.finishedAt),
    html`${each.description ?? ''}`,
  ])
  return html`<h2 class="kern-heading-medium">${heading}</h2>
    !${tablePart(
      heading,
      [words.operation, words.state, words.began, words.ended, words.message],
      rows,
    )}
    !${operations.length < maxOperations ? '' : more}`
}
