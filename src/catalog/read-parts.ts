import type { Db, Tx } from '../db/database.ts'
import { createPacer } from './pacer.ts'
import {
  cursorAfter,
  firstOffering,
  firstPlan,
  listAllOfferings,
  listChangedOfferings,
  listOfferingIds,
  listPlans,
  type OfferingRow,
} from './pages/store.ts'
import { partOf, type CatalogOffering, type CatalogPart } from './snapshot.ts'
import { compact, finish, StoredOffering } from './stored-offering.ts'
import { findRevision, listCatalogProviders, type ProviderRow } from './store.ts'

export type OnFaultyOffering = (fault: {
  readonly offeringId: string
  readonly error: unknown
}) => void

/** All that is stored of the catalog at one revision. */
export interface StoredCatalog {
  readonly revision: string
  readonly providers: ReadonlyMap<string, ProviderRow>
  /** By provider, in the order of publication. */
  readonly parts: ReadonlyMap<string, CatalogPart>
}

/**
 * Reads what has changed since `known`, or all of it, in pages that other work comes between. The
 * parts of providers without a change stay the same objects.
 * @param onFaulty  called for each offering that cannot be used; the others are
 */
export async function readParts(
  db: Db,
  known: StoredCatalog | undefined,
  onFaulty: OnFaultyOffering,
): Promise<StoredCatalog> {
  // All as of one moment, so that older rows never have a newer revision.
  const read = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((tx) => readChanges(tx, known, onFaulty))
  const parts = new Map<string, CatalogPart>()
  const pause = createPacer()
  for (const id of read.providers.keys()) {
    const before = known?.parts.get(id)
    const changes = read.changed.get(id)
    const part = changes === undefined ? before : changedPart(id, before, changes, read.present)
    if (part !== undefined) parts.set(id, part)
    await pause()
  }
  return { revision: read.revision, providers: read.providers, parts }
}

function changedPart(
  providerId: string,
  before: CatalogPart | undefined,
  changes: readonly CatalogOffering[],
  present: ReadonlySet<string>,
): CatalogPart {
  const offerings = [...unchanged(before, changes, present), ...changes]
  compact(offerings.filter((offering) => offering instanceof StoredOffering))
  return partOf(providerId, offerings)
}

function unchanged(
  before: CatalogPart | undefined,
  changes: readonly CatalogOffering[],
  present: ReadonlySet<string>,
): CatalogOffering[] {
  const replaced = new Set(changes.map(({ id }) => id))
  return [...(before?.offerings.values() ?? [])].filter(
    ({ id }) => present.has(id) && !replaced.has(id),
  )
}

interface Changes {
  readonly revision: string
  readonly providers: ReadonlyMap<string, ProviderRow>
  /** The offerings that were read, by provider. */
  readonly changed: ReadonlyMap<string, CatalogOffering[]>
  /** Ids of all stored offerings of these providers that can be used. */
  readonly present: ReadonlySet<string>
}

async function readChanges(
  tx: Tx,
  known: StoredCatalog | undefined,
  onFaulty: OnFaultyOffering,
): Promise<Changes> {
  const { revision } = await findRevision(tx)
  const providers = new Map((await listCatalogProviders(tx)).map((row) => [row.id, row]))
  const changed = new Map<string, CatalogOffering[]>()
  const faulty = new Set<string>()
  const read = async (pages: AsyncIterable<readonly OfferingRow[]>): Promise<void> => {
    for await (const rows of pages) {
      for (const row of rows) if (!changed.has(row.providerId)) changed.set(row.providerId, [])
      const { offerings, faulty: unusable } = await readPage(tx, rows, providers, onFaulty)
      for (const [id, offering] of offerings) changed.get(id)?.push(offering)
      for (const id of unusable) faulty.add(id)
    }
  }
  // Its state and its name are part of each of its plans.
  const renamed = [...(known?.parts.keys() ?? [])].filter((id) => {
    const [before, now] = [known?.providers.get(id), providers.get(id)]
    return before?.label !== now?.label || before?.isActive !== now?.isActive
  })
  const all = (providerId?: string) =>
    pagesOf(firstOffering, (cursor) => listAllOfferings(tx, cursor, providerId))
  for (const id of renamed) await read(all(id))
  await read(
    known === undefined
      ? all()
      : pagesOf(cursorAfter(known.revision), (cursor) => listChangedOfferings(tx, cursor)),
  )
  const present =
    known === undefined ? new Set<string>() : await listOfferingIds(tx, [...changed.keys()])
  for (const id of faulty) present.delete(id)
  return { revision, providers, changed, present }
}

/** Pages until an empty one; each begins after the last row of the one before. */
async function* pagesOf<Cursor, Row extends Cursor>(
  first: Cursor,
  list: (after: Cursor) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  for (let cursor: Cursor | undefined = first; cursor !== undefined;) {
    const rows: Row[] = await list(cursor)
    if (rows.length > 0) yield rows
    cursor = rows.at(-1)
  }
}

interface Page {
  /** With the id of its provider. */
  readonly offerings: ReadonlyArray<readonly [string, CatalogOffering]>
  /** Ids of offerings that cannot be used. */
  readonly faulty: ReadonlySet<string>
}

/** The offerings of a page with their plans. */
async function readPage(
  tx: Tx,
  rows: readonly OfferingRow[],
  providers: ReadonlyMap<string, ProviderRow>,
  onFaulty: OnFaultyOffering,
): Promise<Page> {
  const built = new Map<string, { offering: StoredOffering; provider: ProviderRow }>()
  const faulty = new Set<string>()
  const attempt = (offeringId: string, build: () => void): void => {
    try {
      build()
    } catch (error) {
      built.delete(offeringId)
      faulty.add(offeringId)
      onFaulty({ offeringId, error })
    }
  }
  for (const row of rows) {
    const provider = providers.get(row.providerId)
    if (provider !== undefined)
      attempt(row.id, () => {
        built.set(row.id, { offering: new StoredOffering(row, provider), provider })
      })
  }
  const offeringIds = [...built.keys()]
  for await (const plans of pagesOf(firstPlan, (cursor) => listPlans(tx, offeringIds, cursor)))
    for (const plan of plans) {
      const owner = built.get(plan.offeringId)
      if (owner !== undefined)
        attempt(plan.offeringId, () => {
          owner.offering.addPlan(plan, owner.provider)
        })
    }
  for (const all of Map.groupBy(built.values(), ({ provider }) => provider.id).values())
    finish(all.map(({ offering }) => offering))
  return {
    faulty,
    offerings: [...built.values()].map(({ offering, provider }) => [provider.id, offering]),
  }
}
