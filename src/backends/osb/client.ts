// Sends requests to one broker: its address, its headers, its credentials, its limits.
import { defaultAnswerCaps } from '../../config.ts'
import type { Networks } from '../../networks.ts'
import type { OsbCredentials, OsbSettings } from '../../types.gen.ts'
import { expiryOf } from '../client-certificate.ts'
import type { Exchanged, Limits, Unanswered } from './exchange.ts'
import { cleanerFor, readReply, type Reply } from './reply.ts'
import type { OsbRequest } from './messages.ts'
import { signInAt } from './sign-in.ts'
import { connectionsTo, headersOf, pathOf, prefixOf } from './target.ts'
import { tokenEndpointOf } from './token-request.ts'

export interface OsbClient {
  ask(request: OsbRequest, signal: AbortSignal): Promise<Reply | Unanswered>
  /** Reads a catalog or a listing, which have limits of their own; the answer comes unread. */
  readList(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Exchanged>
  /** The path of the broker's address, without /v2. */
  readonly prefix: string
  readonly listLimits: Limits
  readonly certificateExpiresAt: Date | undefined
  /** @see Backend.passingSecrets */
  readonly passingSecrets: (() => readonly string[]) | undefined
  close(): Promise<void>
}

export function createOsbClient(
  settings: OsbSettings,
  credentials: OsbCredentials,
  networks: Networks,
): OsbClient {
  const { limits, listLimits } = limitsOf(settings)
  const maxSeconds = Math.max(limits.timeoutSeconds, listLimits.timeoutSeconds)
  const clientCertificate =
    'clientCertificate' in credentials ? credentials.clientCertificate : undefined
  const connectTo = (url: string) =>
    connectionsTo(url, networks, { ca: settings.tlsCa, clientCertificate }, maxSeconds)
  const connections = connectTo(settings.url)
  const endpoint =
    'tokenUrl' in credentials
      ? tokenEndpointOf(credentials, connectTo(credentials.tokenUrl), maxSeconds)
      : undefined
  const signIn = signInAt(connections, credentials, endpoint)
  const prefix = prefixOf(settings.url)
  const headersFor = headersOf(settings)
  const clean = cleanerFor(
    'tokenUrl' in credentials ? [settings.url, credentials.tokenUrl] : [settings.url],
    signIn.secrets,
  )
  let closed: Promise<unknown> | undefined
  return {
    prefix,
    listLimits,
    certificateExpiresAt: clientCertificate && expiryOf(clientCertificate),
    passingSecrets: signIn.passing,
    async ask(request, signal) {
      const { method, segments, query, body, context = {} } = request
      const path = pathOf(prefix, segments, query)
      const headers = headersFor(context)
      const call =
        body === undefined
          ? { method, path, headers }
          : { method, path, headers: { ...headers, ...json }, body: JSON.stringify(body) }
      const exchanged = await signIn.send(call, limits, signal)
      return exchanged.kind === 'answered' ? readReply(exchanged, clean) : exchanged
    },
    readList: (path, headers, signal) =>
      signIn.send(
        { method: 'GET', path, headers: { ...headersFor({}), ...headers } },
        listLimits,
        signal,
      ),
    async close() {
      // undici calls a second close an error.
      closed ??= Promise.all([connections.close(), endpoint?.connections.close()])
      await closed
    },
  }
}

const json = { 'content-type': 'application/json' }

function limitsOf(settings: OsbSettings): { limits: Limits; listLimits: Limits } {
  return {
    limits: {
      timeoutSeconds: settings.timeoutSeconds ?? 50,
      maxBytes: settings.maxResponseBytes ?? defaultAnswerCaps.maxResponseBytes,
    },
    listLimits: {
      timeoutSeconds: settings.catalogTimeoutSeconds ?? 20,
      maxBytes: settings.maxCatalogBytes ?? defaultAnswerCaps.maxCatalogBytes,
    },
  }
}
