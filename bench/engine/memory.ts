import { setTimeout as delay } from 'node:timers/promises'
import { residentMegabytes } from '../cpu.ts'
import type { EngineProcess } from './stage.ts'

/** Of one process, in MB. */
export interface Memory {
  /**
   * What it keeps, without garbage: idle, when all operations are in flight, just before the first
   * one ends, when all are over.
   */
  readonly live: number[]
  /** What the kernel says, every two seconds. */
  readonly rss: number[]
}

export interface MemoryWatch {
  readonly memories: readonly Memory[]
  /** Asks all processes what they keep. */
  measureLive(): Promise<void>
  stop(): Promise<void>
}

const everyMs = 2_000

export function watchMemory(processes: readonly EngineProcess[]): MemoryWatch {
  const memories: Memory[] = processes.map(() => ({ live: [], rss: [] }))
  const stopping = new AbortController()
  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      for (const [index, { kontor }] of processes.entries())
        memories[index]?.rss.push(residentMegabytes(kontor.pid))
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const watching = watch()
  return {
    memories,
    async measureLive() {
      for (const [index, { heap }] of processes.entries())
        memories[index]?.live.push(await heap.measure())
    },
    async stop() {
      stopping.abort()
      await watching
    },
  }
}
