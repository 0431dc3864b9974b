import type { Db } from '../db/database.ts'
import { checkRow } from '../vault/sealed-rows/check-row.ts'
import { keepKnown, type RowsByKey } from '../vault/sealed-rows/keep-known.ts'
import { readSealed, type Checks, type TableCheck } from '../vault/sealed-rows/read-sealed.ts'
import type { Mapping } from './mapping.ts'
import type { Organisation } from './organisation.ts'
import type { Platform } from './platform.ts'
import { withRestrictions } from './takes-away.ts'
import { findPlatform, listMappings, listOrganisations, listPlatforms } from './store.ts'

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
 * whole as it was known, but for suspensions and retirements; without an earlier reading nothing of
 * it counts.
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
    keepOrRestrict(data.organisations, before?.organisations, checks.organisations),
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
    mappings: checks.organisation_mappings.isWhole
      ? keepKnown(data.mappings, before?.mappings, checks.organisation_mappings)
      : (before?.mappings ?? new Map<string, Mapping>()),
    areMappingsKnown: areMappingsKnown(before, checks),
  }
}

// With more of them, as when a script registers thousands, one reading of everything is sooner than
// a transaction for each.
const maxAlone = 20

/**
 * Reads platforms of which each was made or changed, into the directory as it was known. So a
 * change costs the same however many platforms there are.
 * @returns undefined when more may have changed, when these are many, or when anything is wrong:
 *   then everything has to be read
 */
export async function readPlatforms(
  db: Db,
  before: DirectoryRows,
  ids: readonly string[],
): Promise<DirectoryRows | undefined> {
  const { organisations, unplaced } = before
  if (ids.length > maxAlone) return undefined
  if (unplaced.organisations.length > 0 || unplaced.platforms.length > 0) return undefined
  const platforms = new Map(before.platforms)
  for (const id of ids) {
    const { platform, isRight, isWhole } = await readChecked(db, id)
    if (platform === undefined || !isRight || !isWhole) return undefined
    const { organisationId } = platform
    if (organisationId !== null && !organisations.has(organisationId)) return undefined
    platforms.set(id, platform)
  }
  return { ...before, platforms }
}

/** A platform with what its MAC says, as of one moment. */
async function readChecked(db: Db, id: string) {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => ({
      ...(await checkRow(tx, 'platforms', id, 'as_known')),
      platform: await findPlatform(tx, id),
    }))
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

function keepOrRestrict<Row extends Pick<Platform, 'state'>>(
  rows: RowsByKey<Row>,
  before: RowsByKey<Row> | undefined,
  check: TableCheck,
): RowsByKey<Row> {
  return check.isWhole
    ? keepKnown(rows, before, check)
    : withRestrictions(before ?? new Map<string, Row>(), rows, check.damaged)
}

function withoutDamaged<Row extends Pick<Platform, 'state'>>(
  rows: RowsByKey<Row>,
  before: RowsByKey<Row> | undefined,
  { isWhole, damaged }: TableCheck,
): RowsByKey<Row> {
  const known = before ?? new Map<string, Row>()
  const counting = isWhole ? rows : withRestrictions(known, rows, damaged)
  return damaged.size === 0 ? counting : filter(counting, (_row, id) => !damaged.has(id))
}

/** The organisations all of whose ancestors are known: rules may name any of these. */
function rooted(organisations: RowsByKey<Organisation>): RowsByKey<Organisation> {
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

function filter<Row>(
  rows: RowsByKey<Row>,
  counts: (row: Row, id: string) => boolean,
): RowsByKey<Row> {
  return new Map([...rows].filter(([id, row]) => counts(row, id)))
}

function byId<Row extends { readonly id: string }>(rows: readonly Row[]): RowsByKey<Row> {
  return new Map(rows.map((row) => [row.id, row]))
}
