import type { FastifyInstance } from 'fastify'
import { pingDatabase, type Db } from '../../db/database.ts'
import type { Pressure } from '../limits/pressure.ts'
import { anyRequest } from './responses.ts'

const open = { schema: { tags: ['Health'] } } as const

export interface HealthDeps {
  readonly db: Db
  readonly pressure: Pick<Pressure, 'databaseWaitMs'>
  isDraining(): boolean
  hasAllKeys(): boolean
}

// As long as the pool lets anybody wait.
const maxWaitMs = 5_000

/**
 * `/healthz`: this process runs. `/readyz`: it can serve, which takes its database. Pressure does not make it unready: it
 * still takes polls and deletes, and its load would only fall on the others.
 */
export function healthRoutes(app: FastifyInstance, deps: HealthDeps): void {
  let pinging: Promise<void> | undefined
  // Whoever asks at the same time is answered by the same query: these addresses are open to anybody.
  const ping = (): Promise<void> => {
    // Who stood in line with the orders would be late, and the whole process be taken out for being busy.
    const waitMs = deps.pressure.databaseWaitMs()
    if (waitMs > 0 && waitMs < maxWaitMs) return Promise.resolve()
    pinging ??= pingDatabase(deps.db).finally(() => {
      pinging = undefined
    })
    return pinging
  }
  app.get(
    '/healthz',
    {
      ...open,
      schema: {
        ...open.schema,
        operationId: 'getHealth',
        summary: 'Whether the process runs',
        response: { 200: { description: 'It does.', type: 'object' }, ...anyRequest },
      },
    },
    async () => ({ status: 'ok' }),
  )

  app.get(
    '/readyz',
    {
      ...open,
      schema: {
        ...open.schema,
        operationId: 'getReadiness',
        summary: 'Whether it can serve',
        response: {
          200: { description: 'It can.', type: 'object' },
          503: { description: 'It cannot; `reason` says why.', type: 'object' },
          ...anyRequest,
        },
      },
    },
    async (_request, reply) => {
      if (deps.isDraining())
        return reply
          .code(503)
          .send({ status: 'draining', reason: 'This process is about to stop.' })
      try {
        await ping()
        if (!deps.hasAllKeys())
          return await reply.code(503).send({
            status: 'not ready',
            reason:
              'This process lacks a key that others use, or has not reached the database for a while.',
          })
        return { status: 'ready' }
      } catch {
        return reply
          .code(503)
          .send({ status: 'not ready', reason: 'The database cannot be reached.' })
      }
    },
  )
}
