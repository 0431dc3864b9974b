import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import { parseHead } from '../../audit/chain/head-text.ts'
import type { ExportFormat } from '../../audit/reading/export-format.ts'
import { exportEvents } from '../../audit/reading/export.ts'
import { lookUpEvents, type EventFilter } from '../../audit/reading/look-up-events.ts'
import type { Reader, ReadingDeps } from '../../audit/reading/reader.ts'
import { BrokerError } from '../../errors.ts'
import type { Directory } from '../../tenancy/directory.ts'
import { requireOrganisation } from '../../tenancy/organisations/resolve-organisation.ts'
import { callerOf } from '../auth/caller.ts'
import { describeAudit as describe } from './describe-audit.ts'
import { pageOf, type Paging } from './paging.ts'

interface Filters extends EventFilter {
  organisation?: string
}

const types = {
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8; header=present',
} as const

/** The audit log: agencies see the events of their organisations, other roles all events. */
export async function auditRoutes(
  app: FastifyInstance,
  deps: ReadingDeps & { readonly directory: Directory },
): Promise<void> {
  app.get<{ Querystring: Filters & Paging }>(
    '/audit/events',
    describe.list,
    async (request, reply) => {
      const { limit, cursor, organisation, ...filter } = request.query
      reply.header('cache-control', 'no-store')
      return lookUpEvents(
        deps,
        await readerOf(request, organisation),
        inTime(filter),
        pageOf({ limit, cursor }),
      )
    },
  )

  app.get<{ Querystring: Filters & { format: ExportFormat; cursor?: string } }>(
    '/audit/export',
    { ...describe.export, exposeHeadRoute: false },
    async (request, reply) => {
      const { format, organisation, cursor, ...filter } = request.query
      const { lines, end } = await exportEvents(
        deps,
        await readerOf(request, organisation),
        inTime(filter),
        format,
        cursor === undefined ? undefined : parseHead(cursor),
      )
      const day = deps.now().toISOString().slice(0, 10)
      reply
        .header('cache-control', 'no-store')
        .header('kontor-audit-end', end)
        .header('content-disposition', `attachment; filename="kontor-audit-${day}.${format}"`)
      return reply.type(types[format]).send(Readable.from(lines, { highWaterMark: 1 }))
    },
  )

  async function readerOf(request: FastifyRequest, asked: string | undefined): Promise<Reader> {
    const { actor, scope } = callerOf(request)
    const within = scope === 'all' ? undefined : scope.organisations
    if (asked === undefined) return { actor, organisations: within }
    const { id } = await requireOrganisation(
      deps.directory,
      scope,
      'organisation',
      asked.toLowerCase(),
    )
    const wanted = deps.directory.subtreeOf(id)
    return {
      actor,
      organisation: id,
      organisations: within?.filter((each) => wanted.has(each)) ?? [...wanted],
    }
  }
}

function inTime(filter: EventFilter): EventFilter {
  const exact = (name: 'from' | 'to') =>
    filter[name] === undefined ? {} : { [name]: timeOf(name, filter[name]) }
  return { ...filter, ...exact('from'), ...exact('to') }
}

// The pattern of the schema allows a 13th month, and years that Postgres cannot store or writes
// otherwise.
function timeOf(name: string, text: string): string {
  const time = new Date(text)
  if (Number.isNaN(time.getTime()))
    throw new BrokerError('invalid_request', `${name} is not a time.`)
  const year = time.getUTCFullYear()
  if (year < 1 || year > 9999)
    throw new BrokerError('invalid_request', `${name} must be in the years 1 to 9999, in UTC.`)
  return time.toISOString()
}
