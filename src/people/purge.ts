import { BrokerError } from '../errors.ts'
import type { Db, Tx } from '../db/database.ts'
import { assertUnchanged } from '../vault/sealed-rows/write-sealed.ts'
import { deleteInvitation, listEnded as listEndedInvitations } from './invitations/store.ts'
import type { SessionLimits } from './sessions/session.ts'
import { deleteEnded } from './sessions/store.ts'
import { deleteToken, listEnded as listEndedTokens } from './tokens/store.ts'

export interface PurgeDeps {
  readonly db: Db
  readonly now: () => Date
  readonly sessionLimits: SessionLimits
}

/** How many rows of each kind were deleted. */
export interface Purged {
  readonly sessions: number
  readonly tokens: number
  readonly invitations: number
  /** Whether more may follow at once. */
  readonly isFull: boolean
}

const dayMs = 86_400_000
// So long people see in their lists what has ended.
const keptMs = 90 * dayMs
const sessionKeptMs = dayMs
const atOnce = 100

/**
 * Deletes a portion of what has ended: sessions a day after, tokens and invitations 90 days after.
 * The audit log keeps what was done about them. A row that was changed past Kontor stays for an
 * operator to look at.
 */
export async function purgeEnded({ db, now, sessionLimits }: PurgeDeps): Promise<Purged> {
  const at = now().getTime()
  const before = new Date(at - keptMs)
  const tokens = await listEndedTokens(db, before, atOnce)
  const invitations = await listEndedInvitations(db, before, atOnce)
  const deletedTokens = await deleteEach(db, 'api_tokens', tokens, deleteToken)
  const deletedInvitations = await deleteEach(db, 'invitations', invitations, deleteInvitation)
  const sessions = await deleteEnded(
    db,
    new Date(at - sessionKeptMs),
    new Date(at - sessionKeptMs - sessionLimits.idleMs),
    atOnce,
  )
  return {
    sessions,
    tokens: deletedTokens,
    invitations: deletedInvitations,
    // A portion of which nothing could be deleted would come again at once.
    isFull: [sessions, deletedTokens, deletedInvitations].includes(atOnce),
  }
}

/** Each in a transaction of its own, so that no other change waits for a portion. */
async function deleteEach(
  db: Db,
  table: 'api_tokens' | 'invitations',
  ids: readonly string[],
  deleteOne: (tx: Tx, id: string) => Promise<boolean>,
): Promise<number> {
  let deleted = 0
  for (const id of ids)
    try {
      const isDeleted = await db.transaction().execute(async (tx) => {
        await assertUnchanged(tx, table, { id })
        return deleteOne(tx, id)
      })
      if (isDeleted) deleted++
    } catch (error) {
      if (!(error instanceof BrokerError && error.code === 'conflict')) throw error
    }
  return deleted
}
