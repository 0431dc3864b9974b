import { Gauge, type Registry } from 'prom-client'

interface Figures {
  readonly waiting: number
  readonly oldestSeconds: number
  readonly failed: number
}

/** @param count  mails in the database, so over all processes */
export function addMailMetrics(registry: Registry, count: () => Promise<Figures>): void {
  // The gauges of one scrape share one query.
  let counting: Promise<Figures> | undefined
  const figures = (): Promise<Figures> =>
    (counting ??= count().finally(() => {
      counting = undefined
    }))
  const addGauge = (name: string, help: string, field: keyof Figures): void => {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect: () =>
        figures().then(
          (counted) => {
            gauge.set(counted[field])
          },
          // Keeps its last value when the database cannot be read.
          () => {},
        ),
    })
  }
  addGauge('kontor_mails_waiting', 'Mails that are to be sent, over all processes.', 'waiting')
  addGauge('kontor_mails_oldest_seconds', 'How long the oldest of them waits.', 'oldestSeconds')
  addGauge('kontor_mails_failed', 'Mails of the last 30 days that were given up.', 'failed')
}
