import { coalesce } from '../../db/coalesce.ts'
import type { Db } from '../../db/database.ts'
import { createDigestRenewals } from '../../tenancy/credentials/renew-digests.ts'
import { createLastUsed } from '../../tenancy/last-used.ts'
import { readSealed } from '../../vault/sealed-rows/read-sealed.ts'
import type { Vault } from '../../vault/vault.ts'
import type { Claimed } from '../claimed.ts'
import { rightRows, type KnownPeople } from '../known-people.ts'
import type { Person } from '../person.ts'
import { listTokens, markUsed, renewDigest, type TokenRow } from './store.ts'
import { tokenIdOf } from './text.ts'

/** A token that is valid, and whom it stands for. */
export interface ValidToken {
  readonly claimed: Claimed
  readonly access: 'read' | 'full'
}

/** Personal API tokens in memory: read after each change, never per request. */
export interface KnownTokens {
  /**
   * Verifies a token; notes its use.
   * @param aliasOf  the alias of an issuer, or undefined: nothing of its people counts any more
   */
  verify(text: string, aliasOf: (issuer: string) => string | undefined): ValidToken | undefined
  /** Writes when tokens were last used, as it does once a minute. */
  flush(): Promise<void>
  reload(): Promise<void>
  close(): Promise<void>
}

export interface KnownTokensDeps {
  readonly db: Db
  readonly vault: Vault
  readonly now: () => Date
  readonly people: Pick<KnownPeople, 'personById'>
  /** Called when what is written beside requests failed. */
  readonly onError: (error: unknown) => void
}

export async function openKnownTokens(deps: KnownTokensDeps): Promise<KnownTokens> {
  const { db, vault, now, people, onError } = deps
  let rows = await read(db, new Map())
  const lastUsed = createLastUsed(db, now, onError, markUsed)
  const renewals = createDigestRenewals(db, onError, renewDigest)
  // One object for each token, so that what follows from it is computed once. A reload forgets
  // them: names and mail addresses may have changed.
  let claims = new Map<string, Claimed>()
  const placeholder = vault.digest('')
  return {
    verify(text, aliasOf) {
      const row = rows.get(tokenIdOf(text) ?? '')
      // An unknown token takes as long as a wrong one. The row's MAC says that Kontor made the
      // digest, with whatever key.
      const digest = row?.digest ?? placeholder
      const isRight = vault.isDigestOf(digest, text, { acceptsRetired: true })
      if (!isRight || row === undefined || now().getTime() >= row.expiresAt * 1_000)
        return undefined
      const person = people.personById(row.personId)
      const alias = person === undefined ? undefined : aliasOf(person.issuer)
      if (person === undefined || alias === undefined) return undefined
      const renewed = vault.renewedDigest(digest, text)
      if (renewed !== undefined) renewals.note(row.id, digest, renewed)
      lastUsed.used(row.id)
      const claimed = claims.get(row.id) ?? claimedBy(row, person, alias)
      claims.set(row.id, claimed)
      return { claimed, access: row.access }
    },
    flush: lastUsed.flush,
    close: async () => {
      await renewals.close()
      await lastUsed.close()
    },
    reload: coalesce(async () => {
      rows = await read(db, rows)
      claims = new Map()
    }),
  }
}

async function read(
  db: Db,
  before: ReadonlyMap<string, TokenRow>,
): Promise<ReadonlyMap<string, TokenRow>> {
  const { data, checks } = await readSealed(db, ['api_tokens'], listTokens)
  return rightRows(data, before, checks.api_tokens)
}

/** What an issuer grants is not in it: a token would keep what the issuer has taken away. */
function claimedBy(
  { id, organisations, roles }: TokenRow,
  { issuer, subject, name, email, language }: Person,
  alias: string,
): Claimed {
  return {
    issuer,
    alias,
    subject,
    name,
    email,
    isEmailVerified: false,
    language,
    duties: new Set(),
    organisations: [],
    providers: [],
    token: { id, organisations, roles },
  }
}
