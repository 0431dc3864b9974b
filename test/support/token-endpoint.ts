// An OAuth token endpoint over real HTTP(S): it knows one client, and answers with a token or as a
// test says.
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Teardown } from './teardown.ts'

export interface TokenRequest {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly form: Readonly<Record<string, string>>
}

export interface TestTokenEndpoint {
  readonly url: string
  readonly requests: TokenRequest[]
  /** Whether an Authorization header carries an issued token that is not revoked. */
  knows(authorization: string | undefined): boolean
  /** Revokes all tokens issued so far. */
  revoke(): void
  /** Replaces the answer; undefined restores the answer with a token. */
  answer: ((response: ServerResponse) => void) | undefined
  /** Fields added to each answer with a token, replacing those of the same name. */
  more: Record<string, unknown>
}

export async function tokenEndpoint(
  t: Teardown,
  client: { readonly id: string; readonly secret: string },
  tls?: ServerOptions,
): Promise<TestTokenEndpoint> {
  const good = new Set<string>()
  const requests: TokenRequest[] = []
  let given = 0

  // RFC 6749, section 2.3.1, as a server reads it: split first, then decode.
  const isClient = (authorization: string) => {
    const parts = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
      .toString()
      .split(':')
      .map((part) => new URLSearchParams(`part=${part}`).get('part'))
    return parts.length === 2 && parts[0] === client.id && parts[1] === client.secret
  }

  const listener: RequestListener = (message, response) => {
    void message.toArray().then((chunks) => {
      const form = Object.fromEntries(
        new URLSearchParams(Buffer.concat(chunks as Buffer[]).toString()),
      )
      const { authorization } = message.headers
      requests.push({ method: message.method ?? '', path: message.url ?? '', authorization, form })
      if (endpoint.answer !== undefined) return endpoint.answer(response)
      const isKnown =
        authorization === undefined
          ? form['client_id'] === client.id && form['client_secret'] === client.secret
          : isClient(authorization)
      if (!isKnown)
        return answerJson(response, 401, {
          error: 'invalid_client',
          error_description: `not ${client.secret}`,
        })
      if (form['grant_type'] !== 'client_credentials')
        return answerJson(response, 400, { error: 'unsupported_grant_type' })
      const token = `token-${++given}`
      good.add(token)
      answerJson(response, 200, {
        access_token: token,
        token_type: 'Bearer',
        expires_in: 3600,
        ...endpoint.more,
      })
    })
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo // a TCP server's address is never a string
  const endpoint: TestTokenEndpoint = {
    url: `http${tls === undefined ? '' : 's'}://127.0.0.1:${port}/oauth2/token?tenant=a`,
    requests,
    knows: (authorization) => good.has(authorization?.replace(/^Bearer /, '') ?? ''),
    revoke: () => {
      good.clear()
    },
    answer: undefined,
    more: {},
  }
  return endpoint
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body))
}
