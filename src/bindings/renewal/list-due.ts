import type { Db } from '../../db/database.ts'
import type { Vault } from '../../vault/vault.ts'
import { openResult, type Binding } from '../binding.ts'
import { listExpiring, type After } from './store.ts'

export interface RenewalDeps {
  readonly db: Db
  readonly now: () => Date
  readonly vault: Pick<Vault, 'open'>
}

/** A binding whose credentials are to be replaced. */
export interface Renewal {
  /** Kontor's ids. */
  readonly key: string
  readonly instanceKey: string
  /** Since when. */
  readonly dueAt: Date
  readonly expiresAt: Date
}

const dayMs = 86_400_000
// Of providers that do not say `renew_before`.
const beforeExpiryMs = 7 * dayMs
const nil = '00000000-0000-0000-0000-000000000000'

/**
 * A portion of the bindings that have fallen due for renewal within the last `lookBackMs`: from
 * `renew_before` on, or else from a week before they expire.
 * @param after  the end of the portion before
 * @returns `next`: where the next portion begins; undefined: there is none
 */
export async function listDueRenewals(
  { db, now, vault }: RenewalDeps,
  lookBackMs: number,
  limit: number,
  after?: After,
): Promise<{ readonly renewals: readonly Renewal[]; readonly next: After | undefined }> {
  const at = now().getTime()
  const since = at - lookBackMs
  const bindings = await listExpiring(db, after ?? { expiresAt: new Date(since), key: nil }, limit)
  const renewals = bindings.flatMap((binding) => {
    const { key, instanceKey, expiresAt } = binding
    if (expiresAt === null) return []
    const dueAt = renewBeforeOf(vault, binding) ?? new Date(expiresAt.getTime() - beforeExpiryMs)
    const isDue = dueAt.getTime() <= at && dueAt.getTime() > since
    return isDue ? [{ key, instanceKey, dueAt, expiresAt }] : []
  })
  const last = bindings.at(-1)
  const hasNext = bindings.length === limit && last !== undefined && last.expiresAt !== null
  return {
    renewals,
    next:
      hasNext && last.expiresAt !== null ? { expiresAt: last.expiresAt, key: last.key } : undefined,
  }
}

/** Undefined: the provider does not say, or the result cannot be opened. */
function renewBeforeOf(vault: Pick<Vault, 'open'>, binding: Binding): Date | undefined {
  if (binding.result === null) return undefined
  try {
    const text = openResult(vault, binding, binding.result).metadata?.renew_before
    const date = text === undefined ? undefined : new Date(text)
    return date === undefined || Number.isNaN(date.getTime()) ? undefined : date
  } catch {
    // One result whose key is lost must not keep all others from being renewed.
    return undefined
  }
}
