// Descriptions of the routes of the audit log.
import { json, problem, route } from './describe-route.ts'

const time = {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?(Z|[+-]\\d{2}:\\d{2}))?$',
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

export const describeAudit = {
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
    { 200: json('A page of events.', 'audit-page') },
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
