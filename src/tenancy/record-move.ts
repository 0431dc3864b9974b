import { record } from '../audit/record.ts'
import type { AuditEvent } from '../audit/event.ts'
import type { Tx } from '../db/database.ts'

type Moved = Pick<AuditEvent, 'at' | 'actor' | 'objectKind' | 'objectId' | 'platformId'>

/**
 * That something stands below another organisation now: an event about no organisation, which only those see who see all.
 * Who sees the one need not see the other, and of an event that is about either nothing can be left out: its hash covers it.
 * @param from  id of the organisation above; null for none
 */
export async function recordMove(
  tx: Tx,
  moved: Moved,
  from: string | null,
  to: string | null,
): Promise<void> {
  if (from === to) return
  const details = {
    ...(from === null ? {} : { fromOrganisationId: from }),
    ...(to === null ? {} : { toOrganisationId: to }),
  }
  await record(tx, { ...moved, action: 'move', outcome: 'succeeded', details })
}
