import { Counter, Gauge, type Registry } from 'prom-client'

const states = ['closed', 'half_open', 'open'] as const

/** The metrics of one process about one provider. */
export interface ProviderFigures {
  /** Its short name. */
  readonly provider: string
  readonly circuit: (typeof states)[number]
  readonly slots: number
  readonly taken: number
  readonly waiting: number
  /** Since the start of the process. */
  readonly deniedRepeats: number
}

/** Adds the metrics of the providers that this process calls; they are read at each scrape. */
export function addProviderMetrics(
  registry: Registry,
  read: () => readonly ProviderFigures[],
  readCertificates: () => ReadonlyArray<{ readonly provider: string; readonly expiresAt: Date }>,
  readRegistrations: () => ReadonlyArray<{
    readonly provider: string
    readonly isUsable: boolean
  }>,
): void {
  addGauge(
    registry,
    'kontor_provider_circuit',
    'Circuit of a provider in this process: 1 for the state it is in.',
    ['provider', 'state'],
    (gauge) => {
      for (const { provider, circuit } of read())
        for (const state of states) gauge.set({ provider, state }, circuit === state ? 1 : 0)
    },
  )
  addGauge(
    registry,
    'kontor_provider_slots',
    'How many calls this process may have open to a provider.',
    ['provider'],
    (gauge) => {
      for (const { provider, slots } of read()) gauge.set({ provider }, slots)
    },
  )
  addGauge(
    registry,
    'kontor_provider_slots_taken',
    "How many of a provider's slots are taken in this process.",
    ['provider'],
    (gauge) => {
      for (const { provider, taken } of read()) gauge.set({ provider }, taken)
    },
  )
  addGauge(
    registry,
    'kontor_provider_orders_waiting',
    'How many orders wait in this process for a slot of a provider.',
    ['provider'],
    (gauge) => {
      for (const { provider, waiting } of read()) gauge.set({ provider }, waiting)
    },
  )
  addGauge(
    registry,
    'kontor_provider_certificate_expiry_timestamp_seconds',
    'When the client certificate expires that Kontor shows a provider, in seconds since 1970.',
    ['provider'],
    (gauge) => {
      for (const { provider, expiresAt } of readCertificates())
        gauge.set({ provider }, expiresAt.getTime() / 1_000)
    },
  )
  addGauge(
    registry,
    'kontor_provider_registration_unusable',
    'Whether nothing is sent to a provider, because its credentials do not open for its row: 0, 1.',
    ['provider'],
    (gauge) => {
      for (const { provider, isUsable } of readRegistrations())
        gauge.set({ provider }, isUsable ? 0 : 1)
    },
  )
  addDeniedRetries(registry, read)
}

/** Without the labels of the scrape before: a provider may have been removed. */
function addGauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  collect: (gauge: Gauge) => void,
): void {
  const gauge: Gauge = new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      gauge.reset()
      collect(gauge)
    },
  })
}

function addDeniedRetries(registry: Registry, read: () => readonly ProviderFigures[]): void {
  const counter: Counter = new Counter({
    name: 'kontor_provider_retries_denied_total',
    help: "Repeated calls that had to wait because a provider's retry budget was spent.",
    labelNames: ['provider'],
    registers: [registry],
    collect() {
      counter.reset()
      for (const { provider, deniedRepeats } of read()) counter.inc({ provider }, deniedRepeats)
    },
  })
}
