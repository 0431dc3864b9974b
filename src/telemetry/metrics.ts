import { Counter, Registry, collectDefaultMetrics, Gauge } from 'prom-client'

/** The figures of one process, for /metrics. */
export interface Metrics {
  readonly registry: Registry
  operationSettled (kind: string, state: string): void
}

export function createMetrics (): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'kontor_' })
  const settled = new Counter({ name: 'kontor_operation_steps_total', help: 'Steps of operations, by kind and the state they led to.', labelNames: ['kind', 'state'], registers: [registry] })
  const parked = new Gauge({ name: 'kontor_operations_parked_by_this_process', help: 'Operations that this process left to a person.', registers: [registry] })
  return {
    registry,
    operationSettled (kind, state) {
      settled.inc({ kind, state })
      if (state === 'parked') parked.inc()
    }
  }
}
