import type { Fetched, FetchedBinding, NoAnswer, Outcome, Progress } from '../backends/backend.ts'

/** What a call says of its provider. `neither`: it was cut off by us, so it says nothing. */
export type Report = 'good' | 'neither' | Failing
export type Failing = NoAnswer

export function reportOfOutcome (outcome: Outcome<unknown>): Report {
  if (outcome.kind === 'refused') return outcome.refusal.reason === 'not_sent' ? 'not_sent' : 'good'
  if (outcome.kind !== 'unknown') return 'good'
  // An answer that cannot be used is an answer: the provider is there.
  return outcome.doubt === 'malformed' || outcome.doubt === 'unexpected' ? 'good' : outcome.doubt
}

export function reportOfAsking (answer: Progress | Fetched<unknown> | FetchedBinding): Report {
  return answer.kind === 'unclear' ? answer.noAnswer ?? 'good' : 'good'
}
