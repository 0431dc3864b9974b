// What an order has become: its instance, and what it is now where that differs from the order.
import { html } from 'ghtml'
import { listInstances } from '../../../../instances/listing/read.ts'
import { findPlan, shownOf } from '../../../../orders/choose-plan.ts'
import type { InstanceView, OrderTimeline, OrderView } from '../../../../types.gen.ts'
import { readerOf, type Asked } from '../../asked.ts'
import { factsPart } from '../../table-part.ts'
import { costPart } from './facts.ts'

/** Empty for an order without an instance, yet or any more. */
export async function nowPart(
  asked: Asked,
  order: OrderView,
  { entries }: OrderTimeline,
): Promise<string> {
  const instance = await instanceOf(asked, order)
  if (instance === undefined) return ''
  const { next } = asked.texts.orders
  const link = html`<p class="kern-body">
    <a class="kern-link" href="/instances/${instance.id}">${next.toInstance}</a>
  </p>`
  const isUpdate = ({ code, values }: OrderTimeline['entries'][number]) =>
    code === 'operation-succeeded' && values['kind'] === 'update'
  const isSame = instance.plan.id === order.plan.id && !entries.some(isUpdate)
  return isSame ? link : link + (await changedPart(asked, order, instance))
}

/** The order's own id of its instance is one that the platform of its organisation has chosen. */
async function instanceOf(
  asked: Asked,
  { organisation, instance, state }: OrderView,
): Promise<InstanceView | undefined> {
  const { deps } = asked
  const platform = deps.directory.consoleOf(organisation.id)?.id
  if (platform === undefined || state !== 'submitted') return undefined
  const { scope } = readerOf(asked).caller
  const { items } = await listInstances(deps, scope, { platform, instanceId: instance.id }, 1)
  return items[0]
}

async function changedPart(
  asked: Asked,
  { organisation, offering, plan }: OrderView,
  instance: InstanceView,
): Promise<string> {
  const { texts, language, deps } = asked
  const { now, facts } = texts.orders
  const named = { offering: offering.id, plan: instance.plan.id }
  const choice = await findPlan(deps, organisation.id, named)
  const name = choice?.plan.displayName[language] ?? instance.plan.name
  // With which quantities it is charged now, only its provider and the form of a change know.
  const cost =
    choice === undefined || instance.plan.id === plan.id
      ? ''
      : costPart(asked, choice.plan.price, { terms: shownOf(choice).terms, parameters: null })
  return html`<h2 class="kern-heading-medium">${now.heading}</h2>
    <p class="kern-body">${now.text}</p>
    !${factsPart([[facts.plan, name]])} !${cost}`
}
