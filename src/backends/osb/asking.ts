// The answers to calls that change nothing: last_operation and the two fetches.
import type { Fetched, FetchedBinding, InstanceFacts, NoAnswer, Progress } from '../backend.ts'
import type { Unanswered } from './exchange.ts'
import { readBinding } from './binding.ts'
import { bodyAs, Malformed, type Reply } from './reply.ts'
import { instanceResult } from './messages.ts'

/** POLL-14 to POLL-19: only a 200 with a known state, 410, 404 and 400 say something about it. */
export function progressOf(reply: Reply): Progress {
  const { status, description } = reply
  const wait =
    reply.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: reply.retryAfterSeconds }
  if (status === 410) return { kind: 'gone' }
  if (status === 404 || status === 400)
    return {
      kind: 'missing',
      description: description ?? 'The provider does not know this operation.',
    }
  const body = status === 200 ? bodyAs('last-operation-response', reply) : undefined
  if (body === undefined || body instanceof Malformed)
    return {
      kind: 'unclear',
      description: body === undefined ? refusalOf(reply) : unusable(reply, body),
      ...serverError(reply),
      ...wait,
    }
  switch (body.state) {
    case 'in progress':
      return { kind: 'running', ...(description === undefined ? {} : { description }), ...wait }
    case 'succeeded':
      return { kind: 'succeeded', ...(description === undefined ? {} : { description }) }
    case 'failed':
      return failed(reply)
    default:
      return body.state satisfies never
  }
}

/** The provider's words about Kontor's credentials are not for the user. */
function refusalOf(reply: Reply): string {
  const isUnauthorized = reply.status === 401 || reply.status === 403
  return (isUnauthorized ? undefined : reply.description) ?? unusable(reply)
}

function failed({ description, instanceUsable, updateRepeatable }: Reply): Progress {
  return {
    kind: 'failed',
    description:
      description ?? 'The provider says that the operation failed, and does not say why.',
    ...(instanceUsable === undefined ? {} : { instanceUsable }),
    ...(updateRepeatable === undefined ? {} : { updateRepeatable }),
  }
}

export function instanceFactsOf(reply: Reply): Fetched<InstanceFacts> {
  // GETI-05: the specification lists 422 only for an update in progress.
  return fetchedOf(reply, reply.status === 422, () => {
    const body = bodyAs('instance-response', reply)
    if (body instanceof Malformed) return body
    const {
      service_id: serviceId,
      plan_id: planId,
      parameters,
      maintenance_info: maintenanceInfo,
    } = body
    return {
      ...instanceResult(body),
      ...(serviceId === undefined ? {} : { serviceId }),
      ...(planId === undefined ? {} : { planId }),
      ...(parameters === undefined ? {} : { parameters }),
      ...(maintenanceInfo === undefined ? {} : { maintenanceInfo }),
    }
  })
}

export function bindingFactsOf(
  reply: Reply,
  requires: readonly string[] | undefined,
): FetchedBinding {
  const fetched = fetchedOf(reply, reply.errorCode === 'ConcurrencyError', () =>
    readBinding(reply, requires),
  )
  // A proxy's page may be gone at the next try; JSON that breaks the specification will come again.
  const isInvalid = fetched.kind === 'unclear' && reply.status === 200 && reply.body !== undefined
  return isInvalid ? { kind: 'invalid', description: fetched.description } : fetched
}

function fetchedOf<Facts>(
  reply: Reply,
  isBusy: boolean,
  read: () => Facts | Malformed,
): Fetched<Facts> {
  const { status } = reply
  if (status === 404 || status === 410) return { kind: 'missing' }
  if (status === 405 || status === 501) return { kind: 'unsupported' }
  if (status === 422 && isBusy) return { kind: 'busy' }
  const found = status === 200 ? read() : undefined
  const malformed = found instanceof Malformed ? found : undefined
  if (found !== undefined && malformed === undefined)
    return { kind: 'found', facts: found as Facts }
  return { kind: 'unclear', description: unusable(reply, malformed), ...serverError(reply) }
}

export function unclear(unanswered: Unanswered): {
  kind: 'unclear'
  description: string
  noAnswer: NoAnswer
} {
  return {
    kind: 'unclear',
    description: `The provider gave no answer: ${unanswered.why}.`,
    noAnswer: unanswered.kind === 'unsent' ? 'not_sent' : unanswered.doubt,
  }
}

function serverError({ status }: Reply): { noAnswer?: NoAnswer } {
  return status >= 500 ? { noAnswer: 'server_error' } : {}
}

function unusable({ status }: Reply, malformed?: Malformed): string {
  return `The provider answered with ${status}${malformed ? `: ${malformed.problem}` : ''}.`
}
