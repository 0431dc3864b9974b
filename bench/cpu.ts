// Who used the processors meanwhile, from /proc: on two cores everything competes, the load
// generator too.
import { readdirSync, readFileSync } from 'node:fs'

/** In cores: 1 is one core busy all the time. */
export interface CpuShares {
  readonly server: number
  readonly generator: number
  readonly postgres: number
  readonly simulator: number
  /** Whatever else ran on this machine. */
  readonly others: number
}

export interface Watched {
  readonly server: number | readonly number[]
  readonly postgres: number
  readonly simulator: number
}

interface Sample {
  readonly at: number
  readonly ticks: Record<keyof Watched | 'generator' | 'all', number>
}

const ticksPerSecond = 100

/**
 * Starts watching.
 * @returns a function that tells the shares since then; undefined where there is no /proc
 */
export function watchCpu(watched: Watched): () => CpuShares | undefined {
  const before = sample(watched)
  return () => {
    const after = sample(watched)
    if (before === undefined || after === undefined) return undefined
    const seconds = (after.at - before.at) / 1_000
    const cores = (name: keyof Sample['ticks']) =>
      (after.ticks[name] - before.ticks[name]) / ticksPerSecond / seconds
    const ours = {
      server: cores('server'),
      generator: cores('generator'),
      postgres: cores('postgres'),
      simulator: cores('simulator'),
    }
    const known = ours.server + ours.generator + ours.postgres + ours.simulator
    return { ...ours, others: Math.max(0, cores('all') - known) }
  }
}

function sample({ server, postgres, simulator }: Watched): Sample | undefined {
  try {
    return {
      at: performance.now(),
      ticks: {
        server: ticksOfAll(server),
        generator: ticksOf(process.pid),
        postgres: ticksOfTree(postgres),
        simulator: ticksOf(simulator),
        all: busyTicks(),
      },
    }
  } catch {
    return undefined
  }
}

// Fields 14 and 15 of /proc/PID/stat are user and system time, 16 and 17 those of children that
// ended.
function fieldsOf(pid: number | string): number[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
}

function ticksOfAll(pids: number | readonly number[]): number {
  return [pids].flat().reduce((sum, pid) => sum + ticksOf(pid), 0)
}

function ticksOf(pid: number): number {
  const fields = fieldsOf(pid)
  return (fields[11] ?? 0) + (fields[12] ?? 0)
}

function ticksOfTree(pid: number): number {
  const own = fieldsOf(pid)
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        const fields = fieldsOf(name)
        return fields[1] === pid ? (fields[11] ?? 0) + (fields[12] ?? 0) : 0
      } catch {
        return 0 // it ended while we looked
      }
    })
  return (
    [11, 12, 13, 14].reduce((sum, field) => sum + (own[field] ?? 0), 0) +
    children.reduce((sum, ticks) => sum + ticks, 0)
  )
}

function busyTicks(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  )
    .trim()
    .split(/ +/)
    .slice(1)
    .map(Number)
  return user + nice + system + irq + softirq
}

/** Processor time of a process's main thread so far, in steps of 10 ms. */
export function mainThreadMs(pid: number): number {
  const fields = fieldsOf(`${pid}/task/${pid}`)
  return (((fields[11] ?? 0) + (fields[12] ?? 0)) * 1_000) / ticksPerSecond
}

/** Processor time of a process and its children so far, all threads, in steps of 10 ms. */
export function processMs(pid: number): number {
  return (ticksOfTree(pid) * 1_000) / ticksPerSecond
}

/** What the kernel says that a process has in memory. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1_024
}
