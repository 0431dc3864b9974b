// How long to wait before a provider is asked again, as a pure function of what is known.
import { askedMs } from '../../providers/back-off.ts'
import type { Usual } from '../durations/estimate.ts'

/** What is known of an operation that its provider works on. */
export interface Situation {
  /** Since it was sent. */
  readonly elapsedMs: number
  /** What the provider asked for with its last answer, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  /** How long such operations usually take, if that was learned. */
  readonly usual?: Usual | undefined
  /** The shortest wait if the provider does not say. */
  readonly floorMs: number
  /** The longest wait if the provider does not say. */
  readonly capMs: number
  /** From 0 to 1, a new one each time. */
  readonly random: number
}

// So that what began together does not come together again and again.
const jitter = 0.1
const askedJitter = 0.01
const maxAskedJitterMs = 100
// Nobody learns of the end later than after a tenth of the time it took, or the floor.
const share = 0.1

/** Never earlier than the provider asked, nor much later; else by how long it has taken and usually takes. */
export function waitMs(situation: Situation): number {
  const { retryAfterMs, random, floorMs } = situation
  if (retryAfterMs === undefined || !(retryAfterMs > 0))
    return ownMs(situation) * (1 + jitter * random)
  const ms = askedMs(retryAfterMs, floorMs)
  return ms + Math.min(ms * askedJitter, maxAskedJitterMs) * random
}

function ownMs({ elapsedMs, usual, floorMs, capMs }: Situation): number {
  const sinceLong = elapsedMs * share
  const wanted = usual === undefined ? sinceLong : Math.max(untilEnd(elapsedMs, usual), sinceLong)
  return Math.max(Math.min(wanted, capMs), floorMs)
}

// Before it can end it is looked at a few times all the same: it may fail early, and the user wants to see it move.
function untilEnd(elapsedMs: number, { ms, spread }: Usual): number {
  const earliest = ms * Math.exp(-2 * Math.min(Math.max(spread, 0.1), 1))
  return Math.min(earliest - elapsedMs, ms / 3)
}
