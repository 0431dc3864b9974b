// As describe.ts, for the audit log.
import { json, problem, route } from './describe.ts'

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
    description: 'Name or id of an organisation; those below it count too.',
  },
  objectKind: text,
  objectId: text,
  actor: text,
  action: text,
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
    'Who did what, newest first. That it was read is recorded',
    query({
      limit: {
        type: 'string',
        pattern: '^([1-9][0-9]{0,2}|1000)$',
        description: 'How many at most: 1 to 1000, 50 if it is not said.',
      },
      cursor: {
        type: 'string',
        pattern: '^[0-9]{1,18}$',
        description: '`next` of the page before, with the same filters.',
      },
    }),
    { 200: json('A page of them.', 'audit-page') },
  ),
  export: route(
    'exportAudit',
    'Who did what, as one file: without a filter in the order of the chain, otherwise oldest first. That it was taken out is recorded',
    query(
      {
        format: { enum: ['jsonl', 'csv'] },
        to: {
          ...time,
          description: 'Before this time, a minute ago or longer. Without it: up to now.',
        },
        cursor: {
          type: 'string',
          pattern: '^[0-9]{1,15}:[0-9a-f]{64}$',
          description:
            'Continue the chain after this head (position:hash), such as `kontor-audit-end` of the export before. Excludes filters.',
        },
      },
      ['format'],
    ),
    {
      200: {
        headers: {
          'kontor-audit-end': {
            description:
              "How far nothing is missing in the file: the head of the chain (position:hash), for the next one's `cursor`; with filters a time, for its `from`.",
            schema: { type: 'string' },
          },
        },
        description:
          'An audit-event a line, or a CSV (RFC 4180) of the same columns. An answer that breaks off is not whole.',
        content: {
          'application/x-ndjson': { schema: { type: 'string' } },
          'text/csv': { schema: { type: 'string' } },
        },
      },
      409: problem('The head that `after` names is not part of the chain.'),
    },
  ),
} as const
