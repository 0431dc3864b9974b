// How long to wait before the next poll, as a pure function.
import { askedMs } from '../../providers/back-off.ts'
import type { Usual } from '../durations/estimate.ts'

/** What is known of an operation in progress. */
export interface Situation {
  /** Since the call. */
  readonly elapsedMs: number
  /** The `Retry-After` of the last answer. */
  readonly retryAfterMs?: number | undefined
  /** How long such operations usually take, if that was learned. */
  readonly usual?: Usual | undefined
  /** The shortest wait without a Retry-After. */
  readonly floorMs: number
  /** The longest wait without a Retry-After. */
  readonly capMs: number
  /** From 0 to 1, new for each wait. */
  readonly random: number
}

// Spreads the polls of operations that began together.
const jitter = 0.1
const askedJitter = 0.01
const maxAskedJitterMs = 100
// The end is seen after at most a tenth of the time that the operation took, or the floor.
const maxLateShare = 0.1

/**
 * Never shorter than the Retry-After, nor much longer; without one, by how long the operation has
 * taken and usually takes.
 */
export function waitMs(situation: Situation): number {
  const { retryAfterMs, random, floorMs } = situation
  if (retryAfterMs === undefined || !(retryAfterMs > 0))
    return ownMs(situation) * (1 + jitter * random)
  const ms = askedMs(retryAfterMs, floorMs)
  return ms + Math.min(ms * askedJitter, maxAskedJitterMs) * random
}

function ownMs({ elapsedMs, usual, floorMs, capMs }: Situation): number {
  const growingMs = elapsedMs * maxLateShare
  const wanted = usual === undefined ? growingMs : Math.max(untilEnd(elapsedMs, usual), growingMs)
  return Math.max(Math.min(wanted, capMs), floorMs)
}

// Some polls come before the usual end: the operation may fail early, and its user wants to see
// progress.
function untilEnd(elapsedMs: number, { ms, spread }: Usual): number {
  const earliest = ms * Math.exp(-2 * Math.min(Math.max(spread, 0.1), 1))
  return Math.min(earliest - elapsedMs, ms / 3)
}
