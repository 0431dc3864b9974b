import type { InstanceTimeline, OrderTimeline } from '../types.gen.ts'
import { table } from './print.ts'

/** Prints who did what, oldest first. */
export function printTimeline(timeline: OrderTimeline | InstanceTimeline, json?: true): void {
  if (json === true) return console.log(JSON.stringify(timeline, null, 2))
  const rows = timeline.entries.map(({ at, code, by, values }) => [
    at,
    code,
    by === null ? '-' : (by.name ?? by.id),
    Object.entries(values)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(' '),
  ])
  console.log(table([['AT', 'WHAT', 'BY', 'MORE'], ...rows]))
  if (timeline.expectedEnd !== null) console.log(`Expected end: ${timeline.expectedEnd}`)
}
