import { html } from 'ghtml'
import { describeBindingsOf } from '../../../../bindings/describe.ts'
import { describeInstanceAnew } from '../../../../instances/labels/change.ts'
import { describeInstance } from '../../../../instances/listing/read.ts'
import { timelineOf } from '../../../../orders/instance-timeline.ts'
import { versionOf } from '../../../../orders/live/followed.ts'
import type { BindingView, InstanceTimeline, InstanceView } from '../../../../types.gen.ts'
import { person } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page, type PageAnswer } from '../../asked.ts'
import { formOf, textOf } from '../../forms.ts'
import { dateTime } from '../../format.ts'
import { isLiveRequest } from '../../live.ts'
import { livePart, liveScript, type LivePage } from '../../live-part.ts'
import { refusalOf } from '../../refusal.ts'
import { factsPart, tablePart } from '../../table-part.ts'
import { organisationName, platformName } from '../../names.ts'
import { toBindPart } from '../bindings/to-bind-part.ts'
import { catalogReader } from '../catalog/catalog-reader.ts'
import { timelinePart } from '../orders/timeline-part.ts'
import { bindingsTable } from './bindings-table.ts'
import { labelsIn, labelsPart, type RefusedLabels } from './labels-part.ts'
import { instanceState } from './list-parts.ts'

const maxBindings = 100
// How often the page asks again where no stream opens.
const everyMs = 2_000

/** An instance with its bindings and what was done with it. */
export const instancePage: Page = {
  permission: catalogReader,
  answer: async (asked) => draw(asked, await viewOf(asked)),
}

/** The target of the form for labels. */
export const changeLabels: Page = {
  permission: person,
  async answer(asked) {
    const view = await viewOf(asked)
    const entered = textOf(formOf(asked), 'labels')
    const change = labelsIn(formOf(asked))
    if (change === undefined) return draw(asked, view, { entered })
    try {
      await describeInstanceAnew(asked.deps, readerOf(asked), view.id, change)
    } catch (error) {
      const message = refusalOf(error)
      if (message === undefined) throw error
      return draw(asked, view, { entered, message })
    }
    return { redirect: `/instances/${view.id}` }
  },
}

function viewOf(asked: Asked): Promise<InstanceView> {
  const { id } = asked.request.params as { id: string }
  return describeInstance(asked.deps, readerOf(asked).caller.scope, id)
}

async function draw(
  asked: Asked,
  earlier: InstanceView,
  refused?: RefusedLabels,
): Promise<PageAnswer> {
  const { deps, texts, request } = asked
  const { scope } = readerOf(asked).caller
  const timeline = await timelineOf(deps, scope, earlier)
  // After the timeline: an operation that ended in between would leave an old state on a page
  // that does not follow it.
  const view = await viewOf(asked)
  const bindings = await describeBindingsOf(deps, scope, view, maxBindings)
  const isUnderWay = timeline.isUnderWay || view.operation !== null
  const title = view.name ?? view.instanceId
  const page: LivePage = {
    path: `/instances/${view.id}`,
    version: versionOf(timeline),
    everyMs: isUnderWay ? everyMs : undefined,
  }
  const live = livePart(asked, page, changingPart(asked, view, bindings, timeline))
  if (isLiveRequest(request)) return { title, body: live }
  return {
    title,
    status: refused === undefined ? 200 : 400,
    body: html`<p class="kern-body">
        <a class="kern-link" href="/instances">${texts.instances.back}</a>
      </p>
      <h1 class="kern-heading-x-large">${title}</h1>
      !${live} !${liveScript(asked, page)} !${labelsPart(asked, view, refused)}`,
  }
}

function changingPart(
  asked: Asked,
  view: InstanceView,
  bindings: readonly BindingView[],
  timeline: InstanceTimeline,
): string {
  const { instances, timeline: words } = asked.texts
  const elsewhere = html`<p class="kern-body">
    ${instances.elsewhere(platformName(view.platform))}
  </p>`
  return html`<div id="live-state" role="status">
      <p class="kern-body">!${instanceState(asked, view)}</p>
    </div>
    !${isOrderedHere(view) ? orderLink(asked, timeline) : elsewhere}
    <div id="live-facts" class="live">!${viewPart(asked, view)}</div>
    <div id="live-bindings" class="live">!${bindingsPart(asked, view, bindings)}</div>
    <div id="live-bind" class="live">!${toBindPart(asked, view)}</div>
    <h2 class="kern-heading-medium">${words.heading}</h2>
    <div id="live-timeline">!${timelinePart(asked, timeline)}</div>`
}

// The kind of platform through which people order in the console.
const ownKind: string = 'console'

/** Whether it can be changed here. */
function isOrderedHere({ platformKind }: InstanceView): boolean {
  return platformKind === ownKind
}

/** To the order that made it; empty where its reader sees none. */
function orderLink({ texts }: Asked, { order }: InstanceTimeline): string {
  if (order === null) return ''
  return html`<p class="kern-body">
    <a class="kern-link" href="/orders/${order}">${texts.instances.toOrder(order)}</a>
  </p>`
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
    [instances.platform, platformName(view.platform)],
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
