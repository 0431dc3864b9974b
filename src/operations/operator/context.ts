// What the operator's verbs need.
import type { Db } from '../../db/database.ts'
import type { Log } from '../../log.ts'
import type { BackendPool } from '../../providers/backend-pool.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { OperationHandlers } from '../operation-handler.ts'

export interface OperatorDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
  readonly handlers: OperationHandlers
  readonly metrics: Pick<Metrics, 'count'>
  readonly config: { readonly inDoubtMs: number }
  readonly backends: Pick<BackendPool, 'open'>
}
