import type { FastifyInstance } from 'fastify'
import { pingDatabase, type Db } from '../../db/database.ts'
import type { Pressure } from '../limits/pressure.ts'
import { anyRequest } from './responses.ts'

const describe = {
  health: {
    schema: {
      operationId: 'getHealth',
      summary: 'Check that the process runs',
      tags: ['Health'],
      response: { 200: { description: 'The process runs.', type: 'object' }, ...anyRequest },
    },
  },
  readiness: {
    schema: {
      operationId: 'getReadiness',
      summary: 'Check that the process can serve',
      tags: ['Health'],
      response: {
        200: { description: 'The process can serve.', type: 'object' },
        503: { description: 'The process cannot serve; `reason` says why.', type: 'object' },
        ...anyRequest,
      },
    },
  },
} as const

export interface HealthDeps {
  readonly db: Db
  readonly pressure: Pick<Pressure, 'databaseWaitMs'>
  isDraining(): boolean
  hasAllKeys(): boolean
}

// The longest that the pool lets a query wait for a connection.
const maxWaitMs = 5_000

/**
 * `/healthz`: this process runs. `/readyz`: it can serve, for which it needs its database. Pressure
 * does not make it unready: it still accepts polls and deletes, and its load would only move to the
 * other processes.
 */
export function healthRoutes(app: FastifyInstance, deps: HealthDeps): void {
  const ping = createPing(deps)

  app.get('/healthz', describe.health, async () => ({ status: 'ok' }))

  app.get('/readyz', describe.readiness, async (_request, reply) => {
    const notReady = (reason: string) => reply.code(503).send({ status: 'not ready', reason })
    if (deps.isDraining())
      return reply.code(503).send({ status: 'draining', reason: 'This process is about to stop.' })
    try {
      await ping()
    } catch {
      return notReady('The database cannot be reached.')
    }
    return deps.hasAllKeys()
      ? { status: 'ready' }
      : notReady(
          'This process lacks a key that others use, or has not reached the database for a while.',
        )
  })
}

// Concurrent requests share one query: everybody may send them.
function createPing({ db, pressure }: HealthDeps): () => Promise<void> {
  let pinging: Promise<void> | undefined
  return () => {
    // While queries wait for a connection, so would this one: its timeout would take a busy process
    // out of service.
    const waitMs = pressure.databaseWaitMs()
    if (waitMs > 0 && waitMs < maxWaitMs) return Promise.resolve()
    pinging ??= pingDatabase(db).finally(() => {
      pinging = undefined
    })
    return pinging
  }
}
