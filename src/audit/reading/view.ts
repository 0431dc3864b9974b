import type { AuditEventView } from '../../types.gen.ts'
import type { ReadEvent } from './store.ts'

/** An event as the API returns it, with every hashed field, so that readers can check an export. */
export function viewOf({ event, link }: ReadEvent): AuditEventView {
  const {
    id,
    at,
    actor,
    action,
    objectKind,
    objectId,
    outcome,
    organisationId,
    platformId,
    providerId,
    instanceId,
    details,
    uid,
    mac,
  } = event
  return {
    position: link?.position ?? null,
    id,
    at,
    actor,
    action,
    objectKind,
    objectId,
    outcome,
    organisationId,
    platformId,
    providerId,
    instanceId,
    details,
    uid,
    mac: mac?.toString('hex') ?? null,
    linkedAt: link?.linkedAt ?? null,
    hash: link?.hash.toString('hex') ?? null,
  }
}
