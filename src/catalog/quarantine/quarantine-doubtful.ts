import { record } from '../../audit/record.ts'
import type { Tx } from '../../db/database.ts'
import type { CatalogFinding } from '../../types.gen.ts'
import type { Vault } from '../../vault/vault.ts'
import { judgeCatalog, type Doubt, type NamedPlan, type WithheldIds } from './judge.ts'
import {
  deleteQuarantine,
  findQuarantine,
  listPublishedPlans,
  saveQuarantine,
  type QuarantineDetails,
} from './store.ts'

/** A catalog that was read, as far as the quarantine looks at it. */
export interface ReadCatalog {
  readonly plans: readonly NamedPlan[]
  readonly withheld: WithheldIds
  /** As they would be stored. */
  readonly findings: readonly CatalogFinding[]
}

export type Verdict =
  /** It may be published. */
  | { readonly kind: 'publishable' }
  /** It must not be published; `isNew`: nothing, or another loss, was quarantined before. */
  | { readonly kind: 'quarantined'; readonly isNew: boolean; readonly doubt: Doubt }

// An operator needs to see what is concerned, not a list of thousands.
const maxListed = 50

/**
 * Quarantines a catalog that would withdraw what is in use, unless an operator has confirmed this
 * very loss. The transaction must hold the lock of publications.
 */
export async function quarantineDoubtful(
  tx: Tx,
  vault: Pick<Vault, 'fingerprint'>,
  providerId: string,
  read: ReadCatalog,
  now: Date,
): Promise<Verdict> {
  const doubt = judgeCatalog(await listPublishedPlans(tx, providerId), read.plans, read.withheld)
  if (doubt === undefined) return { kind: 'publishable' }
  const before = await findQuarantine(tx, providerId)
  const digest = vault.fingerprint(lossOf(doubt))
  const isSame = before?.digest.equals(digest) === true
  if (isSame && before.decision === 'confirmed') return { kind: 'publishable' }
  if (isSame) return { kind: 'quarantined', isNew: false, doubt }
  const details = detailsOf(doubt, read.findings)
  const since = before?.since ?? now
  await saveQuarantine(tx, providerId, { reason: doubt.reason, digest, since, details })
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
  return { kind: 'quarantined', isNew: true, doubt }
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

/** Deletes the quarantine of a provider that is removed. */
export async function forgetQuarantine(tx: Tx, providerId: string): Promise<void> {
  await deleteQuarantine(tx, providerId)
}

// Not the whole content: a broker that sends a timestamp, or its offerings in any order, sends
// another content each time, and no decision about it would last.
function lossOf({ reason, gone, changedIds }: Doubt): unknown {
  const ids = gone.map((plan) => JSON.stringify([plan.upstreamServiceId, plan.upstreamPlanId]))
  const changes = changedIds.map(({ from, to }) => JSON.stringify([from, to]))
  return [reason, ids.toSorted(), changes.toSorted()]
}

function detailsOf(
  { lost, changedIds }: Doubt,
  findings: readonly CatalogFinding[],
): QuarantineDetails {
  return {
    lostPlans: lost.length,
    lost: lost.slice(0, maxListed),
    changedPlans: changedIds.length,
    changedIds: changedIds.slice(0, maxListed),
    findings,
  }
}
