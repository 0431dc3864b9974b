import { cutPage, type Page } from '../../cut-page.ts'
import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { FrozenComparison, FrozenComparisonHead, PlanComparison } from '../../types.gen.ts'
import type { FreezeDeps } from '../deps.ts'
import { digestOf } from './freeze.ts'
import { findComparison, listComparisonRows, type FrozenRow } from './store.ts'

interface ReadDeps {
  readonly db: Db
  readonly directory: Directory
}

/**
 * A frozen comparison as it was.
 * @throws BrokerError `not_found`, for one outside the scope as for an unknown one
 */
export async function describeComparison(
  { db, directory, vault }: ReadDeps & Pick<FreezeDeps, 'vault'>,
  scope: AccessScope,
  id: string,
): Promise<FrozenComparison> {
  const row = isUuid(id) ? await findComparison(db, scope, id) : undefined
  if (row === undefined) throw new BrokerError('not_found', 'There is no such comparison.')
  return {
    ...headOf(directory, row),
    isUnchanged: digestOf(vault, row).equals(row.digest),
    // freeze.ts has written it.
    comparison: JSON.parse(row.content) as PlanComparison,
  }
}

/** Newest first. */
export async function listComparisons(
  { db, directory }: ReadDeps,
  scope: AccessScope,
  before: string | undefined,
  limit: number,
): Promise<Page<FrozenComparisonHead>> {
  const rows = await listComparisonRows(db, scope, before, limit + 1)
  const { items, next } = cutPage(rows, limit)
  return { items: items.map((row) => headOf(directory, row)), next }
}

function headOf(directory: Directory, row: Omit<FrozenRow, 'content'>): FrozenComparisonHead {
  const { organisationId } = row
  return {
    id: row.id,
    organisation: {
      id: organisationId,
      name: directory.organisation(organisationId)?.name ?? organisationId,
    },
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    note: row.note,
    digest: `hmac-sha256:${row.digest.toString('hex')}`,
  }
}
