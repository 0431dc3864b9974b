import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import { parseHead } from '../../audit/chain/head-text.ts'
import type { ExportFormat } from '../../audit/reading/export-format.ts'
import { exportEvents } from '../../audit/reading/export.ts'
import { lookUpEvents, type EventFilter } from '../../audit/reading/look-up-events.ts'
import type { Reader, ReadingDeps } from '../../audit/reading/reader.ts'
import type { Directory } from '../../tenancy/directory.ts'
import { requireOrganisation } from '../../tenancy/organisations/resolve-organisation.ts'
import { csvList } from '../../csv.ts'
import { callerOf } from '../auth/caller.ts'
import { pageOf, type Paging } from './paging.ts'
import { page, problem, route } from './describe-route.ts'
import type { Noun } from './noun.ts'
import { agencyReader } from '../auth/roles.ts'
import { inTime, timePattern } from './time-filter.ts'

/** The audit log: agencies see the events of their organisations, other roles all events. */
export const audit: Noun<ReadingDeps & { readonly directory: Directory }> = {
  tag: {
    name: 'Audit',
    description: 'Who did what to what.',
  },
  permissions: {
    'GET /api/audit/events': agencyReader,
    'GET /api/audit/export': agencyReader,
  },
  addRoutes,
}

const time = {
  type: 'string',
  pattern: timePattern,
}
const text = { type: 'string', minLength: 1, maxLength: 1_000, pattern: '^[^\\u0000]*$' }

const filters = {
  from: { ...time, description: 'From this time on; a day alone begins at midnight UTC.' },
  to: { ...time, description: 'Before this time.' },
  organisation: {
    ...text,
    description: 'Name or id of an organisation; includes those below it.',
  },
  objectKind: text,
  objectId: text,
  actor: text,
  action: {
    ...text,
    description:
      'Such as `platform.created`. Also finds the events that 0.1 stored under its former name.',
  },
  outcome: text,
}
const query = (properties: Record<string, unknown>, required: readonly string[] = []) => ({
  querystring: {
    type: 'object',
    additionalProperties: false,
    required,
    properties: { ...filters, ...properties },
  },
})

const describe = {
  list: route(
    'listAuditEvents',
    'List audit events, newest first; records that they were read',
    query({
      limit: {
        type: 'string',
        pattern: '^([1-9][0-9]{0,2}|1000)$',
        description: 'Maximum number of events on a page: 1 to 1000; 50 by default.',
      },
      cursor: {
        type: 'string',
        pattern: '^[0-9]{1,18}$',
        description: '`next` of the previous page, with the same filters.',
      },
    }),
    { 200: page('A page of events.', 'audit-event') },
  ),
  export: route(
    'exportAudit',
    'Export audit events as one file: without filters in chain order, otherwise oldest ' +
      'first; records the export',
    query(
      {
        format: { enum: ['jsonl', 'csv'] },
        to: {
          ...time,
          description: 'Before this time, which is at least a minute ago; up to now by default.',
        },
        cursor: {
          type: 'string',
          pattern: '^[0-9]{1,15}:[0-9a-f]{64}$',
          description:
            'Events that follow this head of the chain (position:hash), such as ' +
            '`kontor-audit-end` of the previous export. Cannot be combined with filters.',
        },
      },
      ['format'],
    ),
    {
      200: {
        headers: {
          'kontor-audit-end': {
            description:
              'Up to where the file is complete: the head of the chain (position:hash), for ' +
              '`cursor` of the next export; with filters a time, for its `from`.',
            schema: { type: 'string' },
          },
        },
        description:
          'One audit-event per line, or CSV (RFC 4180) with the same columns. A response ' +
          'that breaks off is incomplete.',
        content: {
          'application/x-ndjson': { schema: { type: 'string' } },
          'text/csv': { schema: { type: 'string' } },
        },
      },
      409: problem('The head in `cursor` is not part of the chain.'),
    },
  ),
} as const

interface Filters extends EventFilter {
  organisation?: string
}

const types = {
  jsonl: 'application/x-ndjson',
  csv: csvList,
} as const

async function addRoutes(
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
