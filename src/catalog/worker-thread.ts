import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Question } from './parameter-worker.ts'
import { replyOf, type Reply } from './thread-reply.ts'

// The extension is that of this file: .ts as source, .js as built.
const entry = new URL(`./parameter-worker${extname(import.meta.url)}`, import.meta.url)

export interface TimedAnswerOfThread {
  /** undefined: the thread does not start. */
  readonly reply: Reply | undefined
  /** The CPU time that the answer took; that of the start is not in it. */
  readonly cpuMs: number
}

/** A worker thread that is started by the first question, and again after it has ended. */
export interface WorkerThread {
  /** One question at a time. */
  ask(question: Question, limitMs: number): Promise<TimedAnswerOfThread>
  end(): Promise<void>
  /** Ends the thread; it is not started again. */
  close(): Promise<void>
}

export interface WorkerThreadLimits {
  readonly startMs: number
  readonly megabytes: number
}

export function createWorkerThread(limits: WorkerThreadLimits): WorkerThread {
  let worker: Worker | undefined
  let usedMs = 0
  let isClosed = false

  const end = async (): Promise<void> => {
    const ending = worker
    worker = undefined
    await ending?.terminate()
  }

  const start = async (): Promise<Worker | undefined> => {
    const fresh = new Worker(entry, {
      // The environment holds secrets, and the thread needs none of it.
      env: {},
      resourceLimits: {
        maxOldGenerationSizeMb: limits.megabytes,
        maxYoungGenerationSizeMb: 8,
        stackSizeMb: 4,
      },
    })
    // The next question starts another thread.
    fresh.on('error', () => {})
    fresh.once('exit', () => {
      if (worker === fresh) worker = undefined
    })
    fresh.unref()
    const { reply, cpuMs } = await replyOf(fresh, limits.startMs, 0)
    usedMs = cpuMs
    if (reply.kind === 'ready' && !isClosed) return fresh
    await fresh.terminate()
    return undefined
  }

  return {
    end,
    async ask(question, limitMs) {
      const thread = (worker ??= await start())
      if (thread === undefined) return { reply: undefined, cpuMs: 0 }
      const before = usedMs
      const replying = replyOf(thread, limitMs, before)
      thread.postMessage(question)
      const { reply, cpuMs } = await replying
      usedMs = cpuMs
      if (reply.kind === 'overran' || reply.kind === 'stalled' || reply.kind === 'died') await end()
      return { reply, cpuMs: cpuMs - before }
    },
    close() {
      isClosed = true
      return end()
    },
  }
}
