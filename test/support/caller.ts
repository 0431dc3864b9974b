// Calls over HTTP.
import { request, type Dispatcher } from 'undici'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  // A test's assertions state the shape that it expects.
  // eslint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

export type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Reply>

/**
 * Calls of one client. `headers` go with each call, unless their value is ''; `dispatcher` holds
 * its connections.
 */
export function caller(
  base: string,
  headers: Record<string, string>,
  dispatcher?: Dispatcher,
): Call {
  return async (method, path, body, more = {}) => {
    const all = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
      ...more,
    }
    const reply = await request(`${base}${path}`, {
      method: method as 'GET',
      ...(dispatcher === undefined ? {} : { dispatcher }),
      headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await reply.body.text()
    return { status: reply.statusCode, headers: reply.headers, text, body: parsed(text) }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
