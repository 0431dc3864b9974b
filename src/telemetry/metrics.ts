import { Registry, collectDefaultMetrics, Gauge } from 'prom-client'
import { createCounters, type Count } from './counter.ts'
import { addLabelledGauge } from './labelled-gauge.ts'

/** The metrics of one process, for /metrics. */
export interface Metrics {
  readonly registry: Registry
  readonly count: Count
  /** All metrics of the registry, in the text format of Prometheus. */
  read(): Promise<string>
}

/** Counted in the database, so over all processes. */
export interface Counts {
  parked(): Promise<number>
  orphans(): Promise<number>
  /** Audit events that are not part of the chain yet, and how long the oldest has waited. */
  unlinked(): Promise<{ readonly count: number; readonly oldestSeconds: number }>
  /** Entries of the ledger that are in no balance yet. */
  unposted(): Promise<number>
  /** Orders that should have been ordered, or their instances have ended, by now. */
  delayed(): Promise<{ readonly provision: number; readonly end: number }>
  /** Open findings. */
  findings(): Promise<
    ReadonlyArray<{ readonly provider: string; readonly kind: string; readonly count: number }>
  >
}

export function createMetrics(counts: Counts): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'kontor_' })
  const { count, addDefined } = createCounters(registry)
  addGauge(
    registry,
    'kontor_ledger_unposted',
    'Entries of the ledger that are in no balance yet, over all processes.',
    counts.unposted,
  )
  addGauge(
    registry,
    'kontor_operations_parked',
    'Operations that wait for a person, over all processes.',
    counts.parked,
  )
  addGauge(
    registry,
    'kontor_orphans_open',
    'What orders may have left at providers and is to be removed, over all processes.',
    counts.orphans,
  )
  addGauge(
    registry,
    'kontor_audit_unlinked',
    'Audit events that are not linked into the chain yet, over all processes.',
    async () => (await counts.unlinked()).count,
  )
  addGauge(
    registry,
    'kontor_audit_unlinked_seconds',
    'How long the oldest of them has waited.',
    async () => (await counts.unlinked()).oldestSeconds,
  )
  addLabelledGauge(
    registry,
    {
      name: 'kontor_orders_delayed',
      help:
        'Orders that should have been ordered, or their instances have ended, five minutes ago, ' +
        'over all processes.',
      labelNames: ['what'],
    },
    async () =>
      Object.entries(await counts.delayed()).map(([what, value]) => ({ labels: { what }, value })),
  )
  addLabelledGauge(
    registry,
    {
      name: 'kontor_findings_open',
      help: 'Unacknowledged differences between a provider and Kontor, over all processes.',
      labelNames: ['provider', 'kind'],
    },
    async () =>
      (await counts.findings()).map(({ provider, kind, count }) => ({
        labels: { provider, kind },
        value: count,
      })),
  )
  return {
    registry,
    count,
    read() {
      addDefined()
      return registry.metrics()
    },
  }
}

// Keeps its last value when the database cannot be read: the other metrics are still worth reading.
function addGauge(
  registry: Registry,
  name: string,
  help: string,
  count: () => Promise<number>,
): void {
  const gauge: Gauge = new Gauge({
    name,
    help,
    registers: [registry],
    collect: () =>
      count().then(
        (counted) => {
          gauge.set(counted)
        },
        () => {},
      ),
  })
}
