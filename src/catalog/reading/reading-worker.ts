// Entry of a worker thread that reads the catalogs of providers (see reading-thread.ts).
import { parentPort } from 'node:worker_threads'
import { validatorOf } from '../../schemas.ts'
import { readBytes } from './read-bytes.ts'
import type { ReadingAnswer, ReadingTask } from './task.ts'

export type ReadingMessage = { readonly kind: 'ready' } | ReadingAnswer

function transfersOf(answer: ReadingAnswer): ArrayBuffer[] {
  if (answer.kind !== 'inspected') return []
  const { index, offerings, plans } = answer.catalog
  // TextEncoder gives each its own ArrayBuffer.
  return [index, ...offerings, ...plans].map(({ buffer }) => buffer as ArrayBuffer)
}

function answerOf(task: ReadingTask): ReadingAnswer {
  try {
    return readBytes(task)
  } catch {
    // A catalog that Kontor's code did not foresee fails alone.
    return { kind: 'unusable', description: 'the catalog could not be inspected' }
  }
}

parentPort?.on('message', (task: ReadingTask) => {
  const answer = answerOf(task)
  parentPort?.postMessage(answer, transfersOf(answer))
})
// Compiled now, so that no reading's time is spent on it.
validatorOf('offering')
parentPort?.postMessage({ kind: 'ready' } satisfies ReadingMessage)
