import { record } from '../audit/record.ts'
import type { AuditEvent } from '../audit/event.ts'
import type { Tx } from '../db/database.ts'

type Moved = Pick<AuditEvent, 'at' | 'actor' | 'objectId' | 'platformId'> & {
  readonly objectKind: 'platform' | 'organisation'
}

/**
 * Records that something has a new parent or owner. The event names no organisation, so only
 * readers with the scope `all` see it: a reader of the old organisation may not see the new one,
 * and no field can be left out of an event because its hash covers them all.
 * @param from  id of the old parent or owner; null for none
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
  await record(tx, { ...moved, action: `${moved.objectKind}.moved`, outcome: 'succeeded', details })
}
