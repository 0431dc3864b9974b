import { Counter, Gauge, type Registry } from 'prom-client'

const states = ['closed', 'half_open', 'open'] as const

/** What one process knows of one provider. */
export interface ProviderFigures {
  /** Its short name. */
  readonly provider: string
  readonly circuit: (typeof states)[number]
  readonly slots: number
  readonly taken: number
  /** Since the start of the process. */
  readonly deniedRepeats: number
}

/** Adds the figures of the providers that this process calls; they are read when somebody asks. */
export function addProviderMetrics(
  registry: Registry,
  read: () => readonly ProviderFigures[],
  readCertificates: () => ReadonlyArray<{ readonly provider: string; readonly expiresAt: Date }>,
): void {
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    collect: (own: Gauge) => void,
  ) => {
    const own: Gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        own.reset()
        collect(own)
      },
    })
  }
  gauge(
    'kontor_provider_circuit',
    'Circuit of a provider in this process: 1 for the state it is in.',
    ['provider', 'state'],
    (own) => {
      for (const { provider, circuit } of read())
        for (const state of states) own.set({ provider, state }, circuit === state ? 1 : 0)
    },
  )
  gauge(
    'kontor_provider_slots',
    'How many calls this process may have open to a provider.',
    ['provider'],
    (own) => {
      for (const { provider, slots } of read()) own.set({ provider }, slots)
    },
  )
  gauge(
    'kontor_provider_slots_taken',
    "How many of a provider's places are taken in this process.",
    ['provider'],
    (own) => {
      for (const { provider, taken } of read()) own.set({ provider }, taken)
    },
  )
  gauge(
    'kontor_provider_certificate_expiry_timestamp_seconds',
    'When the client certificate ends that a provider is shown, in seconds since 1970.',
    ['provider'],
    (own) => {
      for (const { provider, expiresAt } of readCertificates())
        own.set({ provider }, expiresAt.getTime() / 1_000)
    },
  )
  const denied: Counter = new Counter({
    name: 'kontor_provider_retries_denied_total',
    help: "Repeated calls that had to wait because a provider's budget for repeats was spent.",
    labelNames: ['provider'],
    registers: [registry],
    collect() {
      denied.reset()
      for (const { provider, deniedRepeats } of read()) denied.inc({ provider }, deniedRepeats)
    },
  })
}
