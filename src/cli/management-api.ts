import { readConfig } from '../config.ts'
import { BrokerError } from '../errors.ts'
import type { Problem } from '../types.gen.ts'

/**
 * Calls the management API of the Kontor at KONTOR_URL.
 * @param path  below /api
 * @returns the answer's body; it is what the API's own schema says
 * @throws BrokerError with the sentence of the problem, or one that says that nobody answers there
 */
export async function callManagement<Answer> (method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
  const { url, adminToken } = readConfig(process.env)
  if (url === undefined) throw new BrokerError('configuration', 'KONTOR_URL is not set: where does Kontor listen?')
  if (adminToken === undefined) throw new BrokerError('configuration', 'KONTOR_ADMIN_TOKEN is not set.')
  const reply = await fetch(`${url.replace(/\/+$/, '')}/api/${path}`, {
    method,
    headers: { authorization: `Bearer ${adminToken}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    redirect: 'error',
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  }).catch((error: unknown) => { throw new BrokerError('unavailable', `Kontor does not answer at ${url}.`, { cause: error }) })
  const answer: unknown = await reply.json().catch(() => undefined)
  if (reply.ok && answer !== undefined) return answer as Answer
  // Of another server at that address there is no problem to read.
  const { detail } = (answer ?? {}) as Partial<Problem>
  throw new BrokerError('unavailable', typeof detail === 'string' ? detail : `What listens at ${url} answered ${reply.status} and is no Kontor.`)
}

/** The query of a list: what is not given is left out. */
export function queryOf (values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).flatMap(([name, value]) => value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`])
  return given.length === 0 ? '' : `?${given.join('&')}`
}
