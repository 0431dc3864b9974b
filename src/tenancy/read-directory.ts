import type { Db } from '../db/database.ts'
import { readSealed, type Checks, type TableCheck } from '../vault/sealed-rows/read-sealed.ts'
import type { Mapping } from './mapping.ts'
import type { Organisation } from './organisation.ts'
import type { Platform } from './platform.ts'
import { listMappings, listOrganisations, listPlatforms } from './store.ts'

const tables = ['organisation_mappings', 'organisations', 'platforms'] as const

/** The rows of the directory that count, and those of the last reading. */
export interface DirectoryRows {
  readonly platforms: ReadonlyMap<string, Platform>
  readonly organisations: ReadonlyMap<string, Organisation>
  /** By the ids of their rows. */
  readonly mappings: ReadonlyMap<string, Mapping>
  /**
   * False: a mapping was changed or removed past Kontor before this process knew it, so a scope
   * without a mapping may have had one.
   */
  readonly areMappingsKnown: boolean
  /**
   * Ids of the organisations and platforms in the database that do not count, and are not known
   * from before either: it is not known where they belong.
   */
  readonly unplaced: {
    readonly organisations: readonly string[]
    readonly platforms: readonly string[]
  }
}

/**
 * Reads the directory as of one moment, without what was changed past Kontor. A platform whose row
 * was changed is left out. An organisation or a mapping stays as this process knew it before: each
 * decides about others by its absence, too. A table with a row that is missing or old stays as a
 * whole as it was known; without an earlier reading nothing of it counts.
 */
export async function readDirectory(
  db: Db,
  before: DirectoryRows | undefined,
): Promise<DirectoryRows> {
  // One snapshot, so that no platform or mapping refers to an organisation that was not read.
  const { data, checks } = await readSealed(db, tables, async (tx) => ({
    platforms: byId(await listPlatforms(tx)),
    organisations: byId(await listOrganisations(tx)),
    mappings: byId(await listMappings(tx)),
  }))
  const organisations = rooted(
    keepKnown(data.organisations, before?.organisations, checks.organisations),
  )
  // Without its owner it is not known what a platform may see.
  const platforms = filter(
    withoutDamaged(data.platforms, before?.platforms, checks.platforms),
    ({ organisationId }) => organisationId === null || organisations.has(organisationId),
  )
  return {
    organisations,
    platforms,
    unplaced: {
      organisations: [...data.organisations.keys()].filter((id) => !organisations.has(id)),
      platforms: [...data.platforms.keys()].filter((id) => !platforms.has(id)),
    },
    mappings: keepKnown(data.mappings, before?.mappings, checks.organisation_mappings),
    areMappingsKnown: areMappingsKnown(before, checks),
  }
}

function areMappingsKnown(
  before: DirectoryRows | undefined,
  { organisation_mappings: { isWhole, altered } }: Checks<'organisation_mappings'>,
): boolean {
  if (isWhole && altered.size === 0) return true
  // Each row that is altered now was read before, when it was right.
  return (
    before?.areMappingsKnown === true &&
    (!isWhole || [...altered].every((id) => before.mappings.has(id)))
  )
}

type Rows<Row> = ReadonlyMap<string, Row>

function keepKnown<Row>(
  rows: Rows<Row>,
  before: Rows<Row> | undefined,
  { isWhole, damaged, altered }: TableCheck,
): Rows<Row> {
  if (!isWhole) return before ?? new Map<string, Row>()
  if (damaged.size === 0) return rows
  const kept = new Map(rows)
  for (const id of damaged) {
    const known = altered.has(id) ? before?.get(id) : undefined
    if (known === undefined) kept.delete(id)
    else kept.set(id, known)
  }
  return kept
}

function withoutDamaged<Row>(
  rows: Rows<Row>,
  before: Rows<Row> | undefined,
  { isWhole, damaged }: TableCheck,
): Rows<Row> {
  const counting = isWhole ? rows : (before ?? new Map<string, Row>())
  return damaged.size === 0 ? counting : filter(counting, (_row, id) => !damaged.has(id))
}

/** The organisations all of whose ancestors are known: rules may name any of these. */
function rooted(organisations: Rows<Organisation>): Rows<Organisation> {
  const known = new Set<string>()
  const isRooted = (id: string, seen: readonly string[]): boolean => {
    if (known.has(id)) return true
    const organisation = organisations.get(id)
    // The database prevents no cycle that is written past Kontor.
    if (organisation === undefined || seen.includes(id)) return false
    const { parentId } = organisation
    const result = parentId === null || isRooted(parentId, [...seen, id])
    if (result) known.add(id)
    return result
  }
  return filter(organisations, (_organisation, id) => isRooted(id, []))
}

function filter<Row>(rows: Rows<Row>, counts: (row: Row, id: string) => boolean): Rows<Row> {
  return new Map([...rows].filter(([id, row]) => counts(row, id)))
}

function byId<Row extends { readonly id: string }>(rows: readonly Row[]): Rows<Row> {
  return new Map(rows.map((row) => [row.id, row]))
}
