import type { FastifyInstance } from 'fastify'
import { pingDatabase, type Db } from '../db/database.ts'

/** Of every route, also those that take no input: the parser itself refuses so. */
export const anyRequest = { 408: { description: 'The request did not arrive in time.', type: 'object' }, 431: { description: 'The address and the headers are too long.', type: 'object' } } as const

const open = { schema: { tags: ['Health'] } } as const

/** `/healthz`: this process runs. `/readyz`: it can serve, which takes its database. */
export async function healthRoutes (app: FastifyInstance, deps: { readonly db: Db, isDraining (): boolean, hasAllKeys (): boolean }): Promise<void> {
  app.get('/healthz', { ...open, schema: { ...open.schema, operationId: 'getHealth', summary: 'Whether the process runs', response: { 200: { description: 'It does.', type: 'object' }, ...anyRequest } } }, async () => ({ status: 'ok' }))

  app.get('/readyz', { ...open, schema: { ...open.schema, operationId: 'getReadiness', summary: 'Whether it can serve', response: { 200: { description: 'It can.', type: 'object' }, 503: { description: 'It cannot; `reason` says why.', type: 'object' }, ...anyRequest } } }, async (_request, reply) => {
    if (deps.isDraining()) return reply.code(503).send({ status: 'draining', reason: 'This process is about to stop.' })
    try {
      await pingDatabase(deps.db)
      if (!deps.hasAllKeys()) return await reply.code(503).send({ status: 'not ready', reason: 'This process lacks a key that others use.' })
      return { status: 'ready' }
    } catch {
      return reply.code(503).send({ status: 'not ready', reason: 'The database cannot be reached.' })
    }
  })
}
