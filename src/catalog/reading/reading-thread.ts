import {
  createWorkerThread,
  entryBeside,
  type NoAnswer,
  type WorkerThread,
  type WorkerThreadLimits,
} from '../../threads/worker-thread.ts'
import { ownPieces } from '../../threads/own-pieces.ts'
import type { ReadingAnswer, ReadingTask } from './task.ts'

export interface ReadingLimits extends WorkerThreadLimits {
  /** CPU time of one reading: a busy machine must not make a good catalog fail. */
  readonly cpuMs: number
}

/** A worker thread that reads one catalog at a time. */
export type ReadingThread = WorkerThread<ReadingTask, ReadingAnswer>

export function createReadingThread(limits: ReadingLimits): ReadingThread {
  return createWorkerThread(entryBeside(import.meta.url, 'reading-worker'), limits)
}

export interface TimedReading {
  readonly answer: ReadingAnswer
  /** CPU time. */
  readonly cpuMs: number
}

/** Reads a catalog. The bytes are transferred to the thread. */
export async function readWith(
  thread: ReadingThread,
  task: ReadingTask,
  maxCpuMs: number,
): Promise<TimedReading> {
  const body = ownPieces(task.body)
  const buffers = body.map(({ buffer }) => buffer)
  const { reply, cpuMs } = await thread.ask({ ...task, body }, maxCpuMs, buffers)
  const answer: ReadingAnswer =
    reply.kind === 'inspected' || reply.kind === 'unusable'
      ? reply
      : { kind: 'unusable', description: describe(reply, maxCpuMs) }
  return { answer, cpuMs }
}

function describe(failure: NoAnswer, maxCpuMs: number): string {
  switch (failure.kind) {
    case 'overran':
      return `to read the catalog takes longer than ${maxCpuMs / 1_000} s of computing`
    case 'stalled':
      return 'Kontor had too little processor time to read it'
    case 'died':
      return failure.isOutOfMemory
        ? 'to read the catalog takes more memory than it may'
        : 'to read the catalog fails'
    case 'unstarted':
      return 'Kontor could not start a thread to read it'
    default:
      return failure satisfies never
  }
}
