// The `description` of a running operation in last_operation, for the user.
import type { Usual } from '../durations/estimate.ts'
import type { OperationReport } from '../operation.ts'
import { waitMs } from '../steps/wait.ts'

type Running = Pick<OperationReport, 'state' | 'description' | 'nextStepAt' | 'sentAt'>

/**
 * @param label  the provider's display name
 * @returns never empty; the provider's own description comes first
 */
export function progressMessage(
  { state, description, sentAt }: Running,
  label: string,
  usual: Usual | undefined,
  now: Date,
): string {
  const sentence = description === null ? undefined : withFullStop(description)
  switch (state) {
    case 'accepted':
      return sentence === undefined
        ? `Accepted; waiting for its turn at ${label}.`
        : `${sentence} It will be sent again.`
    case 'calling':
      return sentence === undefined ? `Sent to ${label}.` : `${sentence} It is being sent again.`
    case 'waiting': {
      const time = usual === undefined ? undefined : usualDuration(usual, sentAt, now)
      if (description !== null) return time === undefined ? description : `${description} (${time})`
      return `${label} is working on it${time === undefined ? '' : `; ${time}`}.`
    }
    case 'uncertain':
      return `${sentence ?? `${label} gave no answer.`} Whether it took effect is being found out.`
    case 'compensating':
      return `${sentence ?? `${label}: the order failed.`} What may be left of it is being removed.`
    case 'parked':
    case 'succeeded':
    case 'failed':
      throw new Error(`An operation that is ${state} is not under way.`)
    default:
      return state satisfies never
  }
}

function withFullStop(sentence: string): string {
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`
}

function usualDuration(usual: Usual, sentAt: Date | null, now: Date): string {
  const isLate =
    sentAt !== null && now.getTime() - sentAt.getTime() > 1.5 * usual.ms * Math.exp(usual.spread)
  return `usually ${durationText(usual.ms)}${isLate ? ', this time longer' : ''}`
}

/** Such as "about 5 minutes": rounded as coarsely as the estimate is. */
export function durationText(ms: number): string {
  const seconds = ms / 1_000
  if (seconds < 7.5) return 'a few seconds'
  if (seconds < 57.5) return `about ${roundToFive(seconds)} seconds`
  const minutes = seconds / 60
  if (minutes < 1.5) return 'about a minute'
  if (minutes < 9.5) return `about ${Math.round(minutes)} minutes`
  if (minutes < 57.5) return `about ${roundToFive(minutes)} minutes`
  const hours = minutes / 60
  if (hours < 1.5) return 'about an hour'
  if (hours < 36) return `about ${Math.round(hours)} hours`
  return `about ${Math.round(hours / 24)} days`
}

const roundToFive = (value: number) => Math.round(value / 5) * 5

const momentMs = 500

/**
 * The `Retry-After` of last_operation, in whole seconds from 1 to 60: a moment after Kontor polls
 * the provider. An operation that has just begun and usually takes long need not be polled every
 * second.
 */
export function retryAfterSeconds(
  { state, nextStepAt }: Running,
  usual: Usual | undefined,
  now: Date,
): number {
  const isNew = (state === 'accepted' || state === 'calling') && usual !== undefined
  const newMs = isNew
    ? waitMs({ elapsedMs: 0, usual, floorMs: momentMs, capMs: 60_000, random: 0 })
    : momentMs
  const untilNext = nextStepAt === null ? 0 : nextStepAt.getTime() - now.getTime()
  return Math.min(60, Math.ceil((Math.max(untilNext, newMs) + momentMs) / 1_000))
}
