import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { readConfig } from '../config.ts'
import { BrokerError } from '../errors.ts'
import type { Problem } from '../types.gen.ts'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/**
 * Calls the management API of the Kontor at KONTOR_URL.
 * @param path  below /api
 * @param idempotencyKey  sent again with the same request, that is carried out once
 * @returns the answer's body as the API's schema describes it; undefined for 204
 * @throws BrokerError with the problem's detail, or `unavailable` if no server answers
 */
export async function callManagement<Answer>(
  method: Method,
  path: string,
  body?: object,
  idempotencyKey?: string,
): Promise<Answer> {
  const { reply, url } = await ask(method, path, body, idempotencyKey)
  if (reply.status === 204) return undefined as Answer
  const answer: unknown = await reply.json().catch(() => undefined)
  if (reply.ok && answer !== undefined) return answer as Answer
  throw problemOf(answer, reply, url)
}

/**
 * Like `callManagement`, for a download: writes it to standard output, as fast as that takes it.
 * @param type  the required media type
 * @returns the headers of the answer; undefined: the reader of the pipe closed it before the end
 * @throws BrokerError also `unavailable` when the download breaks off
 */
export async function printDownload(path: string, type: string): Promise<Headers | undefined> {
  const { reply, url } = await ask('GET', path)
  if (
    !reply.ok ||
    reply.body === null ||
    reply.headers.get('content-type')?.startsWith(type) !== true
  )
    throw problemOf(await reply.json().catch(() => undefined), reply, url)
  try {
    await pipeline(Readable.fromWeb(reply.body as ReadableStream), process.stdout, { end: false })
    return reply.headers
  } catch (error) {
    // For example `kontor audit export | head`.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return undefined
    throw new BrokerError('unavailable', 'The download broke off: the output is incomplete.', {
      cause: error,
    })
  }
}

async function ask(
  method: Method,
  path: string,
  body?: object,
  idempotencyKey?: string,
): Promise<{ readonly reply: Response; readonly url: string }> {
  const { url, token, adminToken } = readConfig(process.env)
  if (url === undefined)
    throw new BrokerError(
      'configuration',
      'KONTOR_URL is not set. Set it to the address of your Kontor.',
    )
  const bearer = token ?? adminToken
  if (bearer === undefined)
    throw new BrokerError('configuration', 'Neither KONTOR_TOKEN nor KONTOR_ADMIN_TOKEN is set.')
  const reply = await fetch(`${url.replace(/\/+$/, '')}/api/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    redirect: 'error',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new BrokerError('unavailable', `Kontor does not answer at ${url}.`, { cause: error })
  })
  return { reply, url }
}

// Another server at that address answers without a problem document.
function problemOf(answer: unknown, reply: Response, url: string): BrokerError {
  const { detail } = (answer ?? {}) as Partial<Problem>
  return new BrokerError(
    'unavailable',
    typeof detail === 'string'
      ? detail
      : `The server at ${url} answered ${reply.status} and is not a Kontor.`,
  )
}

/** A query string of the values that are given. */
export function queryOf(values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  return given.length === 0 ? '' : `?${given.join('&')}`
}
