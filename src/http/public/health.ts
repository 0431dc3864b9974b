import type { FastifyInstance } from 'fastify'
import { findStallMinutes } from '../../audit/chain/unlinked.ts'
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
        200: {
          description: 'The process can serve; `warnings` says what an operator should look at.',
          type: 'object',
        },
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
 * other processes. A stuck audit chain does not either: it concerns every process, so all of them
 * would leave the service, and no order could be placed.
 */
export function healthRoutes(app: FastifyInstance, deps: HealthDeps): void {
  const readWarnings = createWarningQuery(deps)

  app.get('/healthz', describe.health, async () => ({ status: 'ok' }))

  app.get('/readyz', describe.readiness, async (_request, reply) => {
    const notReady = (reason: string) => reply.code(503).send({ status: 'not ready', reason })
    if (deps.isDraining())
      return reply.code(503).send({ status: 'draining', reason: 'This process is about to stop.' })
    let warnings: readonly string[]
    try {
      warnings = await readWarnings()
    } catch {
      return notReady('The database cannot be reached.')
    }
    if (!deps.hasAllKeys())
      return notReady(
        'This process lacks a key that others use, or has not reached the database for a while.',
      )
    return { status: 'ready', ...(warnings.length === 0 ? {} : { warnings }) }
  })
}

/**
 * Returns a function that reads the warnings, and rejects when the database cannot be reached.
 * Concurrent requests share its queries, because the route is public.
 */
function createWarningQuery({ db, pressure }: HealthDeps): () => Promise<readonly string[]> {
  let pending: Promise<readonly string[]> | undefined
  return () => {
    // While queries wait for a connection, so would these: their timeout would take a busy process
    // out of service.
    const waitMs = pressure.databaseWaitMs()
    if (waitMs > 0 && waitMs < maxWaitMs) return Promise.resolve([])
    pending ??= queryWarnings(db).finally(() => {
      pending = undefined
    })
    return pending
  }
}

async function queryWarnings(db: Db): Promise<readonly string[]> {
  await pingDatabase(db)
  const minutes = await findStallMinutes(db)
  return minutes === undefined ? [] : [`The audit log has not been linked for ${minutes} minutes.`]
}
