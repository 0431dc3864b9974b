import { statement, type Statement } from '../../db/parts.ts'
import type { Operation } from '../operation.ts'
import type { OperationState } from '../states.ts'

/**
 * What held an operation up: a call got no answer (`in-doubt`), it failed and what it left is being
 * removed (`undone`), an operator had to look at it (`parked`), a step was sent again (`repeated`).
 */
export interface PastTrouble {
  /** ISO 8601. */
  readonly at: string
  readonly code: 'in-doubt' | 'undone' | 'parked' | 'repeated'
  /** Of the provider, or of Kontor. Untrusted text. */
  readonly description?: string | undefined
}

const maxTroubles = 30

/** The end of a step, as far as it says what holds the operation up. */
interface End {
  readonly state: OperationState
  readonly retries: number
  readonly description?: string | null | undefined
}

/**
 * What a step adds to the history of its operation, for `set`; undefined: nothing. Repetitions are
 * one entry, however many follow on one another.
 */
export function troubleOf(
  { state }: Pick<Operation, 'state'>,
  end: End,
  now: Date,
): Statement | undefined {
  const code = codeOf(state, end)
  if (code === undefined) return undefined
  const { description } = end
  const trouble: PastTrouble = {
    at: now.toISOString(),
    code,
    ...(description == null ? {} : { description }),
  }
  return statement`case when jsonb_array_length(coalesce(history, '[]')) < ${maxTroubles}
    then coalesce(history, '[]') || ${JSON.stringify([trouble])}::jsonb else history end`
}

function codeOf(before: OperationState, { state, retries }: End): PastTrouble['code'] | undefined {
  if (state !== before) {
    if (state === 'uncertain') return 'in-doubt'
    if (state === 'compensating') return 'undone'
    if (state === 'parked') return 'parked'
  }
  return retries === 1 ? 'repeated' : undefined
}
