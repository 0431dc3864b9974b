import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import { csvList } from '../../csv.ts'
import { page } from './describe-route.ts'

/** The query parameter of a list that is also CSV. */
export const csvFormat = {
  format: {
    enum: ['json', 'csv'],
    default: 'json',
    description: 'csv: the whole list from `cursor` on, as a file (RFC 4180).',
  },
}

export function pageOrCsv(description: string, item: string) {
  const json = page(description, item)
  return {
    ...json,
    content: { ...json.content, 'text/csv': { schema: { type: 'string' } } },
  }
}

/** @param name  of the file, without its ending */
export function sendCsv(
  reply: FastifyReply,
  name: string,
  lines: AsyncGenerator<string, void>,
): FastifyReply {
  return reply
    .type(csvList)
    .header('content-disposition', `attachment; filename="kontor-${name}.csv"`)
    .send(Readable.from(lines, { highWaterMark: 1 }))
}
