import { newOpaqueId } from '../ids.ts'
import type { AccessScope } from './principal.ts'

/** Who calls a verb of the management API, and by which request. */
export interface Caller {
  /** The name that the audit records. */
  readonly actor: string
  /** Whose data the verb may reach for this caller. */
  readonly scope: AccessScope
  /**
   * For log lines only: the audit does not record it. http/auth/caller.ts says where it comes from.
   */
  readonly requestId: string
}

/** The caller of a command that works on the database itself, and so may reach everything. */
export function commandLineCaller(actor: string): Caller {
  return { actor, scope: 'all', requestId: newOpaqueId() }
}
