import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import type { Timed } from './answer-questions.ts'

/** Why there is no answer. */
export type NoReply =
  /** It has used more CPU time than it may. */
  | { readonly kind: 'overran' }
  /** It has got hardly any CPU time for so long that an answer can no longer be waited for. */
  | { readonly kind: 'stalled' }
  | { readonly kind: 'died'; readonly isOutOfMemory: boolean }

export interface TimedReply<Answer> {
  readonly reply: Answer | NoReply
  /** How much CPU time the thread has used since it started. */
  readonly cpuMs: number
}

// How many times the CPU time that a thread may use it may take by the clock.
const maxStretch = 20
// A thread of lower priority may get nothing at all for seconds.
const minStallMs = 5_000

/**
 * The next message of the thread, unless it uses more CPU time than `limitMs`. Time in which it was
 * not scheduled does not count: a busy machine must not make good work fail.
 * @param usedMs  the CPU time that it had used before
 */
export function replyOf<Answer>(
  worker: Worker,
  limitMs: number,
  usedMs: number,
): Promise<TimedReply<Answer>> {
  const { promise, resolve } = Promise.withResolvers<TimedReply<Answer>>()
  let isOver = false
  let cpuMs = usedMs
  const end = (reply: Answer | NoReply): void => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    clearTimeout(lastTimer)
    worker.off('message', onMessage).off('error', onError).off('exit', onExit)
    resolve({ reply, cpuMs })
  }
  const onMessage = (message: Timed<Answer>): void => {
    cpuMs = message.cpuMs
    end(message.answer)
  }
  const onError = (error: unknown): void => {
    cpuMs = usedMs + limitMs
    end({ kind: 'died', isOutOfMemory: isOutOfMemory(error) })
  }
  // Without an error V8 has ended it for its memory.
  const onExit = (): void => onError({ code: 'ERR_WORKER_OUT_OF_MEMORY' })
  worker.on('message', onMessage).on('error', onError).on('exit', onExit)

  const look = async (): Promise<void> => {
    const usage = await worker.cpuUsage().catch(() => undefined)
    // The answer may have arrived while this thread was busy.
    await setImmediate()
    if (isOver || usage === undefined) return
    cpuMs = Math.max(cpuMs, (usage.user + usage.system) / 1_000)
    const leftMs = usedMs + limitMs - cpuMs
    if (leftMs <= 0) end({ kind: 'overran' })
    else timer = setTimeout(() => void look(), Math.max(20, leftMs))
  }
  let timer = setTimeout(() => void look(), limitMs)
  const lastTimer = setTimeout(
    () => end({ kind: 'stalled' }),
    Math.max(minStallMs, maxStretch * limitMs),
  )
  return promise
}

function isOutOfMemory(error: unknown): boolean {
  return (
    error !== null &&
    typeof error === 'object' &&
    'code' in error &&
    error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  )
}
