import { Counter, type Registry } from 'prom-client'
import { addLabelledGauge, type Sample } from './labelled-gauge.ts'

/** What is counted in the database about the catalogs of providers. */
export interface CatalogCounts {
  readonly readings: readonly Reading[]
  readonly quarantined: readonly string[]
}

interface Reading {
  readonly provider: string
  readonly ageSeconds: number | null
  readonly lastReadAt: number | null
  readonly failures: number
}

/** Adds the metrics of the providers' catalogs. */
export function addCatalogMetrics(registry: Registry, count: () => Promise<CatalogCounts>): void {
  // The gauges of one scrape are read at the same time, so they share one count.
  let counting: Promise<CatalogCounts> | undefined
  const counts = (): Promise<CatalogCounts> =>
    (counting ??= count().finally(() => {
      counting = undefined
    }))
  const add = (
    name: string,
    help: string,
    samplesOf: (counted: CatalogCounts) => readonly Sample[],
  ): void => {
    addLabelledGauge(registry, { name, help, labelNames: ['provider'] }, async () =>
      samplesOf(await counts()),
    )
  }
  const ofReadings =
    (valueOf: (reading: Reading) => number | null) =>
    ({ readings }: CatalogCounts): Sample[] =>
      readings.flatMap((reading) => {
        const value = valueOf(reading)
        return value === null ? [] : [{ labels: { provider: reading.provider }, value }]
      })
  add(
    'kontor_catalog_age_seconds',
    "Seconds since a provider's catalog was last read without a failure.",
    ofReadings(({ ageSeconds }) => ageSeconds),
  )
  add(
    'kontor_catalog_last_read_timestamp_seconds',
    "When a provider's catalog was last read, failure or not, in seconds since 1970.",
    ofReadings(({ lastReadAt }) => lastReadAt),
  )
  add(
    'kontor_catalog_read_failures',
    "Failed readings of a provider's catalog since the last good one.",
    ofReadings(({ failures }) => failures),
  )
  add(
    'kontor_catalog_quarantined',
    '1 for a provider whose catalog is quarantined until an operator decides.',
    ({ quarantined }) => quarantined.map((provider) => ({ labels: { provider }, value: 1 })),
  )
}

/** Adds the metric of plans that this process cannot write for Cloud Foundry as it should. */
export function addUnwritableMetrics(
  registry: Registry,
  read: () => ReadonlyArray<{
    readonly provider: string
    readonly effect: 'schemas omitted' | 'not written'
    readonly count: number
  }>,
): void {
  const counter: Counter = new Counter({
    name: 'kontor_catalog_plans_unwritable_total',
    help: 'Plans that Cloud Foundry gets without their schemas, or not at all, by provider.',
    labelNames: ['provider', 'effect'],
    registers: [registry],
    collect() {
      counter.reset()
      for (const { provider, effect, count } of read())
        counter.inc({ provider, effect: effect.replace(' ', '_') }, count)
    },
  })
}
