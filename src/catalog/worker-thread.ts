import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Question } from './parameter-worker.ts'
import { replyOf, type Reply } from './thread-reply.ts'

// The extension is that of this file: .ts as source, .js as built.
const entry = new URL(`./parameter-worker${extname(import.meta.url)}`, import.meta.url)

/** A worker thread that is started by the first question, and again after it has ended. */
export interface WorkerThread {
  /** @returns undefined when the thread does not start */
  ask(question: Question, limitMs: number): Promise<Reply | undefined>
  end(): Promise<void>
  /** Ends the thread; it is not started again. */
  close(): Promise<void>
}

export function createWorkerThread(limits: {
  readonly startMs: number
  readonly megabytes: number
}): WorkerThread {
  let worker: Worker | undefined
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
    const ready = await replyOf(fresh, limits.startMs)
    if (ready.kind === 'ready' && !isClosed) return fresh
    await fresh.terminate()
    return undefined
  }

  return {
    end,
    async ask(question, limitMs) {
      const thread = (worker ??= await start())
      if (thread === undefined) return undefined
      const replying = replyOf(thread, limitMs)
      thread.postMessage(question)
      const reply = await replying
      if (reply.kind === 'overran' || reply.kind === 'died') await end()
      return reply
    },
    close() {
      isClosed = true
      return end()
    },
  }
}
