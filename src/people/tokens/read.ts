import { cutPage, type Page } from '../../cut-page.ts'
import type { Db } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid } from '../../ids.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { TokenView } from '../../types.gen.ts'
import type { TokenScope } from './scope.ts'
import { findView, listViews, type TokenViewRow } from './store.ts'

interface Deps {
  readonly db: Db
  readonly directory: Pick<Directory, 'organisation'>
}

/** A page of the tokens that the reader sees, newest first, expired ones too. */
export async function listTokens(
  deps: Deps,
  scope: TokenScope,
  filter: { readonly person?: string | undefined; readonly before?: string | undefined },
  limit: number,
): Promise<Page<TokenView>> {
  const { items, next } = cutPage(await listViews(deps.db, scope, filter, limit + 1), limit)
  return { items: items.map((row) => viewOf(deps, row)), next }
}

/** @throws BrokerError `not_found`, for one outside the scope just as for an unknown one */
export async function describeToken(deps: Deps, scope: TokenScope, id: string): Promise<TokenView> {
  const row = isUuid(id) ? await findView(deps.db, scope, id) : undefined
  if (row === undefined) throw noToken()
  return viewOf(deps, row)
}

export function noToken(): BrokerError {
  return new BrokerError('not_found', 'There is no such token.')
}

function viewOf({ directory }: Deps, row: TokenViewRow): TokenView {
  const { issuer, subject, name, email, organisations } = row
  return {
    id: row.id,
    person: { id: row.person_id, issuer, subject, name, email },
    name: row.token_name,
    // A check constraint limits the column to these.
    access: row.access as TokenView['access'],
    organisations:
      organisations?.map((id) => ({
        id,
        name: directory.organisation(id)?.name ?? '',
      })) ?? null,
    // The schema has checked them, and they stand under the row's MAC.
    roles: row.roles as TokenView['roles'],
    expiresAt: new Date(Number(row.expires_at) * 1_000).toISOString(),
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }
}
