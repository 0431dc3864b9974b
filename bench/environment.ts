import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release } from 'node:os'
import { join } from 'node:path'
import type { Stage } from './stage.ts'
import { median } from './summary.ts'

export interface Environment {
  readonly date: string
  readonly cores: number
  readonly processor: string
  readonly kernel: string
  readonly node: string
  readonly postgres: string
  /** Median of writing 8 kB and waiting until the disk has it. */
  readonly syncMs: number
  /** Of the last minute, before we began. */
  readonly load: number
}

export async function describeEnvironment(
  stage: Pick<Stage, 'query' | 'folder'>,
): Promise<Environment> {
  const [row] = await stage.query('show server_version')
  return {
    date: new Date().toISOString(),
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    kernel: release(),
    node: process.version,
    postgres: String(row?.['server_version']),
    syncMs: measureSync(stage.folder),
    load: loadavg()[0] ?? 0,
  }
}

function measureSync(folder: string): number {
  const file = join(folder, 'sync')
  const handle = openSync(file, 'w')
  const page = Buffer.alloc(8_192, 1)
  const times = Array.from({ length: 100 }, (_, index) => {
    const started = performance.now()
    writeSync(handle, page, 0, page.length, index * page.length)
    fdatasyncSync(handle)
    return performance.now() - started
  })
  closeSync(handle)
  rmSync(file)
  return median(times)
}
