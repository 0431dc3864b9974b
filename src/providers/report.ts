import type { Fetched, FetchedBinding, NoAnswer, Outcome, Progress } from '../backends/backend.ts'

/** What a call says of its provider. `neither`: it was cut off by us, so it says nothing. */
export type Report = 'good' | 'neither' | Failing
export type Failing = NoAnswer

export function reportOfOutcome(outcome: Outcome<unknown>): Report {
  if (outcome.kind === 'refused') return outcome.refusal.reason === 'not_sent' ? 'not_sent' : 'good'
  if (outcome.kind !== 'unknown') return 'good'
  // An answer that cannot be used is an answer: the provider is there.
  return outcome.doubt === 'malformed' || outcome.doubt === 'unexpected' ? 'good' : outcome.doubt
}

export function reportOfAsking(answer: Progress | Fetched<unknown> | FetchedBinding): Report {
  return answer.kind === 'unclear' ? (answer.noAnswer ?? 'good') : 'good'
}

/** Of a question with no order behind it: an error is an answer, and says nothing of how orders fare. */
export function reportOfQuestion(answer: Fetched<unknown> | FetchedBinding): Report {
  const report = reportOfAsking(answer)
  return report === 'server_error' ? 'neither' : report
}
