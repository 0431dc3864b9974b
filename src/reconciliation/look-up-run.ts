import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { isUuid } from '../ids.ts'
import { cutPage, type Page } from '../cut-page.ts'
import { lookUpProvider } from '../providers/look-up-provider.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { FindingView, ReconciliationView } from '../types.gen.ts'
import type { FindingKind } from './finding.ts'
import { listFindings } from './findings/store.ts'
import { findLastRun, findRun } from './runs/store.ts'
import { viewOfFinding, viewOfRun } from './view.ts'

export { countOpenFindings } from './findings/store.ts'

/** @throws BrokerError `not_found` */
export async function lookUpRun(
  db: Db,
  scope: AccessScope,
  id: string,
): Promise<ReconciliationView> {
  const run = isUuid(id) ? await findRun(db, scope, id) : undefined
  if (run === undefined) throw new BrokerError('not_found', 'There is no such reconciliation.')
  return viewOfRun(run)
}

/** @throws BrokerError `not_found` when there is no such provider, or none of its runs */
export async function lookUpLastRun(
  db: Db,
  scope: AccessScope,
  providerId: string,
): Promise<ReconciliationView> {
  const run = await findLastRun(db, (await lookUpProvider(db, scope, providerId)).id)
  if (run === undefined)
    throw new BrokerError('not_found', 'The provider has not been reconciled yet.')
  return viewOfRun(run)
}

export interface Wanted {
  /** `open`, the default: neither resolved nor acknowledged */
  readonly state?: 'open' | 'all'
  readonly kind?: FindingKind
  /** `next` of the page before. */
  readonly cursor?: string
  /** How many findings a page may hold, in decimal digits; default 100. */
  readonly limit?: string
}

/**
 * The findings of a provider, oldest first.
 *
 * @throws BrokerError `not_found` when there is no such provider
 */
export async function lookUpFindings(
  db: Db,
  scope: AccessScope,
  providerId: string,
  { state = 'open', kind, cursor, limit = '100' }: Wanted,
): Promise<Page<FindingView>> {
  const { id } = await lookUpProvider(db, scope, providerId)
  const size = Number(limit)
  const found = await listFindings(db, id, { state, kind, after: cursor, limit: size + 1 })
  const { items, next } = cutPage(found, size)
  return { items: items.map(viewOfFinding), next }
}
