// Which organisation an order is for, and whether it may order. A mapping wins over an annotation,
// an annotation over the platform's owner. All from memory.
import { BrokerError } from '../errors.ts'
import type { Directory } from './directory.ts'
import type { MappingKind } from './mapping.ts'
import type { Organisation } from './organisation.ts'
import type { Platform } from './platform.ts'

/** The fields of a provision's body that say where the order comes from. */
export interface OrderOrigin {
  readonly organization_guid?: string | undefined
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

/** The organisation that an order is for, and why the order is refused. */
export interface Ordering {
  readonly organisation: Organisation | undefined
  readonly validationError: BrokerError | undefined
}

/** Resolves the organisation that orders an instance, and checks that it may order anything new. */
export function resolveOrderingOrganisation(
  directory: Directory,
  platformId: string,
  origin: OrderOrigin,
): Ordering {
  const platform = directory.platform(platformId)
  // Created a moment ago: the directory of this process does not contain it yet.
  if (platform === undefined)
    return {
      organisation: undefined,
      validationError: new BrokerError(
        'unavailable',
        'The platform is not known here yet. Try again in a moment.',
        { retryAfterSeconds: 1 },
      ),
    }
  try {
    const organisation = orderingOrganisation(directory, platform, origin)
    return {
      organisation,
      validationError: validateOrdering(directory, platformId, organisation?.id ?? null),
    }
  } catch (error) {
    if (error instanceof BrokerError) return { organisation: undefined, validationError: error }
    throw error
  }
}

/**
 * Why nothing new may be ordered: the platform, its owner, the organisation it orders for, or an
 * ancestor of these is suspended or not known here. Existing instances can still be read and
 * deleted.
 * @param organisationId  that the instance is for; null for none
 */
export function validateOrdering(
  directory: Directory,
  platformId: string,
  organisationId: string | null,
): BrokerError | undefined {
  const platform = directory.platform(platformId)
  if (platform !== undefined && platform.state !== 'active')
    return refusal('This platform', platform.state)
  for (const id of [organisationId, platform?.organisationId ?? null]) {
    const line = directory.ancestorsOf(id)
    for (const { name, state } of line)
      if (state !== 'active') return refusal(`The organisation "${name}"`, state)
    // One whose row this process has not read, or cannot trust, may be suspended.
    const next = line.length === 0 ? id : line.at(-1)?.parentId
    if (next !== null) return unknownOrganisation()
  }
  return undefined
}

function unknownOrganisation(): BrokerError {
  return new BrokerError(
    'unavailable',
    'The organisation that this order is for is not known here yet. Try again in a moment.',
    { retryAfterSeconds: 1 },
  )
}

function refusal(subject: string, state: string): BrokerError {
  return new BrokerError(
    'forbidden',
    `${subject} is ${state}: nothing new can be ordered. ` +
      'What is there can still be read and deleted.',
  )
}

/**
 * The organisation that an order is for.
 * @returns undefined when the order names none and the platform has no owner
 * @throws BrokerError `forbidden` when an annotation names an organisation that is not below the
 * platform's owner: the refusal of a foreign one, an unknown one and a retired one is the same.
 * `invalid_request` when the annotation is not a name. `unavailable` when the directory of this
 * process does not contain the organisation yet
 */
function orderingOrganisation(
  directory: Directory,
  platform: Platform,
  origin: OrderOrigin,
): Organisation | undefined {
  const scope = platformScopeOf(origin)
  const mapped =
    scope === undefined ? undefined : directory.mappedTo(platform.id, scope.kind, scope.externalId)
  if (mapped !== undefined) return requireKnown(directory, mapped)
  const name = annotationOf(origin, directory.annotation)
  if (name === undefined)
    return platform.organisationId === null
      ? undefined
      : requireKnown(directory, platform.organisationId)
  const named = directory.organisationNamed(name)
  const isBelow =
    named !== undefined &&
    named.state !== 'retired' &&
    directory.ancestorsOf(named.id).some(({ id }) => id === platform.organisationId)
  if (!isBelow)
    throw new BrokerError(
      'forbidden',
      `The annotation ${directory.annotation} does not name an organisation ` +
        'for which this platform may order.',
    )
  return named
}

// An order keeps its organisation for good, so one without it is refused until the directory is up
// to date.
function requireKnown(directory: Directory, id: string): Organisation {
  const organisation = directory.organisation(id)
  if (organisation === undefined) throw unknownOrganisation()
  return organisation
}

// Cloud Foundry names its organisation in the context; OSB versions before the context had a field
// of its own for it.
function platformScopeOf({
  organization_guid: guid,
  context,
}: OrderOrigin): { readonly kind: MappingKind; readonly externalId: string } | undefined {
  const isKubernetes = context?.['platform'] === 'kubernetes'
  const externalId = isKubernetes ? context['namespace'] : (context?.['organization_guid'] ?? guid)
  return typeof externalId === 'string'
    ? { kind: isKubernetes ? 'k8s_namespace' : 'cf_organization', externalId }
    : undefined
}

// Annotations of spaces and instances do not count: the people who order can write those.
function annotationOf({ context }: OrderOrigin, key: string): string | undefined {
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
