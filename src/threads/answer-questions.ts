// The side of the worker thread; that of the main thread is worker-thread.ts.
import { readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'

export interface Timed<Answer> {
  readonly answer: Answer
  /** How much CPU time this thread has used since it started. */
  readonly cpuMs: number
}

/** What the thread says before the first question. */
export interface Ready {
  readonly kind: 'ready'
}

/**
 * Answers the questions of the main thread, one by one.
 * @param answer       never throws
 * @param transfersOf  the buffers of an answer that cross without being copied
 */
export function answerQuestions<Question, Answer>(
  answer: (question: Question) => Answer,
  transfersOf: (answer: Answer) => readonly ArrayBuffer[] = () => [],
): void {
  parentPort?.on('message', (question: Question) => {
    const made = answer(question)
    post(made, transfersOf(made))
  })
  post<Ready>({ kind: 'ready' }, [])
}

function post<Answer>(answer: Answer, transfers: readonly ArrayBuffer[]): void {
  const { user, system } = process.threadCpuUsage()
  parentPort?.postMessage({ answer, cpuMs: (user + system) / 1_000 } satisfies Timed<Answer>, [
    ...transfers,
  ])
}

/**
 * Lets other threads go first where there are not enough processors: the one that serves requests,
 * and Postgres on the same machine. In Linux a thread has a priority of its own; elsewhere this
 * thread keeps that of the process.
 */
export function lowerPriority(): void {
  try {
    const [, threadId] = /^\d+\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? []
    // 19 is the lowest one.
    if (threadId !== undefined) setPriority(Number(threadId), Math.min(19, getPriority() + 10))
  } catch {
    // A sandbox may refuse either call; the work is the same.
  }
}
