import type { SignedIn } from '../person.ts'
import type { SessionDeps } from './begin.ts'
import type { Session } from './session.ts'
import { listSessions } from './store.ts'

/** The sessions in which a person is signed in now, the latest first; at most 100. */
export async function currentSessions(
  { db, now, sessionLimits }: Pick<SessionDeps, 'db' | 'now' | 'sessionLimits'>,
  { person }: Pick<SignedIn, 'person'>,
): Promise<Session[]> {
  const at = now()
  const sessions = await listSessions(db, person.id, at)
  return sessions.filter(
    ({ lastUsedAt }) => at.getTime() - lastUsedAt.getTime() < sessionLimits.idleMs,
  )
}
