import { getCompileCacheDir } from 'node:module'
import { dirname, extname } from 'node:path'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { Ready } from './answer-questions.ts'
import { replyOf, type NoReply } from './reply.ts'

/** Why there is no answer. */
export type NoAnswer =
  | NoReply
  /** The thread does not start. */
  | { readonly kind: 'unstarted' }

export type Reply<Answer> = Answer | NoAnswer

export interface TimedReplyOfThread<Answer> {
  readonly reply: Reply<Answer>
  /** The CPU time that the answer took; that of the start is not in it. */
  readonly cpuMs: number
}

/** A worker thread that is started by the first question, and again after it has ended. */
export interface WorkerThread<Question, Answer> {
  /**
   * One question at a time.
   * @param limitMs    CPU time of the answer; a thread that uses more is ended
   * @param transfers  buffers of the question that cross without being copied: they are lost here
   */
  ask(
    question: Question,
    limitMs: number,
    transfers?: readonly ArrayBuffer[],
  ): Promise<TimedReplyOfThread<Answer>>
  end(): Promise<void>
  /** Ends the thread; it is not started again. */
  close(): Promise<void>
}

export interface WorkerThreadLimits {
  readonly startMs: number
  /** Of the thread's heap; buffers do not count. */
  readonly megabytes: number
  /** The thread ends when it has had nothing to do for this long. */
  readonly idleMs: number
}

/**
 * The module that a thread runs.
 * @param beside  the `import.meta.url` of a module in the same folder
 * @param name    of the module's file, without its extension: .ts as source, .js as built
 */
export function entryBeside(beside: string, name: string): URL {
  return new URL(`./${name}${extname(beside)}`, beside)
}

/** @param entry  calls `answerQuestions` */
export function createWorkerThread<Question, Answer extends { readonly kind: string }>(
  entry: URL,
  limits: WorkerThreadLimits,
): WorkerThread<Question, Answer> {
  let worker: Worker | undefined
  let usedMs = 0
  let isClosed = false
  let idle: NodeJS.Timeout | undefined

  const end = async (): Promise<void> => {
    clearTimeout(idle)
    const ending = worker
    worker = undefined
    await ending?.terminate()
  }

  const start = async (): Promise<Worker | undefined> => {
    const fresh = new Worker(entry, {
      ...isolated(),
      resourceLimits: {
        maxOldGenerationSizeMb: limits.megabytes,
        maxYoungGenerationSizeMb: 16,
        stackSizeMb: 4,
      },
    })
    // The next question starts another thread.
    fresh.on('error', () => {})
    fresh.once('exit', () => {
      if (worker === fresh) worker = undefined
    })
    fresh.unref()
    const { reply, cpuMs } = await replyOf<Ready>(fresh, limits.startMs, 0)
    usedMs = cpuMs
    if (reply.kind === 'ready' && !isClosed) return fresh
    await fresh.terminate()
    return undefined
  }

  return {
    end,
    async ask(question, limitMs, transfers = []) {
      clearTimeout(idle)
      const thread = isClosed ? undefined : (worker ??= await start())
      if (thread === undefined) return { reply: { kind: 'unstarted' }, cpuMs: 0 }
      const before = usedMs
      const replying = replyOf<Answer>(thread, limitMs, before)
      thread.postMessage(question, [...transfers])
      const { reply, cpuMs } = await replying
      usedMs = cpuMs
      if (reply.kind === 'overran' || reply.kind === 'stalled' || reply.kind === 'died') await end()
      else idle = setTimeout(() => void end(), limits.idleMs).unref()
      return { reply, cpuMs: cpuMs - before }
    },
    close() {
      isClosed = true
      return end()
    },
  }
}

/**
 * The environment holds secrets, and modules that `--import` preloads for the process would delay
 * each start. Only the folder of compiled modules is passed on, if there is one.
 */
function isolated(): Pick<WorkerOptions, 'env' | 'execArgv'> {
  const folder = getCompileCacheDir()
  // It names the version of Node, which the thread would add once more.
  return { env: folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) }, execArgv: [] }
}
