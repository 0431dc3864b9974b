import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../telemetry/metrics.ts'
import { anyRequest } from './health.ts'
import type { OpenapiDocument } from './openapi.ts'
import { retryAfter } from './retry-after.ts'

const overloaded = {
  503: { description: 'There is too much to do.', headers: retryAfter, type: 'object' },
} as const
const tooMany = {
  429: { description: 'Too many requests from this address.', headers: retryAfter, type: 'object' },
} as const

/** Prometheus figures: counts and times only, nothing of any tenant. */
export async function metricsRoute(
  app: FastifyInstance,
  { metrics, document }: { readonly metrics: Metrics; readonly document: OpenapiDocument },
): Promise<void> {
  const schema = {
    operationId: 'getMetrics',
    summary: 'Figures for Prometheus',
    tags: ['Health'],
    response: {
      200: { description: 'Prometheus text.', type: 'string' },
      ...tooMany,
      ...anyRequest,
    },
  }
  // Some are counted in the database, so that whoever asks at the same time gets the same ones.
  let reading: Promise<string> | undefined
  app.get('/metrics', { schema }, async (_request, reply) => {
    reading ??= metrics.registry.metrics().finally(() => {
      reading = undefined
    })
    return reply.type(metrics.registry.contentType).send(await reading)
  })

  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'getOpenapi',
        summary: 'This document',
        tags: ['Health'],
        response: {
          200: { description: 'OpenAPI 3.1.', type: 'object' },
          ...tooMany,
          ...overloaded,
          ...anyRequest,
        },
      },
    },
    (_request, reply) => document.answer(reply),
  )
}
