import { derivedId } from '../ids.ts'
import type { Offering, Plan } from '../types.gen.ts'

// Published limits are a little longer than the provider's, so that Kontor fails an operation
// before the platform does, and can give the reason.
export const pollingSlackSeconds = 60

export interface PublishedOffering {
  readonly id: string
  readonly upstreamId: string
  readonly name: string
  readonly body: Readonly<Record<string, unknown>>
  readonly upstreamFlags: UpstreamFlags
  readonly plans: readonly PublishedPlan[]
}

export interface PublishedPlan {
  readonly id: string
  readonly upstreamId: string
  readonly name: string
  readonly body: Readonly<Record<string, unknown>>
}

/** What the provider's own broker declares: needed for calls to it, but not published. */
export interface UpstreamFlags {
  readonly instancesRetrievable: boolean
  readonly bindingsRetrievable: boolean
}

/** What of a provider decides how its catalog is published. */
export interface Publisher {
  readonly name: string
  readonly displayName: string
  readonly storeBindingCredentials: boolean
}

/**
 * A provider's offering as Kontor publishes it. Ids and names are always derived, not only on a
 * clash, because a later clash would change them. Unknown fields are passed on.
 */
export function publishedOffering(provider: Publisher, offering: Offering): PublishedOffering {
  // dashboard_client is a secret between the provider's broker and one platform, and its id must be
  // unique over all brokers.
  const { id, name, plans, dashboard_client: _secret, ...rest } = offering
  return {
    id: derivedId(provider.name, id),
    upstreamId: id,
    name: `${provider.name}-${name}`,
    body: {
      ...rest,
      tags: [...new Set([...(offering.tags ?? []), provider.name])],
      metadata: {
        ...offering.metadata,
        // After the provider's own fields: it must not appear as another one.
        providerDisplayName: provider.displayName,
        kontor: { provider: provider.name },
      },
      // Kontor can return what it has stored, whatever the provider's own broker can do.
      instances_retrievable: true,
      bindings_retrievable:
        provider.storeBindingCredentials || offering.bindings_retrievable === true,
    },
    upstreamFlags: {
      instancesRetrievable: offering.instances_retrievable ?? false,
      bindingsRetrievable: offering.bindings_retrievable ?? false,
    },
    plans: plans.map((plan) => publishedPlan(provider, id, plan)),
  }
}

function publishedPlan(provider: Publisher, upstreamServiceId: string, plan: Plan): PublishedPlan {
  const { id, name, maximum_polling_duration: seconds, ...rest } = plan
  return {
    id: derivedId(provider.name, upstreamServiceId, id),
    upstreamId: id,
    name,
    body: {
      ...rest,
      ...(rest.metadata === undefined ? {} : { metadata: withoutOrigin(rest.metadata) }),
      ...(seconds === undefined ? {} : { maximum_polling_duration: seconds + pollingSlackSeconds }),
    },
  }
}

/** Only the offering says whose it is: labels like `kontor.provider` find it there. */
function withoutOrigin(metadata: NonNullable<Plan['metadata']>): NonNullable<Plan['metadata']> {
  const { kontor: _kontor, providerDisplayName: _name, ...own } = metadata
  return own
}
