// How long an operation stands still when its process died, until another takes it up: measured at the rows, from outside.
import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from './database.ts'

export interface Recovered {
  readonly operationId: string
  readonly cause: string
  readonly tookMs: number
  /** In the wall clock's time, so that it can be found in the logs. */
  readonly atMs: number
  /** The database was away, or no process was up, for a while in between. */
  readonly disturbed: boolean
}

export interface Recovery {
  /** A process has just died: what is claimed now and is not renewed by a living one is watched. */
  begin(cause: string): Promise<void>
  /** For a while nobody could have taken anything up: from here on and still in this moment. */
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

  const look = async (): Promise<void> => {
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
  const looking = (async () => {
    while (!isStopped) {
      await look()
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
        // One that nobody has taken up since an earlier death stands still since then.
        const before = watched.get(row.id)
        if (before?.fencing_token !== row.fencing_token || before.state !== row.state)
          watched.set(row.id, { ...row, cause, sinceMs })
      }
    },
    async stop() {
      isStopped = true
      await looking
    },
  }
}
