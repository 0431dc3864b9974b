import { Gauge, type Registry } from 'prom-client'

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/**
 * Adds a gauge that is read anew at each scrape, without the labels of the scrape before. It keeps
 * its last values when `read` fails: the other metrics are still worth reading.
 */
export function addLabelledGauge(
  registry: Registry,
  about: { readonly name: string; readonly help: string; readonly labelNames: string[] },
  read: () => Promise<readonly Sample[]>,
): void {
  const gauge: Gauge = new Gauge({
    ...about,
    registers: [registry],
    collect: () =>
      read().then(
        (samples) => {
          gauge.reset()
          for (const { labels, value } of samples) gauge.set({ ...labels }, value)
        },
        () => {},
      ),
  })
}
