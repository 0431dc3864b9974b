// The one list of a back end's calls. What belongs around every call (circuit, redaction, metrics)
// is an interceptor; a new method of the contract needs a line here, and no interceptor.
import type {
  Backend,
  CatalogRead,
  Fetched,
  FetchedBinding,
  InstanceFacts,
  InstanceRef,
  Listed,
  NoAnswer,
  Outcome,
  Progress,
} from './backend.ts'

/**
 * What a call means for the provider:
 *  - `order`     creates or changes something, so without an answer its outcome is unknown
 *  - `removal`   removes something, and may be repeated
 *  - `question`  asks about an instance, a binding or an operation
 *  - `catalog` and `listing`  read a list, which the provider may serve from another system than
 *    its orders
 */
interface CallType<Answer> {
  readonly kind: 'order' | 'removal' | 'question' | 'catalog' | 'listing'
  /** The answer to a call that Kontor does not send, because the provider's circuit is open. */
  readonly notSent: Answer
  /** Why the provider gave no answer; undefined when it gave one, be it an error. */
  noAnswerOf(answer: Answer): NoAnswer | undefined
}

/** A method of the contract that reaches the provider. */
type CallName = Exclude<keyof Backend, 'certificateExpiresAt' | 'passingSecrets' | 'close'>

/** One call, as an interceptor sees it. */
export interface BackendCall<Answer> {
  readonly name: CallName
  readonly type: CallType<Answer>
  /** Absent for a catalog and a listing, which are about no single instance. */
  readonly instance?: InstanceRef
  readonly signal: AbortSignal
}

/** Answers a call, by `send` or without sending anything. */
export type Interceptor = <Answer extends { readonly kind: string }>(
  call: BackendCall<Answer>,
  send: () => Promise<Answer>,
) => Promise<Answer>

const description = 'The provider is not called at present, because it has failed again and again.'

const order: CallType<Outcome<never>> = {
  kind: 'order',
  notSent: { kind: 'refused', refusal: { reason: 'not_sent', description } },
  noAnswerOf(outcome) {
    if (outcome.kind === 'refused')
      return outcome.refusal.reason === 'not_sent' ? 'not_sent' : undefined
    if (outcome.kind !== 'unknown') return undefined
    // An answer that cannot be used is an answer: the provider is there.
    return outcome.doubt === 'malformed' || outcome.doubt === 'unexpected'
      ? undefined
      : outcome.doubt
  },
}
const removal = { ...order, kind: 'removal' } as const

export function noAnswerOfQuestion(
  answer: Progress | Fetched<unknown> | FetchedBinding,
): NoAnswer | undefined {
  return answer.kind === 'unclear' ? answer.noAnswer : undefined
}
const question = {
  kind: 'question',
  notSent: { kind: 'unclear', description, noAnswer: 'not_sent' },
  noAnswerOf: noAnswerOfQuestion,
} as const
const poll: CallType<Progress> = question
const fetchInstance: CallType<Fetched<InstanceFacts>> = question
const fetchBinding: CallType<FetchedBinding> = question

const failed = { kind: 'failed', description } as const
const catalog: CallType<CatalogRead> = {
  kind: 'catalog',
  notSent: failed,
  noAnswerOf: () => undefined,
}
const listing: CallType<Listed> = { kind: 'listing', notSent: failed, noAnswerOf: () => undefined }

/** The back end with `intercept` around each of its calls; what that answers is the answer. */
export function interceptBackend(backend: Backend, intercept: Interceptor): Backend {
  const { certificateExpiresAt } = backend
  return {
    ...interceptChanges(backend, intercept),
    ...interceptQuestions(backend, intercept),
    ...interceptLists(backend, intercept),
    ...(certificateExpiresAt === undefined ? {} : { certificateExpiresAt }),
    close: () => backend.close(),
  }
}

type Changes = Pick<Backend, 'provision' | 'update' | 'deprovision' | 'bind' | 'unbind'>
type Questions = Pick<Backend, 'progress' | 'fetchInstance' | 'fetchBinding'>
type Lists = Pick<Backend, 'catalog' | 'listInstances'>

function interceptChanges(backend: Backend, intercept: Interceptor): Changes {
  return {
    provision: (instance, signal) =>
      intercept({ name: 'provision', type: order, instance, signal }, () =>
        backend.provision(instance, signal),
      ),
    update: (instance, signal) =>
      intercept({ name: 'update', type: order, instance, signal }, () =>
        backend.update(instance, signal),
      ),
    deprovision: (instance, signal) =>
      intercept({ name: 'deprovision', type: removal, instance, signal }, () =>
        backend.deprovision(instance, signal),
      ),
    bind: (binding, signal) =>
      intercept({ name: 'bind', type: order, instance: binding, signal }, () =>
        backend.bind(binding, signal),
      ),
    unbind: (binding, signal) =>
      intercept({ name: 'unbind', type: removal, instance: binding, signal }, () =>
        backend.unbind(binding, signal),
      ),
  }
}

function interceptQuestions(backend: Backend, intercept: Interceptor): Questions {
  return {
    progress: (query, signal) =>
      intercept({ name: 'progress', type: poll, instance: query.instance, signal }, () =>
        backend.progress(query, signal),
      ),
    fetchInstance: (instance, signal) =>
      intercept({ name: 'fetchInstance', type: fetchInstance, instance, signal }, () =>
        backend.fetchInstance(instance, signal),
      ),
    fetchBinding: (binding, signal) =>
      intercept({ name: 'fetchBinding', type: fetchBinding, instance: binding, signal }, () =>
        backend.fetchBinding(binding, signal),
      ),
  }
}

function interceptLists(backend: Backend, intercept: Interceptor): Lists {
  const { listInstances } = backend
  return {
    catalog: (known, signal) =>
      intercept({ name: 'catalog', type: catalog, signal }, () => backend.catalog(known, signal)),
    ...(listInstances && {
      listInstances: (page, signal) =>
        intercept({ name: 'listInstances', type: listing, signal }, () =>
          listInstances.call(backend, page, signal),
        ),
    }),
  }
}
