import { cutPage, type Page } from '../../cut-page.ts'
import type { DbOrTx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { InvitationView } from '../../types.gen.ts'
import { findView, listViews, type InvitationRow } from './store.ts'

/** A page of the invitations to the organisations in the scope, newest first. */
export async function listInvitations(
  db: DbOrTx,
  scope: AccessScope,
  now: Date,
  before: string | undefined,
  limit: number,
): Promise<Page<InvitationView>> {
  const { items, next } = cutPage(await listViews(db, scope, before, limit + 1), limit)
  return { items: items.map((row) => viewOf(row, now)), next }
}

/** @throws BrokerError `not_found`, for one outside the scope just as for an unknown one */
export async function describeInvitation(
  db: DbOrTx,
  scope: AccessScope,
  now: Date,
  id: string,
): Promise<InvitationView> {
  const row = isUuid(id) ? await findView(db, scope, id) : undefined
  if (row === undefined) throw new BrokerError('not_found', 'There is no such invitation.')
  return viewOf(row, now)
}

function viewOf(row: InvitationRow, now: Date): InvitationView {
  const { id, email, issuer, subject } = row
  const expiresAt = new Date(Number(row.expires_at) * 1_000)
  return {
    id,
    organisation: { id: row.organisation_id, name: row.organisation_name },
    // The schema checked it before it was written.
    role: row.role as InvitationView['role'],
    email,
    issuer,
    subject,
    state: row.state === 'accepted' ? 'accepted' : expiresAt <= now ? 'expired' : 'open',
    expiresAt: expiresAt.toISOString(),
    createdAt: row.created_at.toISOString(),
  }
}
