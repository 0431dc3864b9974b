import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Visibility } from '../../access/visibility/visibility.ts'
import type { Encoding, ServedCatalog } from '../../catalog/serve.ts'
import { platformOf } from '../admit.ts'

/** GET /v2/catalog: the part that the platform may see, as bytes rendered in advance, or 304. */
export function sendCatalog(visibility: Visibility) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> => {
    const served = visibility.servedTo(platformOf(request).id)
    return served instanceof Promise
      ? served.then((ready) => send(ready, request, reply))
      : send(served, request, reply)
  }
}

function send(served: ServedCatalog, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { body, etag, encoding } =
    served.representations[encodingOf(request.headers['accept-encoding'])]
  reply
    .header('etag', etag)
    .header('vary', 'accept-encoding, authorization')
    .header('cache-control', 'private, no-cache')
  if (served.lastModified !== undefined) reply.header('last-modified', dateOf(served.lastModified))
  if (isFresh(request, served)) return reply.code(304).send()
  if (encoding !== 'identity') reply.header('content-encoding', encoding)
  return reply.type('application/json; charset=utf-8').send(body)
}

const dates = new WeakMap<Date, string>()

function dateOf(lastModified: Date): string {
  const known = dates.get(lastModified)
  if (known !== undefined) return known
  const text = lastModified.toUTCString()
  dates.set(lastModified, text)
  return text
}

// RFC 9110: If-None-Match wins over If-Modified-Since, and compares weakly.
function isFresh(request: FastifyRequest, served: ServedCatalog): boolean {
  const tags = request.headers['if-none-match']
  if (tags !== undefined) {
    return (
      tags.trim() === '*' || (tags.match(/"[^"]*"/g) ?? []).some((tag) => served.etags.has(tag))
    )
  }
  const since = request.headers['if-modified-since']
  // Date.parse accepts much that is no HTTP date; a client that sends such gets the full response.
  if (since === undefined || !/^[A-Z][a-z]+, .+ GMT$/.test(since)) return false
  const date = Date.parse(since)
  return (
    !Number.isNaN(date) &&
    served.lastModified !== undefined &&
    served.lastModified.getTime() <= date
  )
}

/** The smallest encoding that the client accepts; q=0 means that it does not. */
function encodingOf(accepted: string | string[] | undefined): Encoding {
  if (accepted === undefined) return 'identity'
  const names = new Map(
    (Array.isArray(accepted) ? accepted.join(',') : accepted)
      .toLowerCase()
      .split(',')
      .map((part) => {
        const [name = '', ...settings] = part.split(';').map((word) => word.trim())
        const quality = settings.find((word) => word.startsWith('q='))?.slice(2)
        return [name, quality === undefined ? 1 : Number(quality)] as const
      }),
  )
  const accepts = (name: string) => (names.get(name) ?? names.get('*') ?? 0) > 0
  return accepts('br') ? 'br' : accepts('gzip') ? 'gzip' : 'identity'
}
