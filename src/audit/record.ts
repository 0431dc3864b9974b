import type { DbOrTx } from '../db/database.ts'
import { writePart, type Part } from '../db/parts.ts'
import { newId } from '../ids.ts'
import { vaultOf } from '../vault/vault.ts'
import { exactTime, macOf } from './digests.ts'
import type { AuditEvent, Details, Sealable } from './event.ts'
import { insertEvent } from './store.ts'

/** The purpose for which the vault derives the audit log's key: another text, another key. */
export const auditPurpose = 'audit log'

/**
 * Records who did what to which object with which outcome, in the transaction of the act; a read
 * has none. The event is sealed with a key that the database does not hold, and linked into the
 * chain after the commit (chain/link.ts), so that orders do not wait for one another.
 */
export async function record(tx: DbOrTx, event: AuditEvent): Promise<void> {
  await writePart(tx, recorded(tx, event))
}

/**
 * The same as part of the statement that carries out the act.
 * @param db  on which the statement will run
 */
export function recorded(db: DbOrTx, event: AuditEvent): Part {
  const sealable: Sealable = {
    uid: newId(event.at),
    at: exactTime(event.at),
    // The driver replaces lone surrogates, so the stored text would not match its seal.
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
  return insertEvent(sealable, macOf(vaultOf(db).keyFor(auditPurpose), sealable))
}

function wellFormed(details: Details): Details {
  const formed: Record<string, Details[string]> = {}
  for (const [name, value] of Object.entries(details))
    formed[name] = typeof value === 'string' ? value.toWellFormed() : value
  return formed
}
