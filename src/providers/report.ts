import type { Fetched, FetchedBinding, Outcome, Progress } from '../backends/backend.ts'

/** What a call says of its provider. `neither`: it was cut off by us, so it says nothing. */
export type Report = 'good' | 'neither' | Failing
export type Failing = 'not_sent' | 'timeout' | 'connection_lost' | 'server_error' | 'unclear'

export function reportOfOutcome (outcome: Outcome<unknown>): Report {
  if (outcome.kind === 'refused') return outcome.refusal.reason === 'not_sent' ? 'not_sent' : 'good'
  if (outcome.kind !== 'unknown') return 'good'
  // An answer that cannot be used is an answer: the provider is there.
  return outcome.doubt === 'malformed' || outcome.doubt === 'unexpected' ? 'good' : outcome.doubt
}

export function reportOfAsking (answer: Progress | Fetched<unknown> | FetchedBinding): Report {
  return answer.kind === 'unclear' ? 'unclear' : 'good'
}
