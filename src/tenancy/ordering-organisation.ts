// For whom an order is: orderingOrganisation(directory, platform, body) -> Organisation, undefined for a platform that
// has none. A mapping wins over an annotation, an annotation over the platform's own organisation. It reads from memory
// and judges no state but `retired`; may-order.ts says whether anything new may be ordered for it.
import { BrokerError } from '../errors.ts'
import type { Directory } from './directory.ts'
import type { MappingKind } from './mapping.ts'
import type { Organisation } from './organisation.ts'
import type { Platform } from './platform.ts'

/** What an order tells of where it comes from: the body of a provision. */
export interface OrderOrigin {
  readonly organization_guid?: string | undefined
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

/**
 * The organisation that an order is for.
 * @returns undefined when nothing says so and the platform belongs to none
 * @throws BrokerError `forbidden` when an annotation names an organisation for which this platform may not order: a foreign
 * one, an unknown one and a retired one are refused alike. `invalid_request` when the annotation is no name at all.
 * `unavailable` when it is said for whom, but that one is not known here
 */
export function orderingOrganisation(
  directory: Directory,
  platform: Platform,
  origin: OrderOrigin,
): Organisation | undefined {
  const place = aadOf(origin)
  const mapped =
    place === undefined ? undefined : directory.mappedTo(platform.id, place.kind, place.externalId)
  if (mapped !== undefined) return known(directory, mapped)
  const name = annotated(origin, directory.annotation)
  if (name === undefined)
    return platform.organisationId === null ? undefined : known(directory, platform.organisationId)
  const named = directory.organisationNamed(name)
  const isBelow =
    named !== undefined &&
    named.state !== 'retired' &&
    directory.lineOf(named.id).some(({ id }) => id === platform.organisationId)
  if (!isBelow)
    throw new BrokerError(
      'forbidden',
      `The annotation ${directory.annotation} does not name an organisation for which this platform may order.`,
    )
  return named
}

// Rather not now than for nobody: what is ordered stays with whom it was ordered for.
function known(directory: Directory, id: string): Organisation {
  const organisation = directory.organisation(id)
  if (organisation === undefined)
    throw new BrokerError(
      'unavailable',
      'The organisation that this order is for is not known here yet. Try again in a moment.',
      { retryAfterSeconds: 1 },
    )
  return organisation
}

// A platform that is no Kubernetes tells of organisations, if not in the context then in the field that came before it.
function aadOf({
  organization_guid: guid,
  context,
}: OrderOrigin): { readonly kind: MappingKind; readonly externalId: string } | undefined {
  const isKubernetes = context?.['platform'] === 'kubernetes'
  const externalId = isKubernetes ? context['namespace'] : (context?.['organization_guid'] ?? guid)
  return typeof externalId === 'string'
    ? { kind: isKubernetes ? 'k8s_namespace' : 'cf_organization', externalId }
    : undefined
}

// Not those of spaces and instances: whoever orders can write them.
function annotated({ context }: OrderOrigin, key: string): string | undefined {
  const annotations =
    context?.[
      context['platform'] === 'kubernetes' ? 'namespace_annotations' : 'organization_annotations'
    ]
  if (annotations === null || typeof annotations !== 'object' || !Object.hasOwn(annotations, key))
    return undefined
  const name = (annotations as Readonly<Record<string, unknown>>)[key]
  if (typeof name !== 'string' || name === '')
    throw new BrokerError(
      'invalid_request',
      `The annotation ${key} must be the name of an organisation.`,
    )
  return name
}
