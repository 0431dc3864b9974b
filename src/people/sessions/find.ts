import { batchReads } from '../../db/batch-reads.ts'
import type { SessionDeps } from './begin.ts'
import { sessionPurpose } from './begin.ts'
import { digestedOf, type Session } from './session.ts'
import { listSessionRows, updateLastUse, type SessionRow } from './store.ts'

/** A session with the secret of its cookie, from which the tokens of forms are derived. */
export interface OpenSession extends Session {
  readonly secret: string
}

const cookiePattern =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([\w-]{43})$/
const noteEveryMs = 60_000

/**
 * The session of a cookie. Each request asks the database, so that a session that ended at one
 * process has ended at all; requests of one moment, such as those of all streams, ask together.
 * @param isUse  false: the browser asks by itself, which keeps no session alive
 * @returns undefined for one that has ended, was changed past Kontor, or never was
 */
export type FindSession = (cookie: string, isUse: boolean) => Promise<OpenSession | undefined>

export function createSessionReads({ db, now, vault, sessionLimits }: SessionDeps): FindSession {
  const rowOf = batchReads<string, SessionRow>(
    (ids) => listSessionRows(db, ids),
    (one) => (typeof one === 'string' ? one : one.session.id),
  )
  return async (cookie, isUse) => {
    const [, id, secret] = cookiePattern.exec(cookie) ?? []
    if (id === undefined || secret === undefined) return undefined
    const found = await rowOf(id)
    if (found === undefined) return undefined
    const { lastUsedAt, ...covered } = found.session
    const use = { purpose: sessionPurpose }
    if (!vault.isDigestOf(found.digest, digestedOf(covered, secret), use)) return undefined
    const at = now()
    const unusedMs = at.getTime() - lastUsedAt.getTime()
    if (at >= covered.expiresAt || unusedMs >= sessionLimits.idleMs) return undefined
    // A shorter limit than a minute counts to the second.
    const isNoted = unusedMs < Math.min(noteEveryMs, sessionLimits.idleMs / 2)
    if (isUse && !isNoted) await updateLastUse(db, id, at)
    return { ...found.session, secret }
  }
}
