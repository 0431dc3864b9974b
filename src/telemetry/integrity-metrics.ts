import type { Registry } from 'prom-client'
import { addLabelledGauge } from './labelled-gauge.ts'

/** @param count  how many rows or sets of each protected table this process found to be wrong */
export function addIntegrityMetrics(
  registry: Registry,
  count: () => ReadonlyArray<{ readonly table: string; readonly failures: number }>,
): void {
  addLabelledGauge(
    registry,
    {
      name: 'kontor_integrity_failures',
      help: 'Rows of a protected table that were changed past Kontor, and its set if it is wrong.',
      labelNames: ['table'],
    },
    async () => count().map(({ table, failures }) => ({ labels: { table }, value: failures })),
  )
}
