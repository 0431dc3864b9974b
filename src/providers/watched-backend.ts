import type { Backend, InstanceRef, Listed, Outcome } from '../backends/backend.ts'
import type { Circuit } from './circuit.ts'
import { reportOfAsking, reportOfOutcome, reportOfQuestion, type Report } from './report.ts'

/** A back end whose every answer is reported to its provider's circuit, and which sends nothing while that is open. */
export function watchBackend(backend: Backend, circuit: Circuit): Backend {
  // Whether this provider answers a last_operation at all; some that work synchronously do not.
  let canBeAsked = false

  async function watched<Answer>(
    instanceId: string,
    signal: AbortSignal,
    call: () => Promise<Answer>,
    judge: (answer: Answer) => Report,
    unsent: Answer,
    askFirst?: () => Promise<Report>,
  ): Promise<Answer> {
    const begun = circuit.begin(instanceId)
    if (begun === undefined) return unsent
    let said: Report = 'neither'
    // A stop or a lost claim cut it off, which says nothing of the provider; an answer that came all the same does.
    const heard = (report: Report): Report =>
      report !== 'good' && signal.aborted ? 'neither' : report
    try {
      if (begun.isTrial && canBeAsked && askFirst !== undefined) {
        said = heard(await askFirst())
        if (said !== 'good') return unsent
      }
      const answer = await call()
      said = heard(judge(answer))
      return answer
    } finally {
      await begun.report(said)
    }
  }

  const deleting = <Result>(
    { instanceId }: InstanceRef,
    signal: AbortSignal,
    call: () => Promise<Outcome<Result>>,
  ) => watched(instanceId, signal, call, reportOfOutcome, notSent)
  // An order that is sent and gets no answer is lost, so a question must be answered first when the provider is tried.
  const ordering = <Result>(
    instance: InstanceRef,
    signal: AbortSignal,
    call: () => Promise<Outcome<Result>>,
  ) => {
    const { instanceId, serviceId, planId } = instance
    const askFirst = async () =>
      reportOfAsking(
        await backend.progress({ instance: { instanceId, serviceId, planId } }, signal),
      )
    return watched(instanceId, signal, call, reportOfOutcome, notSent, askFirst)
  }
  const asking = <Answer extends Parameters<typeof reportOfAsking>[0]>(
    { instanceId }: InstanceRef,
    signal: AbortSignal,
    call: () => Promise<Answer>,
  ) => watched<Answer | typeof unclear>(instanceId, signal, call, reportOfAsking, unclear)

  return {
    // Read on through an outage: the cheapest call there is, it changes nothing, and that it works again is a sign of
    // life. No more than a sign: a provider often serves its catalog from elsewhere, so orders are tried before it counts.
    async catalog(known, signal) {
      const read = await backend.catalog(known, signal)
      if (read.kind !== 'failed') circuit.hasten()
      return read
    },
    provision: (order, signal) => ordering(order, signal, () => backend.provision(order, signal)),
    update: (order, signal) => ordering(order, signal, () => backend.update(order, signal)),
    deprovision: (order, signal) =>
      deleting(order, signal, () => backend.deprovision(order, signal)),
    bind: (order, signal) => ordering(order, signal, () => backend.bind(order, signal)),
    unbind: (order, signal) => deleting(order, signal, () => backend.unbind(order, signal)),
    async progress(query, signal) {
      const progress = await asking(query.instance, signal, () => backend.progress(query, signal))
      canBeAsked ||= progress.kind !== 'unclear'
      return progress
    },
    fetchInstance: (instance, signal) =>
      asking(instance, signal, () => backend.fetchInstance(instance, signal)),
    fetchBinding: (binding, signal) =>
      asking(binding, signal, () => backend.fetchBinding(binding, signal)),
    close: () => backend.close(),
  }
}

/** What may be asked of a provider while no order is behind it. */
export type Questions = Pick<Backend, 'fetchInstance' | 'fetchBinding' | 'listInstances'>

/**
 * The same for questions with no order behind them. Such a one never decides whether a circuit closes, and counts against
 * the provider only when nothing answered: that it has no answer to a question does not mean that it takes no orders.
 */
export function watchQuestions(backend: Backend, circuit: Circuit): Questions {
  async function ask<Answer extends Parameters<typeof reportOfQuestion>[0]>(
    { instanceId }: InstanceRef,
    signal: AbortSignal,
    call: () => Promise<Answer>,
  ): Promise<Answer | typeof unclear> {
    const waitMs = circuit.waitMs()
    if (waitMs !== undefined) return waitMs > 0 ? unclear : call()
    const begun = circuit.begin(instanceId)
    if (begun === undefined) return unclear
    let said: Report = 'neither'
    try {
      const answer = await call()
      const report = reportOfQuestion(answer)
      said = report !== 'good' && signal.aborted ? 'neither' : report
      return answer
    } finally {
      await begun.report(said)
    }
  }
  return {
    fetchInstance: (instance, signal) =>
      ask(instance, signal, () => backend.fetchInstance(instance, signal)),
    fetchBinding: (binding, signal) =>
      ask(binding, signal, () => backend.fetchBinding(binding, signal)),
    ...(backend.listInstances === undefined
      ? {}
      : { listInstances: (page, signal) => list(backend, circuit, page, signal) }),
  }
}

// A listing, like a catalog, may come from elsewhere: no more than a sign of life.
async function list(
  backend: Backend,
  circuit: Circuit,
  page: string | undefined,
  signal: AbortSignal,
): Promise<Listed> {
  if ((circuit.waitMs() ?? 0) > 0) return { kind: 'failed', description }
  const listed = (await backend.listInstances?.(page, signal)) ?? {
    kind: 'failed',
    description: 'The provider has no listing',
  }
  if (listed.kind === 'page') circuit.hasten()
  return listed
}

const description = 'The provider is not called at present, because it has failed again and again.'
const notSent: Outcome<never> = { kind: 'refused', refusal: { reason: 'not_sent', description } }
const unclear = { kind: 'unclear', description, noAnswer: 'not_sent' } as const
