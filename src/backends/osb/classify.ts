// OSB 2.17, "Responses" of each call and "Orphan Mitigation", as one table. The tests check it by
// ORPH row.
import type { Doubt, Outcome, Refusal, RefusalReason } from '../backend.ts'
import type { Unanswered } from './exchange.ts'
import { Malformed, type Reply } from './reply.ts'

export type ChangingCall = 'provision' | 'update' | 'deprovision' | 'bind' | 'unbind'

/** Takes the result out of a 2xx body. */
export type Reader<Result> = (reply: Reply) => Result | Malformed

type Meaning = 'done' | 'pending' | 'gone' | RefusalReason

/**
 * The statuses of each call in the specification. Three list no 201, so there it is unexpected
 * (X-10).
 */
const ownStatuses: Readonly<Record<ChangingCall, Readonly<Record<number, Meaning>>>> = {
  provision: { 200: 'done', 201: 'done', 202: 'pending', 409: 'conflict' },
  bind: { 200: 'done', 201: 'done', 202: 'pending', 409: 'conflict' },
  update: { 200: 'done', 202: 'pending' },
  deprovision: { 200: 'done', 202: 'pending', 410: 'gone' },
  unbind: { 200: 'done', 202: 'pending', 410: 'gone' },
}

/** The other statuses, for every call. A 408 never reached the broker (ORPH-12). */
const commonStatuses: Readonly<Record<number, RefusalReason>> = {
  400: 'rejected',
  401: 'unauthorized',
  403: 'unauthorized',
  408: 'protocol',
  412: 'incompatible',
  422: 'rejected',
  429: 'rate_limited',
}

/** The error codes of a 422 and the calls that allow them; any other 422 is a plain rejection. */
const errorCodes: Readonly<
  Record<string, { readonly reason: RefusalReason; readonly calls?: readonly ChangingCall[] }>
> = {
  AsyncRequired: { reason: 'async_required' },
  ConcurrencyError: { reason: 'concurrency' },
  RequiresApp: { reason: 'requires_app', calls: ['bind'] },
  MaintenanceInfoConflict: { reason: 'maintenance_info_conflict', calls: ['provision', 'update'] },
}

const sentences: Readonly<Record<RefusalReason, string>> = {
  async_required: 'The provider can do this only asynchronously.',
  concurrency: 'Another operation for this instance is still in progress at the provider.',
  requires_app: 'The provider needs an app to bind to.',
  maintenance_info_conflict: 'The maintenance version is not the one that the provider offers.',
  not_sent: 'The provider could not be reached.',
  rejected: 'The provider rejected the request.',
  conflict: 'The provider knows another resource under this id.',
  rate_limited: 'The provider takes no more requests at the moment.',
  unauthorized: 'The provider does not accept the credentials that are registered for it.',
  incompatible: 'The provider wants another version of the API.',
  not_supported: 'The provider does not support this.',
  protocol: 'The provider gave an answer that the specification does not allow.',
}

/** The outcome of a changing call, from the provider's answer. */
export function classify<Result>(
  call: ChangingCall,
  acceptsIncomplete: boolean,
  reply: Reply,
  read: Reader<Result>,
  nothing: Result,
): Outcome<Result> {
  const { status } = reply
  const meaning =
    status === 422
      ? reasonOf422(call, acceptsIncomplete, reply)
      : (ownStatuses[call][status] ?? commonStatuses[status])
  switch (meaning) {
    case 'gone':
      return { kind: 'done', result: nothing }
    case 'done': {
      const result = read(reply)
      if (!(result instanceof Malformed)) return { kind: 'done', result }
      // ORPH-02: a malformed 200 is a failure with nothing to remove; a malformed 201 may have
      // created something (ORPH-05, ORPH-06).
      return status === 200
        ? refused(call, 'protocol', reply, result)
        : unknown(call, 'malformed', reply, result)
    }
    case 'pending':
      return acceptsIncomplete
        ? pending(call, reply, read)
        : unknown(call, 'unexpected', reply, 'an asynchronous answer that was not allowed')
    case undefined:
      return byStatusClass(call, reply)
    default:
      return refused(call, meaning, reply)
  }
}

/** The outcome of a call without a whole answer: no effect only if nothing was sent (DEC-25). */
export function classifyUnanswered(unanswered: Unanswered): Outcome<never> {
  return unanswered.kind === 'unsent'
    ? {
        kind: 'refused',
        refusal: {
          reason: 'not_sent',
          description: `The provider could not be reached: ${unanswered.why}.`,
        },
      }
    : {
        kind: 'unknown',
        doubt: unanswered.doubt,
        description: `The provider gave no whole answer: ${unanswered.why}.`,
      }
}

function pending<Result>(call: ChangingCall, reply: Reply, read: Reader<Result>): Outcome<Result> {
  const result = read(reply)
  if (result instanceof Malformed) return unknown(call, 'malformed', reply, result)
  // Each schema of an answer has it. Empty, which no poll may carry (POLL-10), it means absent.
  const operation = reply.body?.['operation'] as string | null | undefined
  return {
    kind: 'pending',
    result,
    ...(operation ? { operation } : {}),
    ...(reply.retryAfterSeconds === undefined
      ? {}
      : { retryAfterSeconds: reply.retryAfterSeconds }),
  }
}

function byStatusClass(call: ChangingCall, reply: Reply): Outcome<never> {
  const statusClass = Math.floor(reply.status / 100)
  if (statusClass === 3)
    return refused(call, 'protocol', reply, 'a redirect, which is not followed')
  if (statusClass === 4) return refused(call, 'protocol', reply)
  return unknown(call, statusClass === 5 ? 'server_error' : 'unexpected', reply)
}

function reasonOf422(
  call: ChangingCall,
  acceptsIncomplete: boolean,
  { errorCode }: Reply,
): RefusalReason {
  const known = errorCodeOf(errorCode)
  if (known === undefined || known.calls?.includes(call) === false) return 'rejected'
  // Kontor did allow an asynchronous answer, so sending the same again would not help (DEC-23).
  return known.reason === 'async_required' && acceptsIncomplete ? 'protocol' : known.reason
}

function errorCodeOf(errorCode: string | undefined) {
  return errorCode !== undefined && Object.hasOwn(errorCodes, errorCode)
    ? errorCodes[errorCode]
    : undefined
}

function refused(
  call: ChangingCall,
  reason: RefusalReason,
  reply: Reply,
  detail?: string | Malformed,
): Outcome<never> {
  const own = detail === undefined ? sentences[reason] : sentenceOf(reply, detail)
  // Its words about a success do not explain the fault, and those about Kontor's credentials are
  // not for the user.
  const isOwn = reason === 'unauthorized' || detail instanceof Malformed
  const refusal: Refusal = {
    reason,
    description: isOwn ? own : wordsOf(reply, own, reason),
    status: reply.status,
    ...(reply.retryAfterSeconds === undefined
      ? {}
      : { retryAfterSeconds: reply.retryAfterSeconds }),
    ...flags(call, reply),
  }
  return { kind: 'refused', refusal }
}

function unknown(
  call: ChangingCall,
  doubt: Doubt,
  reply: Reply,
  detail?: string | Malformed,
): Outcome<never> {
  const own = sentenceOf(reply, detail)
  const refusal = flags(call, reply)
  return {
    kind: 'unknown',
    doubt,
    description: detail instanceof Malformed ? own : wordsOf(reply, own),
    status: reply.status,
    ...(Object.keys(refusal).length === 0 ? {} : { refusal }),
  }
}

function sentenceOf({ status }: Reply, detail: string | Malformed | undefined): string {
  const details = detail instanceof Malformed ? detail.problem : detail
  return `The provider answered with ${status}${details === undefined ? '' : `: ${details}`}.`
}

/**
 * The provider's description; without one Kontor's sentence, and the provider's error code unless
 * the sentence says the same.
 */
function wordsOf(
  { description, errorCode, errorWord }: Reply,
  own: string,
  reason?: RefusalReason,
): string {
  if (description !== undefined) return description
  const isExplained = reason !== undefined && errorCodeOf(errorCode)?.reason === reason
  return errorWord === undefined || isExplained ? own : `${own.replace(/\.$/, '')} (${errorWord}).`
}

/** ERR-04, ERR-05: the specification defines these flags only for these calls. */
function flags(
  call: ChangingCall,
  reply: Reply,
): Pick<Refusal, 'instanceUsable' | 'updateRepeatable'> {
  const { instanceUsable, updateRepeatable } = reply
  return {
    ...(instanceUsable !== undefined && (call === 'update' || call === 'deprovision')
      ? { instanceUsable }
      : {}),
    ...(updateRepeatable !== undefined && call === 'update' ? { updateRepeatable } : {}),
  }
}
