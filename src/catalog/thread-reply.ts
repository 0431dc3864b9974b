import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import type { Answer } from './parameter-worker.ts'

export type Reply =
  Answer | { readonly kind: 'overran' } | { readonly kind: 'died'; readonly problem: string }

/** The next message of the thread, unless it computes for longer than `limitMs`. */
export async function replyOf(worker: Worker, limitMs: number): Promise<Reply> {
  const watching = new AbortController()
  const { signal } = watching
  let answered = false
  const answer = Promise.race<Reply>([
    once(worker, 'message', { signal }).then(([message]) => message as Answer, died),
    once(worker, 'exit', { signal }).then(
      () => ({ kind: 'died', problem: 'it takes more memory than it may.' }),
      died,
    ),
  ]).then((found) => {
    answered = true
    return found
  })
  try {
    return await Promise.race([answer, overrun(worker, limitMs, () => answered, signal)])
  } finally {
    watching.abort()
  }
}

function died(error: unknown): Reply {
  return {
    kind: 'died',
    problem:
      error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? 'it takes more memory than it may.'
        : 'it ends the thread that checks it.',
  }
}

/**
 * Resolves when the thread has used more CPU time than it may. Time in which it was not scheduled
 * does not count: a busy machine must not make good parameters fail.
 */
async function overrun(
  worker: Worker,
  limitMs: number,
  isAnswered: () => boolean,
  signal: AbortSignal,
): Promise<Reply> {
  const half = limitMs / 2
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, half)
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer)
          resolve()
        },
        { once: true },
      )
    })
  let workedBefore: number | undefined
  for (let halves = 1; halves <= 20; halves++) {
    await pause()
    // The answer may have arrived while this thread was busy.
    await setImmediate()
    if (isAnswered()) break
    const usage = await worker.cpuUsage().catch(() => undefined)
    if (usage === undefined) break
    const worked = (usage.user + usage.system) / 1_000
    workedBefore ??= worked
    if (worked - workedBefore >= half * 0.8) break
  }
  return { kind: 'overran' }
}
