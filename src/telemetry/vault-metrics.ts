import { Counter, type Registry } from 'prom-client'

/** @param read  how often values of each `table.column` did not open, since the process started */
export function addVaultMetrics(registry: Registry, read: () => ReadonlyMap<string, number>): void {
  const counter: Counter = new Counter({
    name: 'kontor_sealed_values_unopened_total',
    help: 'Sealed values that did not open, because something other than Kontor changed them.',
    labelNames: ['column'],
    registers: [registry],
    collect() {
      counter.reset()
      for (const [column, count] of read()) counter.inc({ column }, count)
    },
  })
}
