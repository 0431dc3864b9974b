// Entry of a worker thread that reads the catalogs of providers (see reading-thread.ts).
import { validatorOf } from '../../schemas.ts'
import { answerQuestions, lowerPriority } from '../../threads/answer-questions.ts'
import { readBytes } from './read-bytes.ts'
import type { ReadingAnswer, ReadingTask } from './task.ts'

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

lowerPriority()
// Compiled now, so that no reading's time is spent on it.
validatorOf('offering')
answerQuestions(answerOf, transfersOf)
