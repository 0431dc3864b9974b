import { record } from '../../audit/record.ts'
import type { Tx } from '../../db/database.ts'
import { judgeCatalog, type Doubt, type NamedPlan } from './judge.ts'
import {
  deleteQuarantine,
  findQuarantine,
  listPublishedPlans,
  saveQuarantine,
  type QuarantineDetails,
} from './store.ts'

/** What the quarantine says of a catalog that was read. */
export type Held =
  /** It may be published. */
  | { readonly kind: 'free' }
  /** It must not be published; `isNew`: it was published or had another content before. */
  | { readonly kind: 'held'; readonly isNew: boolean; readonly doubt: Doubt }

// An operator needs to see what is concerned, not a list of thousands.
const maxListed = 50

/**
 * Holds a catalog back that would withdraw what is in use, unless an operator has confirmed this
 * very content. The transaction must hold the lock of publications.
 */
export async function holdDoubtful(
  tx: Tx,
  providerId: string,
  read: readonly NamedPlan[],
  contentDigest: Buffer,
  now: Date,
): Promise<Held> {
  const doubt = judgeCatalog(await listPublishedPlans(tx, providerId), read)
  if (doubt === undefined) return { kind: 'free' }
  const before = await findQuarantine(tx, providerId)
  const isSame = before?.contentDigest.equals(contentDigest) === true
  if (isSame && before.decision === 'confirmed') return { kind: 'free' }
  if (isSame) return { kind: 'held', isNew: false, doubt }
  const since = before?.since ?? now
  await saveQuarantine(tx, providerId, {
    reason: doubt.reason,
    contentDigest,
    since,
    details: detailsOf(doubt),
  })
  await record(tx, {
    at: now,
    actor: 'kontor',
    action: 'catalog.quarantined',
    objectKind: 'provider',
    objectId: providerId,
    outcome: 'succeeded',
    providerId,
    details: { reason: doubt.reason, lostPlans: doubt.lost.length },
  })
  return { kind: 'held', isNew: true, doubt }
}

/**
 * Ends a quarantine, because the catalog was published or is again the published one.
 * @returns whether there was one
 */
export async function endQuarantine(tx: Tx, providerId: string, now: Date): Promise<boolean> {
  if (!(await deleteQuarantine(tx, providerId))) return false
  await record(tx, {
    at: now,
    actor: 'kontor',
    action: 'catalog.released',
    objectKind: 'provider',
    objectId: providerId,
    outcome: 'succeeded',
    providerId,
  })
  return true
}

function detailsOf({ lost, changedIds }: Doubt): QuarantineDetails {
  return {
    lostPlans: lost.length,
    lost: lost.slice(0, maxListed),
    changedPlans: changedIds.length,
    changedIds: changedIds.slice(0, maxListed),
  }
}
