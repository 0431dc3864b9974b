import { Counter, Registry, collectDefaultMetrics, Gauge } from 'prom-client'

/** The figures of one process, for /metrics. */
export interface Metrics {
  readonly registry: Registry
  operationSettled(kind: string, state: string): void
}

/** What is counted in the database, over all processes. */
export interface Counts {
  parked(): Promise<number>
  orphans(): Promise<number>
  /** Audit events that are not part of the chain yet, and how long the oldest has waited. */
  unlinked(): Promise<{ readonly count: number; readonly oldestSeconds: number }>
  /** Open ones. */
  findings(): Promise<
    ReadonlyArray<{ readonly provider: string; readonly kind: string; readonly count: number }>
  >
}

export function createMetrics(counts: Counts): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'kontor_' })
  const settled = new Counter({
    name: 'kontor_operation_steps_total',
    help: 'Steps of operations, by kind and the state they led to.',
    labelNames: ['kind', 'state'],
    registers: [registry],
  })
  const gauge = (name: string, help: string, count: () => Promise<number>): void => {
    const own: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      // A database that is away leaves the last figure standing: the others are still worth reading.
      collect: async () => {
        await count().then(
          (counted) => {
            own.set(counted)
          },
          () => {},
        )
      },
    })
  }
  gauge(
    'kontor_operations_parked',
    'Operations that wait for a person, over all processes.',
    counts.parked,
  )
  gauge(
    'kontor_orphans_open',
    'What orders may have left at providers and is to be removed, over all processes.',
    counts.orphans,
  )
  gauge(
    'kontor_audit_unlinked',
    'Audit events that are not linked into the chain yet, over all processes.',
    async () => (await counts.unlinked()).count,
  )
  gauge(
    'kontor_audit_unlinked_seconds',
    'How long the oldest of them has waited.',
    async () => (await counts.unlinked()).oldestSeconds,
  )
  const findings: Gauge = new Gauge({
    name: 'kontor_findings_open',
    help: 'Where a provider tells something else than we hold, by provider and kind, over all processes; acknowledged ones are left out.',
    labelNames: ['provider', 'kind'],
    registers: [registry],
    collect: async () => {
      await counts.findings().then(
        (rows) => {
          findings.reset()
          for (const { provider, kind, count } of rows) findings.set({ provider, kind }, count)
        },
        () => {},
      )
    },
  })
  return {
    registry,
    operationSettled(kind, state) {
      settled.inc({ kind, state })
    },
  }
}
