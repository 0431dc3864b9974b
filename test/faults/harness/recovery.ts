// Measures from the rows how long the operations of a dead process stand still until another one
// takes over.
import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from './database.ts'

export interface Recovered {
  readonly operationId: string
  readonly cause: string
  readonly tookMs: number
  /** In wall-clock time, to find it in the logs. */
  readonly atMs: number
  /** The database was away or no process was up for a while meanwhile. */
  readonly disturbed: boolean
}

export interface Recovery {
  /** A process has just died: watches every claim that no living process renews. */
  begin(cause: string): Promise<void>
  /** No process could have taken over from here on until now. */
  disturb(): void
  readonly recovered: readonly Recovered[]
  /** How many are still watched. */
  readonly pending: number
  stop(): Promise<void>
}

interface Row {
  id: string
  fencing_token: number
  state: string
  lease: string | null
}
interface Watched extends Row {
  readonly cause: string
  readonly sinceMs: number
}

const everyMs = 200

export function watchRecovery(database: Database): Recovery {
  const watched = new Map<string, Watched>()
  const recovered: Recovered[] = []
  let disturbedMs = -Infinity
  let isStopped = false

  const check = async (): Promise<void> => {
    if (watched.size === 0) return
    const rows = await database.read<Row>(
      'select id, fencing_token, state, lease_until::text as lease from operations where id = any($1::uuid[])',
      [[...watched.keys()]],
    )
    const nowMs = performance.now()
    for (const row of rows) {
      const before = watched.get(row.id)
      if (before === undefined) continue
      if (row.fencing_token !== before.fencing_token || row.state !== before.state) {
        recovered.push({
          operationId: row.id,
          cause: before.cause,
          tookMs: Math.round(nowMs - before.sinceMs),
          atMs: Date.now(),
          disturbed: disturbedMs >= before.sinceMs,
        })
        watched.delete(row.id)
      } else if (row.lease !== before.lease) {
        watched.delete(row.id) // renewed: its process lives
      }
    }
  }
  const checking = (async () => {
    while (!isStopped) {
      await check()
      await delay(everyMs)
    }
  })()

  return {
    recovered,
    disturb() {
      disturbedMs = performance.now()
    },
    get pending() {
      return watched.size
    },
    async begin(cause) {
      const sinceMs = performance.now()
      const rows = await database.read<Row>(
        "select id, fencing_token, state, lease_until::text as lease from operations where lease_until is not null and state not in ('succeeded', 'failed', 'parked')",
      )
      for (const row of rows) {
        // An operation that stands still since an earlier death keeps its start.
        const before = watched.get(row.id)
        if (before?.fencing_token !== row.fencing_token || before.state !== row.state)
          watched.set(row.id, { ...row, cause, sinceMs })
      }
    },
    async stop() {
      isStopped = true
      await checking
    },
  }
}
