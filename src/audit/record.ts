import type { DbOrTx } from '../db/database.ts'
import { newId } from '../ids.ts'
import { vaultOf } from '../vault/vault.ts'
import { exactTime, macOf } from './digests.ts'
import type { AuditEvent, Details, Sealable } from './event.ts'
import { insertEvent } from './store.ts'

/** For what the audit log derives from the vault. */
export const auditPurpose = 'audit log'

/**
 * Keeps who did what to which object with which outcome, in the transaction that did it; of what was only read, by itself.
 * It is sealed here and now, with a key that the database does not have, and linked into the chain after the commit
 * (chain/link.ts), so that no order waits for another.
 */
export async function record(tx: DbOrTx, event: AuditEvent): Promise<void> {
  const sealable: Sealable = {
    uid: newId(event.at),
    at: exactTime(event.at),
    // What Postgres would otherwise replace: then the seal would not fit.
    actor: event.actor.toWellFormed(),
    action: event.action,
    objectKind: event.objectKind,
    objectId: event.objectId.toWellFormed(),
    outcome: event.outcome,
    organisationId: event.organisationId ?? null,
    platformId: event.platformId ?? null,
    providerId: event.providerId ?? null,
    instanceId: event.instanceId?.toWellFormed() ?? null,
    details: event.details === undefined ? null : wellFormed(event.details),
  }
  await insertEvent(tx, sealable, macOf(vaultOf(tx).keyFor(auditPurpose), sealable))
}

function wellFormed(details: Details): Details {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.toWellFormed() : value,
    ]),
  )
}
