import type { Backend, NoAnswer } from '../../backends/backend.ts'
import { noAnswerOfQuestion, type BackendCall, type Interceptor } from '../../backends/intercept.ts'
import type { Circuit, Report } from './circuit.ts'

/** Reports every answer to the provider's circuit, and sends nothing while that is open. */
export function breakCircuit(circuit: Circuit, backend: Pick<Backend, 'progress'>): Interceptor {
  // Some providers that work synchronously never answer a last_operation.
  let answersPolls = false
  return async (call, send) => {
    const { name, type, instance, signal } = call
    if (instance === undefined) return readList(circuit, call, send)
    const { instanceId, serviceId, planId } = instance
    const begun = circuit.begin(instanceId)
    if (begun === undefined) return type.notSent
    let report: Report = 'neither'
    try {
      // An order without an answer is in doubt, so the trial begins with a question.
      if (begun.isTrial && type.kind === 'order' && answersPolls) {
        const answer = await backend.progress(
          { instance: { instanceId, serviceId, planId } },
          signal,
        )
        report = reportOf(noAnswerOfQuestion(answer), signal)
        if (report !== 'good') return type.notSent
      }
      const answer = await send()
      report = reportOf(type.noAnswerOf(answer), signal)
      if (name === 'progress' && answer.kind !== 'unclear') answersPolls = true
      return answer
    } finally {
      begun.report(report)
    }
  }
}

/**
 * The same for questions without an order. They never decide whether a circuit closes, and count
 * against the provider only when nothing answered: a provider that fails to answer a question may
 * still take orders.
 */
export function breakCircuitForQuestions(circuit: Circuit): Interceptor {
  return async (call, send) => {
    const { type, instance, signal } = call
    if (instance === undefined) return readList(circuit, call, send)
    const waitMs = circuit.waitMs()
    if (waitMs !== undefined) return waitMs > 0 ? type.notSent : send()
    const begun = circuit.begin(instance.instanceId)
    if (begun === undefined) return type.notSent
    let report: Report = 'neither'
    try {
      const answer = await send()
      const noAnswer = type.noAnswerOf(answer)
      report = noAnswer === 'server_error' ? 'neither' : reportOf(noAnswer, signal)
      return answer
    } finally {
      begun.report(report)
    }
  }
}

/**
 * A list that can be read ends the wait of an open circuit, but does not close it: a provider often
 * serves its lists from another system than its orders. The catalog is read throughout an outage,
 * because it is the cheapest call and changes nothing.
 */
async function readList<Answer extends { readonly kind: string }>(
  circuit: Circuit,
  { type }: BackendCall<Answer>,
  send: () => Promise<Answer>,
): Promise<Answer> {
  if (type.kind === 'listing' && (circuit.waitMs() ?? 0) > 0) return type.notSent
  const answer = await send()
  if (answer.kind !== 'failed') circuit.hasten()
  return answer
}

// A call that Kontor itself cut off (a stop, a lost claim) says nothing about the provider; an
// answer that came all the same does.
function reportOf(noAnswer: NoAnswer | undefined, signal: AbortSignal): Report {
  if (noAnswer === undefined) return 'good'
  return signal.aborted ? 'neither' : noAnswer
}
