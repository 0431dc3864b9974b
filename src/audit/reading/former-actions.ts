import type { AuditAction } from '../actions.ts'

/** How Kontor 0.1 named an action. Its events keep that name, because their seals cover it. */
export interface FormerAction {
  readonly action: string
  /** Given where 0.1 used the same word for several kinds of object. */
  readonly objectKind?: string
}

const formerActions: Readonly<Partial<Record<AuditAction, FormerAction>>> = {
  'instance.provision': { action: 'provision' },
  'instance.update': { action: 'update' },
  'instance.deprovision': { action: 'deprovision' },
  'binding.bind': { action: 'bind' },
  'binding.unbind': { action: 'unbind' },
  'credentials.read': { action: 'read credentials' },
  'instance.completed-late': { action: 'late-provision' },
  'instance.updated-late': { action: 'late-update' },
  'instance.removed-late': { action: 'late-deprovision' },
  'binding.completed-late': { action: 'late-bind' },
  'binding.removed-late': { action: 'late-unbind' },
  'orphan.removed': { action: 'remove-orphan' },
  'catalog.published': { action: 'publish catalog' },
  'provider.registered': { action: 'register' },
  'provider.changed': { action: 'change', objectKind: 'provider' },
  'provider.drained': { action: 'drain' },
  'provider.removed': { action: 'remove', objectKind: 'provider' },
  'provider.refreshed': { action: 'refresh' },
  'provider.reconciled': { action: 'reconcile' },
  'finding.acknowledged': { action: 'acknowledge' },
  'organisation.created': { action: 'create', objectKind: 'organisation' },
  'organisation.changed': { action: 'change', objectKind: 'organisation' },
  'organisation.moved': { action: 'move', objectKind: 'organisation' },
  'organisation.suspended': { action: 'suspend', objectKind: 'organisation' },
  'organisation.resumed': { action: 'resume', objectKind: 'organisation' },
  'organisation.retired': { action: 'retire', objectKind: 'organisation' },
  'platform.created': { action: 'create', objectKind: 'platform' },
  'platform.changed': { action: 'change', objectKind: 'platform' },
  'platform.moved': { action: 'move', objectKind: 'platform' },
  'platform.suspended': { action: 'suspend', objectKind: 'platform' },
  'platform.resumed': { action: 'resume', objectKind: 'platform' },
  'platform.retired': { action: 'retire', objectKind: 'platform' },
  // 0.1 did not say whether a mapping was new, so both names find its events.
  'mapping.created': { action: 'map' },
  'mapping.changed': { action: 'map' },
  'mapping.removed': { action: 'unmap' },
  'credentials.issued': { action: 'issue credentials' },
  'credentials.revoked': { action: 'revoke credentials' },
  'visibility-rule.created': { action: 'create', objectKind: 'visibility_rule' },
  'visibility-rule.changed': { action: 'change', objectKind: 'visibility_rule' },
  'visibility-rule.removed': { action: 'remove', objectKind: 'visibility_rule' },
  'quota.created': { action: 'create', objectKind: 'quota' },
  'quota.changed': { action: 'change', objectKind: 'quota' },
  'quota.removed': { action: 'remove', objectKind: 'quota' },
  'operation.retried': { action: 'operation.retry' },
  'operation.settled': { action: 'operation.settle' },
  'operation.abandoned': { action: 'operation.abandon' },
  'orphan.removal-requested': { action: 'orphan.remove' },
  'orphan.forgotten': { action: 'orphan.forget' },
  'audit.read': { action: 'read audit' },
  'audit.exported': { action: 'export audit' },
  'request.refused': { action: 'call' },
  'key.rotated': { action: 'rotate keys' },
  'key.forgotten': { action: 'forget key' },
}

// A map, because a filter may name any property that every object has, such as `constructor`.
const byAction: ReadonlyMap<string, FormerAction> = new Map(Object.entries(formerActions))

/** @returns undefined for an action that 0.1 did not have, or a name that 0.2 does not use */
export function formerActionOf(action: string): FormerAction | undefined {
  return byAction.get(action)
}
