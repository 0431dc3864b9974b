import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Visibility } from '../../access/visibility/visibility.ts'
import type { CatalogBody, Encoding, ServedCatalog } from '../../catalog/serve.ts'
import { platformOf } from '../admit.ts'

/** GET /v2/catalog: the part that the platform may see, as bytes rendered in advance, or 304. */
export function sendCatalog(visibility: Visibility) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> => {
    const served = visibility.servedTo(platformOf(request))
    return served instanceof Promise
      ? served.then((ready) => send(ready, request, reply))
      : send(served, request, reply)
  }
}

function send(
  served: ServedCatalog,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | Promise<FastifyReply> {
  const encoding = encodingOf(request.headers['accept-encoding'])
  reply
    .header('etag', served.etags[encoding])
    .header('vary', 'accept-encoding, authorization')
    .header('cache-control', 'private, no-cache')
  if (served.lastModified !== undefined)
    reply.header('last-modified', httpDate(served.lastModified))
  if (isFresh(request, served)) return reply.code(304).send()
  if (encoding !== 'identity') reply.header('content-encoding', encoding)
  reply.type('application/json; charset=utf-8')
  const body = served.body(encoding)
  if (Buffer.isBuffer(body)) return reply.send(body)
  return body instanceof Promise
    ? body.then((ready) => sendBody(ready, request, reply))
    : sendBody(body, request, reply)
}

// Each catalog keeps its date, and writing one out takes longer than looking it up.
const httpDates = new WeakMap<Date, string>()

function httpDate(date: Date): string {
  const known = httpDates.get(date)
  if (known !== undefined) return known
  const text = date.toUTCString()
  httpDates.set(date, text)
  return text
}

function sendBody(body: CatalogBody, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (Buffer.isBuffer(body)) return reply.send(body)
  reply.header('content-length', body.length)
  // fastify reads the stream of a HEAD to its end.
  return reply.send(request.method === 'HEAD' ? Readable.from([]) : body.open())
}

// RFC 9110: If-None-Match wins over If-Modified-Since, and compares weakly.
function isFresh(request: FastifyRequest, served: ServedCatalog): boolean {
  const tags = request.headers['if-none-match']
  // A client that has any representation has this catalog.
  const { identity, gzip } = served.etags
  if (tags !== undefined) {
    return (
      tags.trim() === '*' ||
      (tags.match(/"[^"]*"/g) ?? []).some((tag) => tag === identity || tag === gzip)
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

/** gzip if the client accepts it; q=0 means that it does not. */
function encodingOf(accepted: string | string[] = ''): Encoding {
  // What most clients send needs no parsing.
  if (accepted === '' || accepted === 'gzip') return accepted === '' ? 'identity' : 'gzip'
  let gzip: number | undefined
  let any = 0
  for (const [, name, settings = ''] of String(accepted).matchAll(codings)) {
    const [, quality = '1'] = /;\s*q=([^;]*)/i.exec(settings) ?? []
    if (name === '*') any = Number(quality)
    else gzip = Number(quality)
  }
  return (gzip ?? any) > 0 ? 'gzip' : 'identity'
}

const codings = /(?<=^|,)\s*(gzip|\*)\s*(;[^,]*)?(?=,|$)/gi
