import { Gauge, type Registry } from 'prom-client'

/** What a process knows of checkpoints. */
export interface CheckpointFigures {
  /** The time of the newest; undefined: it knows none yet. */
  readonly newestAt: Date | undefined
  /** How many attempts in a row have failed, by destination. */
  readonly failures: Readonly<Record<string, number>>
  /** In how many ways the database lies behind a checkpoint. */
  readonly conflicts: number
}

/** Adds the metrics of checkpoints, which are read at each scrape. */
export function addCheckpointMetrics(registry: Registry, read: () => CheckpointFigures): void {
  const registers = [registry]
  const newest: Gauge = new Gauge({
    name: 'kontor_checkpoint_timestamp_seconds',
    help: 'When the newest checkpoint was made, by any process.',
    registers,
    collect: () => {
      newest.set((read().newestAt?.getTime() ?? 0) / 1_000)
    },
  })
  const failures: Gauge = new Gauge({
    name: 'kontor_checkpoint_failures',
    help: 'How many attempts in a row of this process to deliver a checkpoint have failed.',
    labelNames: ['destination'],
    registers,
    collect: () => {
      for (const [destination, count] of Object.entries(read().failures))
        failures.set({ destination }, count)
    },
  })
  const conflicts: Gauge = new Gauge({
    name: 'kontor_checkpoint_conflicts',
    help: 'In how many ways the database lies behind a checkpoint that this process knows.',
    registers,
    collect: () => {
      conflicts.set(read().conflicts)
    },
  })
}
