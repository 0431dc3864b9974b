import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../telemetry/metrics.ts'
import { anyRequest } from './health.ts'

/** Prometheus figures: counts and times only, nothing of any tenant. */
export async function metricsRoute (app: FastifyInstance, { metrics }: { readonly metrics: Metrics }): Promise<void> {
  const schema = { operationId: 'getMetrics', summary: 'Figures for Prometheus', tags: ['Health'], response: { 200: { description: 'Prometheus text.', type: 'string' }, ...anyRequest } }
  app.get('/metrics', { schema }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()))

  app.get('/openapi.json', { schema: { operationId: 'getOpenapi', summary: 'This document', tags: ['Health'], response: { 200: { description: 'OpenAPI 3.1.', type: 'object' }, ...anyRequest } } }, async () => app.swagger())
}
