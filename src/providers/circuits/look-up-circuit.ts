import type { Db } from '../../db/database.ts'
import type { CircuitView } from './circuit.ts'
import { staleMs } from './record-circuits.ts'
import { listCircuits } from './store.ts'

const latest = (dates: readonly Date[]): Date | undefined =>
  dates.toSorted((a, b) => b.getTime() - a.getTime())[0]

/** A provider's circuit over all live processes: the worst of its states. */
export async function lookUpCircuit(db: Db, providerId: string): Promise<CircuitView> {
  const records = await listCircuits(db, providerId, staleMs)
  const open = records.filter(({ state }) => state === 'open')
  const waiting = open.filter(({ isDue }) => !isDue)
  const worst = waiting.length > 0 ? waiting : open
  const [first] = worst.toSorted((a, b) => a.since.getTime() - b.since.getTime())
  if (first === undefined)
    return {
      state: 'closed',
      since: latest(records.map(({ since }) => since)),
      until: undefined,
      reason: undefined,
    }
  return {
    state: waiting.length > 0 ? 'open' : 'half_open',
    since: first.since,
    until: latest(worst.flatMap(({ until }) => until ?? [])),
    reason: first.reason ?? undefined,
  }
}
