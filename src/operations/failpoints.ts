/**
 * The places where a process may die with something half done, by name. The fault harness ends a process at each of
 * them, many times; nothing else does anything there.
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
  'settled',
  'orphan-claimed',
  'orphan-removed',
  'orphan-settled',
] as const

export type Failpoint = (typeof failpoints)[number]

/** Called whenever a point is reached; may take its time, or end the process. */
export type HitFailpoint = (point: Failpoint) => void | Promise<void>
