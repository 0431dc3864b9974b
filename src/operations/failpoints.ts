/**
 * Named points at which a process may die with something half done. The fault harness kills
 * processes there; in production nothing happens at them.
 */
export const failpoints = [
  'intent-written',
  'claimed',
  'before-call',
  'after-call',
  'before-poll',
  'after-poll',
  'before-look-up',
  'after-look-up',
  'before-removal',
  'after-removal',
  'result-written',
  'orphan-claimed',
  'orphan-removed',
  'orphan-written',
] as const

export type Failpoint = (typeof failpoints)[number]

/** Called at each failpoint; may delay, or end the process. */
export type HitFailpoint = (point: Failpoint) => void | Promise<void>
