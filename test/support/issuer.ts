// A real OIDC issuer on this machine: oidc-provider, giving machines access tokens by the client credentials grant.
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
import type { Teardown } from './kontor.ts'

export interface TestIssuer {
  readonly url: string
  /** What a token of a machine says besides; machines are known by being named here. */
  readonly machines: Map<string, Record<string, unknown>>
  /** An access token for one of the machines, as the issuer gives it. */
  tokenOf(machine: string): Promise<string>
  /** A token that the issuer signed, but would never give: a good one with these claims instead; undefined leaves one out. */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
  /** Signs with a new key from now on. The old one is published on, or is not. */
  rotate(old: 'published' | 'taken back'): Promise<void>
  /** How often its keys were read. */
  keyReads(): number
  /** What its JSON Web Key Set holds of the key it signs with. */
  publicKey(): JWK
  /** While it is away connections to it break. */
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
  const { port } = server.address() as import('node:net').AddressInfo // a TCP server's address is never a string
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
      // By hand: a library would not sign everything that a wrong issuer might.
      const text = `${encoded({ alg: 'ES256', kid: key.kid, typ: 'at+jwt', ...header })}.${encoded({ iss: url, sub: 'by-hand', aud: 'kontor', iat: now, exp: now + 300, ...claims })}`
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

// Access tokens that are JWTs are not kept; without an adapter of its own each issuer warns that it keeps things in memory.
class NothingKept {
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
    adapter: NothingKept,
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
