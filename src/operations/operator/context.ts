// What the operator's verbs need.
import type { Db } from '../../db/database.ts'
import type { Log } from '../../log.ts'
import type { OpenBackend } from '../context.ts'
import type { OperationHandlers } from '../operation-handler.ts'

export interface OperatorDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
  readonly handlers: OperationHandlers
  readonly metrics: { operationSettled(kind: string, state: string): void }
  readonly config: { readonly inDoubtMs: number }
  openBackend(providerId: string): Promise<OpenBackend>
}
