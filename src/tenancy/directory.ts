import { coalesce } from '../db/coalesce.ts'
import type { Db } from '../db/database.ts'
import type { MappingKind, PlatformScope } from './mapping.ts'
import type { Organisation } from './organisation.ts'
import type { Platform } from './platform.ts'
import { listMappings, listOrganisations, listPlatforms } from './store.ts'

/** Organisations and platforms as this process knows them: read once per change, never per request. */
export interface Directory {
  platform(id: string): Platform | undefined
  platformNamed(name: string): Platform | undefined
  organisation(id: string): Organisation | undefined
  organisationNamed(name: string): Organisation | undefined
  /** Id of the organisation that a place of a platform is mapped to. */
  mappedTo(platformId: string, kind: MappingKind, externalId: string): string | undefined
  /** Key of the annotation that names an organisation in an order's context. */
  readonly annotation: string
  /** An organisation and those above it, nearest first; empty for null and for an unknown one. */
  lineOf(organisationId: string | null): readonly Organisation[]
  /** Ids of the organisations that places of a platform are mapped to. */
  mappedFrom(platformId: string): ReadonlySet<string>
  /** Ids of organisations and of all below them, in one walk; unknown ones are left out. */
  subtreeOf(...organisationIds: readonly string[]): ReadonlySet<string>
  /** Another object after each reading: what was worked out from the one before may be out of date. */
  stamp(): object
  reload(): Promise<void>
}

interface Known {
  readonly platforms: ReadonlyMap<string, Platform>
  readonly organisations: ReadonlyMap<string, Organisation>
  readonly named: ReadonlyMap<string, Organisation>
  /** Ids by that of their parent. */
  readonly children: ReadonlyMap<string, readonly string[]>
  readonly mappings: ReadonlyMap<string, string>
  readonly mappedFrom: ReadonlyMap<string, ReadonlySet<string>>
}

const nothing: ReadonlySet<string> = new Set()

/** @param annotation  key of the annotation that names an organisation */
export async function openDirectory(db: Db, annotation: string): Promise<Directory> {
  let known = await read(db)
  const lineOf = (organisationId: string | null): Organisation[] => {
    const line: Organisation[] = []
    // The database keeps circles out; this only keeps a reading between two changes from running for ever.
    for (let id = organisationId; id !== null && line.length < 100;) {
      const organisation = known.organisations.get(id)
      if (organisation === undefined) break
      line.push(organisation)
      id = organisation.parentId
    }
    return line
  }
  return {
    platform: (id) => known.platforms.get(id),
    platformNamed: (name) =>
      [...known.platforms.values()].find((platform) => platform.name === name),
    organisation: (id) => known.organisations.get(id),
    organisationNamed: (name) => known.named.get(name),
    mappedTo: (platformId, kind, externalId) =>
      known.mappings.get(placeKey({ platformId, kind, externalId })),
    mappedFrom: (platformId) => known.mappedFrom.get(platformId) ?? nothing,
    annotation,
    lineOf,
    stamp: () => known,
    subtreeOf(...organisationIds) {
      const found = new Set(organisationIds.filter((id) => known.organisations.has(id)))
      // A set goes on to what is added while it is walked through, and takes nothing twice: no circle goes on for ever.
      for (const id of found) for (const child of known.children.get(id) ?? []) found.add(child)
      return found
    },
    reload: coalesce(async () => {
      known = await read(db)
    }),
  }
}

function placeKey({ platformId, kind, externalId }: PlatformScope): string {
  return `${platformId} ${kind} ${externalId}`
}

async function read(db: Db): Promise<Known> {
  // All as of one moment, so that nothing leads to an organisation that is not there yet.
  const { platforms, organisations, mappings } = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => ({
      platforms: await listPlatforms(tx),
      organisations: await listOrganisations(tx),
      mappings: await listMappings(tx),
    }))
  const mapped = new Map<string, Set<string>>()
  for (const { platformId, organisationId } of mappings)
    mapped.set(platformId, (mapped.get(platformId) ?? new Set()).add(organisationId))
  const children = new Map<string, string[]>()
  for (const { id, parentId } of organisations) {
    if (parentId === null) continue
    const siblings = children.get(parentId)
    if (siblings === undefined) children.set(parentId, [id])
    else siblings.push(id)
  }
  return {
    children,
    platforms: new Map(platforms.map((each) => [each.id, each])),
    organisations: new Map(organisations.map((each) => [each.id, each])),
    named: new Map(organisations.map((each) => [each.name, each])),
    mappings: new Map(mappings.map((each) => [placeKey(each), each.organisationId])),
    mappedFrom: mapped,
  }
}
