// An OIDC issuer for the demo, at which one picks who to be. It asks for no password: it listens on
// this machine only, and all its people are invented.
import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type JsonWebKey,
} from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { choicePage } from './choice-page.ts'
import { claimsOf, clientId, configurationOf } from './configuration.ts'
import { demoPeople, type DemoPerson } from './people.ts'

export interface DemoIssuer {
  readonly url: string
  readonly people: readonly DemoPerson[]
  /** The issuer in the form of KONTOR_OIDC_FILE. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Says where Kontor listens, before which no sign-in can end. */
  setKontor(url: string): void
  /** An access token of a person for the management API. */
  tokenOf(person: DemoPerson): string
  stop(): Promise<void>
}

const audience = 'kontor'
const tokenSeconds = 30 * 86_400

export interface DemoIssuerOptions {
  /** Of an earlier start, so that its sessions stay those of this issuer; 0: any free one. */
  readonly port: number
  readonly people?: readonly DemoPerson[]
}

export async function startDemoIssuer({
  port,
  people = demoPeople,
}: DemoIssuerOptions): Promise<DemoIssuer> {
  const server = createServer()
  await listen(server, port).catch(() => listen(server, 0))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(6).toString('hex') }
  const secret = randomBytes(24).toString('base64url')
  let kontor: string | undefined
  const open = () => new Provider(url, configurationOf({ people, key, secret, kontor }))
  let provider = open()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const answer =
      request.url?.startsWith('/choose/') === true
        ? choose(provider, people, request, response)
        : provider.callback()(request, response)
    Promise.resolve(answer).catch(() => {
      if (!response.headersSent) response.writeHead(400, { 'content-type': 'text/plain' })
      response.end('This sign-in has ended. Go back and begin again.\n')
    })
  })
  return {
    url,
    people,
    settings: {
      issuer: url,
      alias: 'demo',
      audience,
      maxTokenAgeSeconds: tokenSeconds,
      rolesClaim: 'roles',
      roles: { operator: 'operator', provider: 'provider', agency: 'agency', auditor: 'auditor' },
      organisationsClaim: 'organisations',
      providersClaim: 'providers',
      client: { id: clientId, secret, label: 'Demo' },
    },
    setKontor(at) {
      kontor = at
      provider = open()
    },
    tokenOf: (person) => tokenOf(url, key, person),
    stop: () =>
      new Promise<void>((done) => {
        server.close(() => {
          done()
        })
        server.closeAllConnections()
      }),
  }
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise<void>((done, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      done()
    })
  })
}

/** Shows the people, and signs in as the one that was picked. */
async function choose(
  provider: Provider,
  people: readonly DemoPerson[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await provider.interactionDetails(request, response)
  const address = new URL(request.url ?? '', 'http://127.0.0.1')
  if (request.method === 'POST') {
    const accountId = address.searchParams.get('as') ?? ''
    if (people.every(({ subject }) => subject !== accountId)) throw new Error('No such person.')
    await provider.interactionFinished(request, response, { login: { accountId } })
    return
  }
  const page = choicePage(people, address.pathname, request.headers['accept-language'] ?? '')
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...page.headers })
  response.end(page.html)
}

function tokenOf(issuer: string, key: JsonWebKey & { kid: string }, person: DemoPerson): string {
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iat = Math.floor(Date.now() / 1_000)
  const claims = { iss: issuer, aud: audience, iat, exp: iat + tokenSeconds, ...claimsOf(person) }
  const text = `${encoded({ alg: 'RS256', typ: 'at+jwt', kid: key.kid })}.${encoded(claims)}`
  const signature = sign('sha256', Buffer.from(text), createPrivateKey({ key, format: 'jwk' }))
  return `${text}.${signature.toString('base64url')}`
}
