import { record } from '../../audit/record.ts'
import type { Db, Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { SignedIn } from '../person.ts'
import {
  deleteSession,
  deleteSessionsAtIssuer,
  deleteSessionsOfOldKeys,
  type AtIssuer,
} from './store.ts'

export interface EndDeps {
  readonly db: Db
  readonly now: () => Date
}

/**
 * Ends a session of a person, at its own wish.
 * @throws BrokerError `not_found` for one that has ended or is another person's
 */
export async function endSession(
  { db, now }: EndDeps,
  { person, caller }: Pick<SignedIn, 'person' | 'caller'>,
  id: string,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    if (!(await deleteSession(tx, person.id, id)))
      throw new BrokerError('not_found', 'There is no such session.')
    await recordEnd(tx, now(), caller.actor, id)
  })
}

/** Ends the sessions that an issuer says have ended. @returns how many */
export async function endSessionsAtIssuer(
  { db, now }: EndDeps,
  alias: string,
  ended: AtIssuer,
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const sessions = await deleteSessionsAtIssuer(tx, ended)
    for (const { id, subject } of sessions)
      await recordEnd(tx, now(), `oidc:${alias}:${subject}`, id)
    return sessions.length
  })
}

/**
 * Ends the sessions under former digest keys, which may have leaked: those people sign in again. No
 * digest can be made again, for only the browsers have the secrets.
 */
export async function endSessionsOfOldKeys(
  db: Db,
  prefix: Buffer,
): Promise<{ rewrapped: number; skipped: number; damaged: [] }> {
  return { rewrapped: await deleteSessionsOfOldKeys(db, prefix), skipped: 0, damaged: [] }
}

async function recordEnd(tx: Tx, at: Date, actor: string, id: string): Promise<void> {
  await record(tx, {
    at,
    actor,
    action: 'session.ended',
    objectKind: 'session',
    objectId: id,
    outcome: 'succeeded',
  })
}
