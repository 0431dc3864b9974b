import { Counter, Registry, collectDefaultMetrics, Gauge } from 'prom-client'

/** The figures of one process, for /metrics. */
export interface Metrics {
  readonly registry: Registry
  operationSettled (kind: string, state: string): void
}

/** @param countParked  how many operations wait for a person, over all processes */
export function createMetrics (countParked: () => Promise<number>): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'kontor_' })
  const settled = new Counter({ name: 'kontor_operation_steps_total', help: 'Steps of operations, by kind and the state they led to.', labelNames: ['kind', 'state'], registers: [registry] })
  const parked: Gauge = new Gauge({
    name: 'kontor_operations_parked',
    help: 'Operations that wait for a person, over all processes.',
    registers: [registry],
    // A database that is away leaves the last figure standing: the others are still worth reading.
    collect: async () => { await countParked().then((count) => { parked.set(count) }, () => {}) }
  })
  return {
    registry,
    operationSettled (kind, state) {
      settled.inc({ kind, state })
    }
  }
}
