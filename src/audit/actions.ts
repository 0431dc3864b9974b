/** Every act that is recorded. docs/audit.md tells what each is done to, and with which outcomes. */
export const auditActions = [
  // of platforms
  'provision',
  'update',
  'deprovision',
  'bind',
  'unbind',
  'read credentials',
  // of Kontor itself
  'late-provision',
  'late-update',
  'late-deprovision',
  'late-bind',
  'late-unbind',
  'remove-orphan',
  'publish catalog',
  // of people and machines at the management API
  'register',
  'create',
  'change',
  'drain',
  'remove',
  'refresh',
  'reconcile',
  'acknowledge',
  'suspend',
  'resume',
  'retire',
  'move',
  'map',
  'unmap',
  'issue credentials',
  'revoke credentials',
  'operation.retry',
  'operation.settle',
  'operation.abandon',
  'orphan.remove',
  'orphan.forget',
  'read audit',
  'export audit',
  'call',
  // at the command line
  'rotate keys',
  'forget key',
] as const

export type AuditAction = (typeof auditActions)[number]
