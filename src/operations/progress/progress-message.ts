// What last_operation says of an operation that is under way, in words of its user.
import type { Usual } from '../durations/estimate.ts'
import type { OperationReport } from '../operation.ts'
import { waitMs } from '../steps/wait.ts'

type Running = Pick<OperationReport, 'state' | 'description' | 'nextStepAt' | 'sentAt'>

/**
 * @param label  the provider's name for people
 * @returns never empty; what the provider says of it comes first
 */
export function progressText(
  { state, description, sentAt }: Running,
  label: string,
  usual: Usual | undefined,
  now: Date,
): string {
  const said = description === null ? undefined : ended(description)
  switch (state) {
    case 'accepted':
      return said === undefined
        ? `Accepted; waiting for its turn at ${label}.`
        : `${said} It will be sent again.`
    case 'calling':
      return said === undefined ? `Sent to ${label}.` : `${said} It is being sent again.`
    case 'waiting': {
      const time = usualText(usual, sentAt, now)
      if (description !== null) return time === undefined ? description : `${description} (${time})`
      return `${label} is working on it${time === undefined ? '' : `; ${time}`}.`
    }
    case 'uncertain':
      return `${said ?? `${label} gave no answer.`} Whether it took effect is being found out.`
    case 'compensating':
      return `${said ?? `${label}: the order failed.`} What may be left of it is being removed.`
    case 'parked':
    case 'succeeded':
    case 'failed':
      throw new Error(`An operation that is ${state} is not under way.`)
    default:
      return state satisfies never
  }
}

function ended(sentence: string): string {
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`
}

function usualText(usual: Usual | undefined, sentAt: Date | null, now: Date): string | undefined {
  if (usual === undefined) return undefined
  const isLate =
    sentAt !== null && now.getTime() - sentAt.getTime() > 1.5 * usual.ms * Math.exp(usual.spread)
  return `usually ${durationText(usual.ms)}${isLate ? ', this time longer' : ''}`
}

/** Such as "about 5 minutes": no more exact than anybody can know it. */
export function durationText(ms: number): string {
  const seconds = ms / 1_000
  if (seconds < 7.5) return 'a few seconds'
  if (seconds < 57.5) return `about ${toFives(seconds)} seconds`
  const minutes = seconds / 60
  if (minutes < 1.5) return 'about a minute'
  if (minutes < 9.5) return `about ${Math.round(minutes)} minutes`
  if (minutes < 57.5) return `about ${toFives(minutes)} minutes`
  const hours = minutes / 60
  if (hours < 1.5) return 'about an hour'
  if (hours < 36) return `about ${Math.round(hours)} hours`
  return `about ${Math.round(hours / 24)} days`
}

const toFives = (value: number) => Math.round(value / 5) * 5

const momentMs = 500

/**
 * When it is worth asking again, in whole seconds from 1 to 60: a moment after we ourselves ask the provider. What has
 * only just begun and usually takes long is not worth asking for every second.
 */
export function askAgainSeconds(
  { state, nextStepAt }: Running,
  usual: Usual | undefined,
  now: Date,
): number {
  const isYoung = (state === 'accepted' || state === 'calling') && usual !== undefined
  const youngMs = isYoung
    ? waitMs({ elapsedMs: 0, usual, floorMs: momentMs, capMs: 60_000, random: 0 })
    : momentMs
  const untilNext = nextStepAt === null ? 0 : nextStepAt.getTime() - now.getTime()
  return Math.min(60, Math.ceil((Math.max(untilNext, youngMs) + momentMs) / 1_000))
}
