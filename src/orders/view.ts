import type { KnownPeople } from '../people/known-people.ts'
import type { Directory } from '../tenancy/directory.ts'
import type { Named, OrderItem, OrderPerson } from '../types.gen.ts'
import { draftDays } from './order.ts'
import { progressOf } from './progress.ts'
import type { StandingOrder } from './reading/store.ts'

export interface ViewDeps {
  readonly directory: Pick<Directory, 'organisation'>
  readonly people: Pick<KnownPeople, 'personById'>
}

const dayMs = 86_400_000

export function itemOf(deps: ViewDeps, order: StandingOrder): OrderItem {
  const { directory, people } = deps
  const isOpen = order.state !== 'submitted'
  return {
    id: order.id,
    number: order.number,
    state: order.state,
    progress: progressOf(order.state, order.standing),
    organisation: namedIn(directory, order.organisationId),
    orderedBy: personOf(people, order.personId),
    ...order.shown,
    shownAt: order.shownAt.toISOString(),
    instance: { id: order.instanceId, name: order.instanceName },
    purpose: order.purpose,
    costCentre: order.costCentre,
    protectionNeed: order.protectionNeed,
    beneficiary: namedIn(directory, order.beneficiaryId),
    invoiceRecipient: namedIn(directory, order.invoiceRecipientId),
    createdAt: order.createdAt.toISOString(),
    changedAt: order.changedAt.toISOString(),
    submittedAt: order.submittedAt?.toISOString() ?? null,
    expiresAt: isOpen
      ? new Date(order.changedAt.getTime() + draftDays * dayMs).toISOString()
      : null,
    endsAt: order.endAt?.toISOString() ?? null,
  }
}

function namedIn(directory: Pick<Directory, 'organisation'>, id: string): Named {
  return { id, name: directory.organisation(id)?.name ?? '' }
}

export function personOf(people: Pick<KnownPeople, 'personById'>, id: string): OrderPerson {
  return { id, name: people.personById(id)?.name ?? null }
}
