// Entry of a worker thread that writes plans for Cloud Foundry (see rendering-thread.ts).
import { answerQuestions, lowerPriority } from '../../threads/answer-questions.ts'
import { checkSize } from '../../threads/check-size.ts'
import { planForCloudFoundry, withoutSchemas } from '../cloud-foundry/fit-plan.ts'
import {
  buffersOf,
  pack,
  results,
  unpack,
  type RenderingAnswer,
  type RenderingTask,
  type Result,
} from './task.ts'

// A plan has at most 256 kB by default. One that 0.2.0 published may be larger, and V8 ends the
// whole process when its parser runs out of memory in a thread.
const maxValues = 300_000

interface Written {
  readonly result: Result
  readonly text: Buffer
}

const none = Buffer.alloc(0)

function write(text: Buffer, omitsSchemas: boolean): Written {
  if (checkSize('the plan', text, maxValues) !== undefined)
    return { result: 'not written', text: none }
  const body = JSON.parse(text.toString()) as Readonly<Record<string, unknown>>
  const written = (result: Result, plan: object): Written => ({
    result,
    text: Buffer.from(JSON.stringify(plan)),
  })
  if (omitsSchemas) return written('schemas omitted', withoutSchemas(body))
  try {
    const fit = planForCloudFoundry(body)
    return fit === body ? { result: 'same', text: none } : written('rewritten', fit)
  } catch {
    // A schema that Kontor's code did not foresee fails alone.
    return written('schemas omitted', withoutSchemas(body))
  }
}

function answerOf({ plans, omitsSchemas }: RenderingTask): RenderingAnswer {
  const written = unpack(plans).map((text): Written => {
    try {
      return write(text, omitsSchemas)
    } catch {
      return { result: 'not written', text: none }
    }
  })
  return {
    kind: 'rendered',
    plans: pack(written.map(({ text }) => text)),
    results: Uint8Array.from(written, ({ result }) => results.indexOf(result)),
  }
}

lowerPriority()
answerQuestions(answerOf, ({ plans, results: { buffer } }) => [...buffersOf(plans), buffer])
