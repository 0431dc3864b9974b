import { Counter, type Registry } from 'prom-client'

type Labels = Readonly<Record<string, string>>

/** A metric that only grows while the process runs. */
export interface DefinedCounter<Of extends Labels> {
  readonly name: string
  readonly help: string
  readonly labelNames: ReadonlyArray<keyof Of & string>
}

/** Counts one event, or `by` of them. */
export type Count = <Of extends Labels>(
  counter: DefinedCounter<Of>,
  ...labels: keyof Of extends never ? [labels?: Of, by?: number] : [labels: Of, by?: number]
) => void

const defined: Array<DefinedCounter<never>> = []

/**
 * Defines a counter, as a constant beside the code that counts. /metrics shows it from the start,
 * at 0 if it has no labels.
 */
export function defineCounter<Of extends Labels = Readonly<Record<never, string>>>(
  name: `kontor_${string}_total`,
  help: string,
  labelNames: ReadonlyArray<keyof Of & string> = [],
): DefinedCounter<Of> {
  if (defined.some((other) => other.name === name)) throw new Error(`${name} is defined twice.`)
  const counter = { name, help, labelNames }
  defined.push(counter)
  return counter
}

export interface Counters {
  readonly count: Count
  /** Adds those that nothing has counted yet: modules that define some are loaded at any time. */
  addDefined(): void
}

export function createCounters(registry: Registry): Counters {
  const registers = [registry]
  const counters = new Map<string, Counter>()
  const counterOf = ({ name, help, labelNames }: DefinedCounter<never>): Counter => {
    let counter = counters.get(name)
    if (counter === undefined) {
      counter = new Counter({ name, help, labelNames: [...labelNames], registers })
      counters.set(name, counter)
    }
    return counter
  }
  return {
    count(counter, ...[labels = {}, by = 1]) {
      counterOf(counter).inc(labels, by)
    },
    addDefined() {
      for (const counter of defined) counterOf(counter)
    },
  }
}
