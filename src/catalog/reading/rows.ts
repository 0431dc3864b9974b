// Turns what is published into rows as JSON text, which Postgres takes apart itself: the main
// thread only passes the bytes on.
import type { PublishedOffering } from '../published.ts'
import type { IndexedOffering } from './task.ts'

// Small enough that neither the event loop nor Postgres works on one for long.
const maxBytes = 65_536

export interface PlacedOffering extends PublishedOffering {
  /** JSON pointer into the provider's catalog. */
  readonly path: string
}

interface Rows {
  readonly index: Uint8Array
  readonly offerings: Uint8Array[]
  readonly plans: Uint8Array[]
}

/**
 * The index, and rows of the tables offerings and plans in portions. publication/store.ts names the
 * fields.
 */
export function rowsOf(published: readonly PlacedOffering[]): Rows {
  return {
    index: indexOf(published),
    offerings: portionsOf(
      published.map((offering, position) => ({
        id: offering.id,
        upstream_id: offering.upstreamId,
        name: offering.name,
        position,
        body: offering.body,
        upstream_flags: offering.upstreamFlags,
      })),
    ),
    plans: portionsOf(
      published.flatMap((offering) =>
        offering.plans.map((plan, position) => ({
          id: plan.id,
          offering_id: offering.id,
          upstream_service_id: offering.upstreamId,
          upstream_id: plan.upstreamId,
          name: plan.name,
          position,
          body: plan.body,
        })),
      ),
    ),
  }
}

function indexOf(published: readonly PlacedOffering[]): Uint8Array {
  const index: IndexedOffering[] = published.map(({ id, upstreamId, name, path, plans }) => ({
    id,
    upstreamId,
    name,
    path,
    plans: plans.map((plan) => ({ id: plan.id, upstreamId: plan.upstreamId, name: plan.name })),
  }))
  return new TextEncoder().encode(JSON.stringify(index))
}

function portionsOf(rows: readonly object[]): Uint8Array[] {
  const portions: Uint8Array[] = []
  let texts: string[] = []
  let bytes = 0
  const close = (): void => {
    if (texts.length > 0) portions.push(new TextEncoder().encode(`[${texts.join(',')}]`))
    texts = []
    bytes = 0
  }
  for (const row of rows) {
    const text = JSON.stringify(row)
    const length = Buffer.byteLength(text)
    if (bytes + length > maxBytes) close()
    texts.push(text)
    bytes += length
  }
  close()
  return portions
}
