import { randomBytes } from 'node:crypto'
import { record } from '../../audit/record.ts'
import type { Db } from '../../db/database.ts'
import { newId } from '../../ids.ts'
import { withoutInvisible } from '../../visible-text.ts'
import type { Vault } from '../../vault/vault.ts'
import { actorOf, type Claimed } from '../claimed.ts'
import type { Person } from '../person.ts'
import { digestedOf, keptOf, type Session, type SessionLimits } from './session.ts'
import { deleteExpired, deleteSession, insertSession } from './store.ts'

export interface SessionDeps {
  readonly db: Db
  readonly now: () => Date
  readonly vault: Pick<Vault, 'digest' | 'isDigestOf'>
  readonly sessionLimits: SessionLimits
}

export interface BeginSession {
  readonly person: Person
  readonly claimed: Claimed
  /** The session at the issuer; undefined: it names none. */
  readonly sid: string | undefined
  /** When the person proved at the issuer who it is; 1970: it does not say. */
  readonly authenticatedAt: Date
  readonly userAgent: string
  /** The session that the browser had before, which ends. */
  readonly former: Session | undefined
}

export const sessionPurpose = 'session'
const secretBytes = 32
const maxUserAgent = 300
const expiredAtOnce = 100

/**
 * Begins a session with an id of its own, so that a cookie which another person may have set before
 * the sign-in is worth nothing.
 * @returns the text for the cookie, which nothing else holds
 */
export async function beginSession(deps: SessionDeps, begun: BeginSession): Promise<string> {
  const { db, now, vault, sessionLimits } = deps
  const { person, claimed, former } = begun
  const at = now()
  const secret = randomBytes(secretBytes).toString('base64url')
  const session: Session = {
    id: newId(at),
    personId: person.id,
    issuer: claimed.issuer,
    subject: claimed.subject,
    sid: begun.sid ?? null,
    claimed: keptOf(claimed),
    authenticatedAt: begun.authenticatedAt,
    createdAt: at,
    expiresAt: new Date(at.getTime() + sessionLimits.maxMs),
    userAgent: visible(begun.userAgent),
    lastUsedAt: at,
  }
  const { lastUsedAt: _notCovered, ...covered } = session
  const digest = vault.digest(digestedOf(covered, secret), sessionPurpose)
  await db.transaction().execute(async (tx) => {
    await deleteExpired(tx, at, expiredAtOnce)
    if (former !== undefined) await deleteSession(tx, former.personId, former.id)
    await insertSession(tx, session, digest)
    await record(tx, {
      at,
      actor: actorOf(claimed),
      action: 'session.began',
      objectKind: 'session',
      objectId: session.id,
      outcome: 'succeeded',
    })
  })
  return `${session.id}.${secret}`
}

function visible(text: string): string {
  return withoutInvisible(text)
    .replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, maxUserAgent)
    .toWellFormed()
}
