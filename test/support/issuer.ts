// A real OIDC issuer on this machine (oidc-provider) that issues access tokens to machines by the
// client credentials grant.
import { createPrivateKey, sign } from 'node:crypto'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import Provider from 'oidc-provider'
import { basicAuth } from './basic-auth.ts'
import type { Teardown } from './teardown.ts'

export interface TestIssuer {
  readonly url: string
  /** The known machines, each with the extra claims of its tokens. */
  readonly machines: Map<string, Record<string, unknown>>
  /** Requests an access token for one of the machines. */
  tokenOf(machine: string): Promise<string>
  /**
   * A signed token that the issuer would never issue: a valid one with these claims replaced;
   * undefined omits a claim.
   */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
  /** Replaces the signing key; the old one remains published, or does not. */
  rotate(old: 'published' | 'withdrawn'): Promise<void>
  /** How often clients read its keys. */
  keyReads(): number
  /** The signing key as its JSON Web Key Set publishes it. */
  publicKey(): JWK
  /** While the issuer is away, connections to it break. */
  setAway(isAway: boolean): void
}

const secret = 'a secret that only this machine has'

export async function startIssuer(
  t: Teardown,
  machines: Record<string, Record<string, unknown>> = {},
): Promise<TestIssuer> {
  const known = new Map(Object.entries(machines))
  let keys: JWK[] = [await makeKey('key-1')]
  let made = 1
  let reads = 0
  let isAway = false
  let handler: RequestListener = () => {}
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (isAway) {
      request.socket.destroy()
      return
    }
    if (request.url === '/jwks') reads++
    handler(request, response)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  // A TCP server's address is never a string.
  const { port } = server.address() as import('node:net').AddressInfo
  const url = `http://127.0.0.1:${port}`
  const open = () => {
    handler = new Provider(url, configurationOf(keys, known)).callback()
  }
  open()

  return {
    url,
    machines: known,
    keyReads: () => reads,
    publicKey: () => publicOf(keys[0] ?? {}),
    setAway(away) {
      isAway = away
      if (away) server.closeAllConnections()
    },
    async tokenOf(machine) {
      const reply = await fetch(`${url}/token`, {
        method: 'POST',
        headers: {
          authorization: basicAuth(machine, encodeURIComponent(secret)),
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=client_credentials',
      })
      const answer = (await reply.json()) as { access_token?: string }
      if (answer.access_token === undefined)
        throw new Error(`No token for ${machine}: ${JSON.stringify(answer)}`)
      return answer.access_token
    },
    async sign(claims = {}, header = {}) {
      const [key = {}] = keys
      const now = Math.floor(Date.now() / 1_000)
      const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
      // Assembled by hand: a library refuses to sign some invalid tokens.
      const head = { alg: 'ES256', kid: key.kid, typ: 'at+jwt', ...header }
      const times = { iat: now, exp: now + 300 }
      const payload = { iss: url, sub: 'by-hand', aud: 'kontor', ...times, ...claims }
      const text = `${encoded(head)}.${encoded(payload)}`
      const signature = sign('sha256', Buffer.from(text), {
        key: createPrivateKey({ key, format: 'jwk' }),
        dsaEncoding: 'ieee-p1363',
      })
      return `${text}.${signature.toString('base64url')}`
    },
    async rotate(old) {
      const next = await makeKey(`key-${++made}`)
      keys = [next, ...(old === 'published' ? keys.slice(0, 1) : [])]
      open()
    },
  }
}

// JWT access tokens need no storage; without an adapter oidc-provider warns about memory.
class NoStorage {
  async find(): Promise<undefined> {
    return undefined
  }
  async upsert(): Promise<void> {}
  async destroy(): Promise<void> {}
}

function configurationOf(
  keys: readonly JWK[],
  machines: ReadonlyMap<string, Record<string, unknown>>,
): Record<string, unknown> {
  const resource = {
    scope: '',
    audience: 'kontor',
    accessTokenTTL: 300,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  }
  return {
    jwks: { keys },
    adapter: NoStorage,
    clients: Array.from(machines.keys(), (id) => ({
      client_id: id,
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
    })),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:kontor',
        getResourceServerInfo: () => resource,
      },
    },
    ttl: { ClientCredentials: 300 },
    extraTokenClaims: (_context: unknown, { clientId }: { clientId: string }) =>
      machines.get(clientId),
  }
}

async function makeKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' }
}

function publicOf({ d: _private, ...key }: JWK): JWK {
  return key
}
