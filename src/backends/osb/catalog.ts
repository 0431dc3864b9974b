// The catalog in a provider's answer, or why it cannot be used, as a sentence for an operator.
import type { CatalogRead, CatalogValidators } from '../backend.ts'
import type { Answer, Exchanged, Limits } from './exchange.ts'
import { headerOf } from './reply.ts'

/** Both validators where both are known: brokers differ in which one they use. */
export function conditionalHeaders(known: CatalogValidators | undefined): Record<string, string> {
  return {
    ...(known?.etag === undefined ? {} : { 'if-none-match': known.etag }),
    ...(known?.lastModified === undefined ? {} : { 'if-modified-since': known.lastModified }),
  }
}

export function catalogOf(
  exchanged: Exchanged,
  isConditional: boolean,
  limits: Limits,
): CatalogRead {
  const bytes = exchanged.kind === 'unsent' ? 0 : exchanged.bytes
  const failed = (description: string): CatalogRead => ({
    kind: 'failed',
    description,
    ...(bytes === 0 ? {} : { bytes }),
  })
  if (exchanged.kind !== 'answered')
    return failed(('forOperator' in exchanged ? exchanged.forOperator : undefined) ?? exchanged.why)
  const { status } = exchanged
  // ETAG-05: a 304 is useless without a copy.
  if (status === 304)
    return isConditional
      ? { kind: 'unchanged' }
      : failed('answered "not modified" (304) though Kontor had sent no validator')
  if (status !== 200) return failed(problemOf(status))
  if (exchanged.body === undefined)
    return failed(`the answer is longer than ${limits.maxBytes} bytes`)
  return { kind: 'changed', body: exchanged.body, validators: validatorsOf(exchanged) }
}

function validatorsOf({ headers }: Answer): CatalogValidators {
  const etag = sendable(headerOf(headers, 'etag'))
  const lastModified = sendable(headerOf(headers, 'last-modified'))
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  }
}

/** A validator that cannot be sent back would make every later read fail. */
function sendable(text: string | undefined): string | undefined {
  return text !== undefined && /^[\x20-\x7e]+$/.test(text) ? text : undefined
}

function problemOf(status: number): string {
  if (status === 401 || status === 403) return `Kontor signed in with wrong credentials (${status})`
  if (status === 404) return 'there is no catalog at this address (404)'
  if (status === 412) return 'the provider wants another version of the API (412)'
  if (status >= 300 && status < 400)
    return `answered with a redirect (${status}), which is not followed`
  return `answered with ${status}`
}
