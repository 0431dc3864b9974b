// Entry of a worker thread that reads pages of an inventory (see inventory-thread.ts).
import { validatorOf } from '../../schemas.ts'
import { answerQuestions, lowerPriority } from '../../threads/answer-questions.ts'
import { readPage, type PageAnswer, type PageTask } from './inventory-page.ts'

function answerOf(task: PageTask): PageAnswer {
  try {
    return readPage(task)
  } catch {
    return { kind: 'unusable', description: 'the answer could not be read' }
  }
}

lowerPriority()
// Compiled now, so that no page's time is spent on it.
validatorOf('osb-inventory')
answerQuestions(answerOf, (answer) =>
  answer.kind === 'read' ? answer.portions.map(({ buffer }) => buffer) : [],
)
