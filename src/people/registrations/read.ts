import { cutPage, type Page } from '../../cut-page.ts'
import type { DbOrTx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { AgencyRegistration, RegistrationView } from '../../types.gen.ts'
import type { RegistrationScope } from './scope.ts'
import { findView, listViews, type RegistrationFilter, type RegistrationRow } from './store.ts'

/** A page of the registrations that the reader made or may decide, newest first. */
export async function listRegistrations(
  db: DbOrTx,
  scope: RegistrationScope,
  filter: RegistrationFilter,
  limit: number,
): Promise<Page<RegistrationView>> {
  const { items, next } = cutPage(await listViews(db, scope, filter, limit + 1), limit)
  return { items: items.map(viewOf), next }
}

/** @throws BrokerError `not_found`, for one outside the scope just as for an unknown one */
export async function describeRegistration(
  db: DbOrTx,
  scope: RegistrationScope,
  id: string,
): Promise<RegistrationView> {
  const row = isUuid(id) ? await findView(db, scope, id) : undefined
  if (row === undefined) throw noRegistration()
  return viewOf(row)
}

export function noRegistration(): BrokerError {
  return new BrokerError('not_found', 'There is no such registration.')
}

function viewOf(row: RegistrationRow): RegistrationView {
  const { issuer, subject, name, email } = row
  return {
    id: row.id,
    person: { id: row.person_id, issuer, subject, name, email },
    ...whatOf(row),
    // A check constraint limits the column to these states.
    state: row.state as RegistrationView['state'],
    // Before it is accepted, it would say whether there is such an organisation.
    organisation:
      row.state !== 'accepted' || row.organisation_id === null || row.organisation_name === null
        ? null
        : { id: row.organisation_id, name: row.organisation_name },
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
    decidedAt: row.decided_at?.toISOString() ?? null,
  }
}

/** What was asked for. */
export function whatOf({
  agency,
  organisation,
  role,
  message,
}: RegistrationRow): Pick<RegistrationView, 'agency' | 'join'> {
  // The schema checked both before they were written, and they stand under the row's MAC.
  if (agency !== null) return { agency: agency as unknown as AgencyRegistration }
  return {
    join: {
      organisation: organisation ?? '',
      role: role as NonNullable<RegistrationView['join']>['role'],
      ...(message === null ? {} : { message }),
    },
  }
}
