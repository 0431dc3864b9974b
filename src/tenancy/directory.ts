import { coalesceKeys } from '../db/coalesce.ts'
import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { MappingKind, PlatformScope } from './mapping.ts'
import type { Organisation } from './organisation.ts'
import type { Platform } from './platform.ts'
import { readDirectory, readPlatforms, type DirectoryRows } from './read-directory.ts'
import { makeTenants, noTenants, type Tenants } from './tenants.ts'

/** Organisations and platforms in memory: read after each change, never per request. */
export interface Directory {
  platform(id: string): Platform | undefined
  platformNamed(name: string): Platform | undefined
  /** The platform through which the people of an organisation order, once one has. */
  consoleOf(organisationId: string): Platform | undefined
  organisation(id: string): Organisation | undefined
  organisationNamed(name: string): Organisation | undefined
  /**
   * Id of the organisation that a scope of a platform is mapped to.
   * @throws BrokerError `unavailable` when it has no mapping, but may have had one that was changed
   * past Kontor
   */
  mappedTo(platformId: string, kind: MappingKind, externalId: string): string | undefined
  /** Key of the annotation that names an organisation in an order's context. */
  readonly annotation: string
  /** An organisation and its ancestors, nearest first; empty for null and for an unknown one. */
  ancestorsOf(organisationId: string | null): readonly Organisation[]
  /** Ids of the organisations that scopes of a platform are mapped to. */
  mappedFrom(platformId: string): ReadonlySet<string>
  /** Ids of organisations and of all their descendants; skips unknown ones. */
  subtreeOf(...organisationIds: readonly string[]): ReadonlySet<string>
  /** Whose instances may be those of an organisation or of its descendants; none for null. */
  tenantsBelow(organisationId: string | null): Tenants
  /** A new object after each reload: results computed under an earlier one may be out of date. */
  stamp(): object
  /** A new object after each reload that read everything, whatever it was asked for. */
  readingStamp(): object
  /** @param platformIds  only these platforms have changed; undefined: anything may have */
  reload(platformIds?: readonly string[]): Promise<void>
}

interface Known {
  readonly rows: DirectoryRows
  /** Stands for the last reading of everything. */
  readonly reading: object
  readonly platforms: ReadonlyMap<string, Platform>
  /** By the id of the organisation. */
  readonly consoles: ReadonlyMap<string, Platform>
  readonly organisations: ReadonlyMap<string, Organisation>
  readonly named: ReadonlyMap<string, Organisation>
  /** Ids of the children by the id of their parent. */
  readonly children: ReadonlyMap<string, readonly string[]>
  readonly mappings: ReadonlyMap<string, string>
  readonly mappedFrom: ReadonlyMap<string, ReadonlySet<string>>
  /** By the id of an organisation; orders under its quotas ask for them again and again. */
  readonly tenantsBelow: Map<string, Tenants>
}

const noIds: ReadonlySet<string> = new Set()

/** @param annotation  key of the annotation that names an organisation */
export async function openDirectory(db: Db, annotation: string): Promise<Directory> {
  let known = knownOf(await readDirectory(db, undefined))
  const ancestorsOf = (organisationId: string | null): Organisation[] => {
    const ancestors: Organisation[] = []
    // The database prevents cycles; the limit only guards against an endless loop.
    for (let id = organisationId; id !== null && ancestors.length < 100;) {
      const organisation = known.organisations.get(id)
      if (organisation === undefined) break
      ancestors.push(organisation)
      id = organisation.parentId
    }
    return ancestors
  }
  const subtreeOf = (...organisationIds: readonly string[]): ReadonlySet<string> => {
    const ids = new Set(organisationIds.filter((id) => known.organisations.has(id)))
    // Iterating a Set visits members added meanwhile, each once, so that even a cycle would end.
    for (const id of ids) for (const child of known.children.get(id) ?? []) ids.add(child)
    return ids
  }
  return {
    platform: (id) => known.platforms.get(id),
    platformNamed: (name) =>
      [...known.platforms.values()].find((platform) => platform.name === name),
    consoleOf: (organisationId) => known.consoles.get(organisationId),
    organisation: (id) => known.organisations.get(id),
    organisationNamed: (name) => known.named.get(name),
    mappedTo(platformId, kind, externalId) {
      const organisationId = known.mappings.get(scopeKey({ platformId, kind, externalId }))
      if (organisationId === undefined && !known.rows.areMappingsKnown) throw mappingsUnknown()
      return organisationId
    },
    mappedFrom: (platformId) => known.mappedFrom.get(platformId) ?? noIds,
    annotation,
    ancestorsOf,
    stamp: () => known,
    readingStamp: () => known.reading,
    subtreeOf,
    tenantsBelow(organisationId) {
      if (organisationId === null) return noTenants
      const tenants =
        known.tenantsBelow.get(organisationId) ?? tenantsOf(known, subtreeOf(organisationId))
      known.tenantsBelow.set(organisationId, tenants)
      return tenants
    },
    reload: coalesceKeys(async (platformIds) => {
      const { rows } = known
      const changed = platformIds && (await readPlatforms(db, rows, platformIds))
      const { reading } = known
      known =
        changed === undefined
          ? knownOf(await readDirectory(db, rows), known)
          : { ...knownOf(changed, known), reading }
    }),
  }
}

function tenantsOf({ rows, platforms }: Known, subtree: ReadonlySet<string>): Tenants {
  const owned = [...platforms.values()].filter(
    ({ organisationId }) => organisationId !== null && subtree.has(organisationId),
  )
  const { unplaced } = rows
  return makeTenants(
    [...subtree, ...unplaced.organisations],
    [...owned.map(({ id }) => id), ...unplaced.platforms],
  )
}

function mappingsUnknown(): BrokerError {
  return new BrokerError(
    'unavailable',
    'A mapping was changed past Kontor, so it is not known which organisation this order is for. ' +
      'An operator must look at it first.',
    { retryAfterSeconds: 30 },
  )
}

function scopeKey({ platformId, kind, externalId }: PlatformScope): string {
  return `${platformId} ${kind} ${externalId}`
}

/** @param before  what does not depend on platforms is taken from it while its rows are the same */
function knownOf(rows: DirectoryRows, before?: Known): Known {
  const { platforms, organisations, mappings } = rows
  return {
    rows,
    reading: {},
    platforms,
    organisations,
    consoles: consolesAmong(platforms),
    ...(before?.rows.organisations === organisations
      ? { children: before.children, named: before.named }
      : {
          children: childrenAmong(organisations),
          named: new Map([...organisations.values()].map((each) => [each.name, each])),
        }),
    ...(before?.rows.mappings === mappings
      ? { mappings: before.mappings, mappedFrom: before.mappedFrom }
      : {
          mappings: new Map(
            [...mappings.values()].map((each) => [scopeKey(each), each.organisationId]),
          ),
          mappedFrom: mappedFromAmong(mappings),
        }),
    tenantsBelow: new Map(),
  }
}

function consolesAmong(platforms: Known['platforms']): Known['consoles'] {
  const consoles = new Map<string, Platform>()
  for (const platform of platforms.values())
    if (platform.kind === 'console' && platform.organisationId !== null)
      consoles.set(platform.organisationId, platform)
  return consoles
}

function childrenAmong(organisations: Known['organisations']): Known['children'] {
  const children = new Map<string, string[]>()
  for (const { id, parentId } of organisations.values()) {
    if (parentId === null) continue
    const siblings = children.get(parentId)
    if (siblings === undefined) children.set(parentId, [id])
    else siblings.push(id)
  }
  return children
}

function mappedFromAmong(mappings: DirectoryRows['mappings']): Known['mappedFrom'] {
  const mapped = new Map<string, Set<string>>()
  for (const { platformId, organisationId } of mappings.values())
    mapped.set(platformId, (mapped.get(platformId) ?? new Set()).add(organisationId))
  return mapped
}
