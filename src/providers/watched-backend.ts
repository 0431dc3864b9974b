import type { Backend, Outcome } from '../backends/backend.ts'
import type { Circuit } from './circuit.ts'
import { reportOfAsking, reportOfOutcome, type Report } from './report.ts'

/** A back end whose every answer is reported to its provider's circuit, and which sends nothing while that is open. */
export function watchBackend (backend: Backend, circuit: Circuit): Backend {
  async function watched<Answer> (instanceId: string, signal: AbortSignal, call: () => Promise<Answer>, judge: (answer: Answer) => Report, unsent: Answer): Promise<Answer> {
    const report = circuit.begin(instanceId)
    if (report === undefined) return unsent
    let said: Report = 'neither'
    try {
      const answer = await call()
      const judged = judge(answer)
      // A stop or a lost claim cut it off, which says nothing of the provider; an answer that came all the same does.
      said = judged !== 'good' && signal.aborted ? 'neither' : judged
      return answer
    } finally {
      await report(said)
    }
  }
  const changing = <Result>(instanceId: string, signal: AbortSignal, call: () => Promise<Outcome<Result>>) => watched(instanceId, signal, call, reportOfOutcome, notSent)

  return {
    // Read on through an outage: the cheapest call there is, it changes nothing, and that it works again is a sign of
    // life. No more than a sign: a provider often serves its catalog from elsewhere, so orders are tried before it counts.
    async catalog (known, signal) {
      const read = await backend.catalog(known, signal)
      if (read.kind !== 'failed') circuit.hasten()
      return read
    },
    provision: (order, signal) => changing(order.instanceId, signal, () => backend.provision(order, signal)),
    update: (order, signal) => changing(order.instanceId, signal, () => backend.update(order, signal)),
    deprovision: (order, signal) => changing(order.instanceId, signal, () => backend.deprovision(order, signal)),
    bind: (order, signal) => changing(order.instanceId, signal, () => backend.bind(order, signal)),
    unbind: (order, signal) => changing(order.instanceId, signal, () => backend.unbind(order, signal)),
    progress: (query, signal) => watched(query.instance.instanceId, signal, () => backend.progress(query, signal), reportOfAsking, unclear),
    fetchInstance: (instance, signal) => watched(instance.instanceId, signal, () => backend.fetchInstance(instance, signal), reportOfAsking, unclear),
    fetchBinding: (binding, signal) => watched(binding.instanceId, signal, () => backend.fetchBinding(binding, signal), reportOfAsking, unclear),
    close: () => backend.close()
  }
}

const description = 'The provider is not called at present, because it has failed again and again.'
const notSent: Outcome<never> = { kind: 'refused', refusal: { reason: 'not_sent', description } }
const unclear = { kind: 'unclear', description } as const
