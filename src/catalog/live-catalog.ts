import { coalesce } from '../db/coalesce.ts'
import type { Db } from '../db/database.ts'
import { readParts, type OnFaultyOffering, type StoredCatalog } from './read-parts.ts'
import { snapshotOf, type CatalogPart, type CatalogSnapshot } from './snapshot.ts'
import { findRevision, type Revision } from './store.ts'

/**
 * The catalog as this process knows it: read from the database once per change, never per request.
 */
export interface LiveCatalog {
  current(): CatalogSnapshot
  /** Reads what has changed if the database has a newer revision. */
  reloadIfChanged(): Promise<void>
}

/** The revision of the database; a snapshot with the same revision is up to date. */
export async function currentRevision(db: Db): Promise<Revision> {
  return findRevision(db)
}

export interface CatalogEvents {
  /** Called for each offering that cannot be used; the others are. */
  readonly onFaulty: OnFaultyOffering
  /** Called for each part with incomplete plans, whenever the catalog has changed. */
  onIncomplete(part: CatalogPart): void
}

export async function openCatalog(
  db: Db,
  { onFaulty, onIncomplete }: CatalogEvents,
): Promise<LiveCatalog> {
  const owners = new Map<string, string>()
  let stored: StoredCatalog | undefined
  let snapshot = snapshotOf('', new Map(), owners)
  const read = async (): Promise<void> => {
    const fresh = await readParts(db, stored, onFaulty)
    for (const [providerId, part] of fresh.parts) {
      const before = stored?.parts.get(providerId)
      if (part !== before) recordOwner(owners, part, before)
      if (part.incomplete.length > 0) onIncomplete(part)
    }
    stored = fresh
    snapshot = snapshotOf(fresh.revision, fresh.parts, owners)
  }
  await read()
  return {
    current: () => snapshot,
    reloadIfChanged: coalesce(async () => {
      if ((await currentRevision(db)).revision !== snapshot.revision) await read()
    }),
  }
}

// An id belongs to one provider for ever, so all snapshots share the map.
function recordOwner(
  owners: Map<string, string>,
  part: CatalogPart,
  before: CatalogPart | undefined,
): void {
  for (const old of [before?.offerings, before?.plans])
    for (const id of old?.keys() ?? []) owners.delete(id)
  for (const all of [part.offerings, part.plans])
    for (const id of all.keys()) owners.set(id, part.providerId)
}
