import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../../telemetry/metrics.ts'
import { anyRequest, tooMany } from './responses.ts'

export interface MetricsDeps {
  readonly metrics: Metrics
}

/** Metrics for Prometheus: counts and times only, nothing of any tenant. */
export function metricsRoute(app: FastifyInstance, { metrics }: MetricsDeps): void {
  const schema = {
    operationId: 'getMetrics',
    summary: 'Get the metrics for Prometheus',
    tags: ['Health'],
    response: {
      200: { description: 'The Prometheus text format.', type: 'string' },
      ...tooMany,
      ...anyRequest,
    },
  }
  // Some are counted in the database: concurrent requests share one reading.
  let reading: Promise<string> | undefined
  app.get('/metrics', { schema }, async (_request, reply) => {
    reading ??= metrics.read().finally(() => {
      reading = undefined
    })
    return reply.type(metrics.registry.contentType).send(await reading)
  })
}
