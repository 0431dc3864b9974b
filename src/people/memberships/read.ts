import { cutPage, type Page } from '../../cut-page.ts'
import type { DbOrTx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { MembershipView } from '../../types.gen.ts'
import { findView, listViews, type MembershipFilter, type MembershipViewRow } from './store.ts'

/** A page of the memberships of the organisations in the scope, newest first. */
export async function listMemberships(
  db: DbOrTx,
  scope: AccessScope,
  filter: MembershipFilter,
  limit: number,
): Promise<Page<MembershipView>> {
  const { items, next } = cutPage(await listViews(db, scope, filter, limit + 1), limit)
  return { items: items.map(viewOf), next }
}

/** @throws BrokerError `not_found`, for one outside the scope just as for an unknown one */
export async function describeMembership(
  db: DbOrTx,
  scope: AccessScope,
  id: string,
): Promise<MembershipView> {
  const row = isUuid(id) ? await findView(db, scope, id) : undefined
  if (row === undefined) throw noMembership()
  return viewOf(row)
}

export function noMembership(): BrokerError {
  return new BrokerError('not_found', 'There is no such membership.')
}

function viewOf(row: MembershipViewRow): MembershipView {
  const { issuer, subject, name, email } = row
  return {
    id: row.id,
    person: { id: row.person_id, issuer, subject, name, email },
    organisation: { id: row.organisation_id, name: row.organisation_name },
    // A check constraint limits the column to these roles.
    role: row.role as MembershipView['role'],
    createdAt: row.created_at.toISOString(),
  }
}
