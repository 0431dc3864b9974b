// Providers under /1, /2, ... that carry out every order at once, until POST /hang makes the last
// one hang. POST /recover lets it answer, also what it has kept waiting.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

export interface TenProvidersOptions {
  readonly providers: number
}

export async function tenProvidersServer({
  providers,
}: TenProvidersOptions): Promise<RequestListener> {
  const waiting = new Set<() => void>()
  let hangs = false
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const [, provider = '', , resource] = (request.url ?? '').split(/[/?]/)
    if (provider === 'hang' || provider === 'recover') {
      hangs = provider === 'hang'
      const left = [...waiting]
      waiting.clear()
      for (const send of left) send()
      respond(response, 200, {})
      return
    }
    if (resource === 'catalog') {
      respond(response, 200, catalogOf(Number(provider)))
      return
    }
    const send = () => {
      respond(response, request.method === 'PUT' ? 201 : 200, {})
    }
    if (!hangs || Number(provider) !== providers) {
      send()
      return
    }
    waiting.add(send)
    response.once('close', () => waiting.delete(send))
  }
  return (request, response) => {
    request.resume().once('end', () => {
      answer(request, response)
    })
  }
}

function respond(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

function catalogOf(provider: number): object {
  const id = (last: number) =>
    `00000000-0000-4000-8000-${String(provider * 100 + last).padStart(12, '0')}`
  const plan = { id: id(1), name: 'standard', description: 'At once.' }
  const service = { id: id(0), name: 'database', description: 'At once.', bindable: true }
  return { services: [{ ...service, plans: [plan] }] }
}
