import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer } from './call.ts'
import { deliver } from './deliver.ts'
import { isAllowed, readHeaders } from './headers.ts'
import { serveInspection } from './inspect.ts'
import type { Inspected } from './inspect.ts'
import { Refusal } from './refusal.ts'
import { splitPath } from './route.ts'
import { serveBroker } from './serve.ts'
import type { Counter } from './serve.ts'
import type { RequestRecord, SimulatorOptions } from './types.ts'

export interface EntryPoint {
  options: SimulatorOptions
  counter: Counter
  inspected: Inspected
  lastRequests: RequestRecord[]
}

const keptRequests = 200

/** Answers any request; never rejects. */
export async function answerRequest(
  entryPoint: EntryPoint,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { path, query } = splitTarget(req.url ?? '/', entryPoint.options.pathPrefix ?? '')
  const entry: RequestRecord = {
    method: req.method ?? '',
    path,
    query: Object.fromEntries(query),
    headers: readHeaders(req),
    body: null,
    endpoint: null,
    status: null,
  }
  // Requests that inspect the simulator would push the broker's requests out of the list.
  if (!path.startsWith('/_simulator/')) keepRequest(entryPoint.lastRequests, entry)
  try {
    await route(entryPoint, req, res, entry, query)
  } catch (error) {
    // Aborted by stop(), or the client went away.
    if (entryPoint.counter.signal.aborted || res.destroyed || res.headersSent) return
    const refusal =
      error instanceof Refusal ? error : new Refusal(500, 'The simulator itself failed.')
    if (!(error instanceof Refusal)) console.error(error)
    deliver(res, { status: refusal.status, body: refusal.body })
    entry.status = refusal.status
  }
}

async function route(
  entryPoint: EntryPoint,
  req: IncomingMessage,
  res: ServerResponse,
  entry: RequestRecord,
  query: URLSearchParams,
): Promise<void> {
  const { options } = entryPoint
  const identity = req.headers['x-broker-api-request-identity']
  if (typeof identity === 'string' && identity !== '')
    res.setHeader('X-Broker-API-Request-Identity', identity)
  const [first, second] = entry.path.split('/').slice(1)
  const isInspection = first === '_simulator'
  if (isInspection && second === 'healthz') return deliver(res, answer(200, { status: 'ok' }))
  if (first === 'dashboard')
    return deliver(res, {
      status: 200,
      body: dashboard,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    })
  // Before everything else: a client without credentials must not learn which ids exist.
  if (!(isInspection && options.openInspection === true) && !isAllowed(req, options)) {
    res.setHeader(
      'WWW-Authenticate',
      options.bearerToken === undefined ? 'Basic realm="simulator"' : 'Bearer',
    )
    throw new Refusal(401, 'The credentials are missing or wrong.')
  }
  const segments = splitPath(entry.path)
  if (isInspection) return deliver(res, await serveInspection(entryPoint.inspected, req, segments))
  if (first !== 'v2' && first !== 'inventory') throw new Refusal(404, 'There is no such endpoint.')
  await serveBroker(entryPoint.counter, req, res, entry, { segments, query })
}

function splitTarget(target: string, prefix: string): { path: string; query: URLSearchParams } {
  const cut = target.indexOf('?')
  const whole = cut < 0 ? target : target.slice(0, cut)
  const path = whole.startsWith(`${prefix}/`) ? whole.slice(prefix.length) : '/'
  return { path, query: new URLSearchParams(cut < 0 ? '' : target.slice(cut + 1)) }
}

function keepRequest(ring: RequestRecord[], entry: RequestRecord): void {
  ring.push(entry)
  if (ring.length > keptRequests) ring.shift()
}

// The same for every id: the dashboard_url must lead somewhere, but asks for no password, so it
// must reveal nothing.
const dashboard = Buffer.from('Simulated dashboard. Nothing real is behind it.\n')
