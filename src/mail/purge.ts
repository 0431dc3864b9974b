import type { Db } from '../db/database.ts'
import { deleteMailsBefore } from './store.ts'

const dayMs = 86_400_000
/**
 * So long mails are kept, sent or not. As long as the row is there, no second mail of the
 * same is written, so this must be longer than Kontor looks back for what to write of.
 */
const mailDays = 30
const batch = 500

/** @returns how many mails it deleted, and whether more may follow at once */
export async function purgeMailsOnce({
  db,
  now,
}: {
  readonly db: Db
  readonly now: () => Date
}): Promise<{ readonly mails: number; readonly isFull: boolean }> {
  const mails = await deleteMailsBefore(db, new Date(now().getTime() - mailDays * dayMs), batch)
  return { mails, isFull: mails === batch }
}
