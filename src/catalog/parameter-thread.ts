// One check in one worker thread, from the main thread's side.
import type { ErrorObject } from 'ajv'
import {
  createWorkerThread,
  entryBeside,
  type Reply,
  type WorkerThread,
  type WorkerThreadLimits,
} from '../threads/worker-thread.ts'
import type { Answer, Extent, Question } from './parameter-worker.ts'

/** Compiles schemas and checks with them. */
export type ParameterThread = WorkerThread<Question, Answer>

export function createParameterThread(limits: WorkerThreadLimits): ParameterThread {
  return createWorkerThread(entryBeside(import.meta.url, 'parameter-worker'), limits)
}

export interface CheckTimes {
  /** CPU time in which a schema must be compiled. */
  readonly compileMs: number
  /** CPU time in which parameters must be checked. */
  readonly runMs: number
}

export interface NamedSchema {
  readonly digest: string
  readonly schema: Readonly<Record<string, unknown>>
}

/** What a thread is asked. */
export interface Check {
  readonly providerId: string
  readonly schema: NamedSchema
  readonly value: unknown
  readonly extent: Extent
}

export type Checked =
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly errors: readonly ErrorObject[] }
  /** By the rules of its draft it is no schema. */
  | { readonly kind: 'no_schema'; readonly problem: string }
  /** The schema could not be compiled: too slow or too large. */
  | { readonly kind: 'unusable'; readonly problem: string }
  /** These parameters could not be checked: it takes too long, or too much memory. */
  | { readonly kind: 'endless'; readonly problem: string }
  /** There was no check. */
  | { readonly kind: 'busy'; readonly retryAfterMs: number }
  /** There was no check, because the process stops. */
  | { readonly kind: 'stopping' }

export interface TimedCheck {
  readonly checked: Checked
  readonly cpuMs: number
}

const stalled: Checked = { kind: 'busy', retryAfterMs: 5_000 }

/** The schema is sent only when the thread does not have it. */
export async function checkWith(
  thread: ParameterThread,
  times: CheckTimes,
  { providerId, schema: { digest, schema }, value, extent }: Check,
): Promise<TimedCheck> {
  let spentMs = 0
  const ask = async (question: Question, limitMs: number) => {
    const { reply, cpuMs } = await thread.ask(question, limitMs)
    spentMs += cpuMs
    return reply
  }
  const asked = { providerId, digest, extent }
  const run = () => ask({ ask: 'run', ...asked, value }, times.runMs)
  const timed = (checked: Checked): TimedCheck => ({ checked, cpuMs: spentMs })

  const first = await run()
  if (first.kind !== 'unknown') return timed(ofRun(first, times))
  const compiled = await ask({ ask: 'compile', ...asked, schema }, times.compileMs)
  switch (compiled.kind) {
    case 'compiled':
      return timed(ofRun(await run(), times))
    case 'no_schema':
      return timed(compiled)
    case 'overran':
      return timed({ kind: 'unusable', problem: `it is not compiled after ${times.compileMs} ms.` })
    case 'died':
      return timed({ kind: 'unusable', problem: causeOfDeath(compiled) })
    case 'broken':
      return timed({ kind: 'unusable', problem: compiled.problem })
    default:
      return timed(stalled)
  }
}

function ofRun(answer: Reply<Answer>, { runMs }: CheckTimes): Checked {
  switch (answer.kind) {
    case 'valid':
      return { kind: 'valid' }
    case 'invalid':
      return answer
    case 'overran':
      return { kind: 'endless', problem: `it takes longer than ${runMs} ms.` }
    case 'died':
      return { kind: 'endless', problem: causeOfDeath(answer) }
    case 'broken':
      return { kind: 'endless', problem: answer.problem }
    default:
      return stalled
  }
}

function causeOfDeath({ isOutOfMemory }: { readonly isOutOfMemory: boolean }): string {
  return isOutOfMemory ? 'it takes more memory than it may.' : 'it ends the thread that checks it.'
}
