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

// Of so many entries on, no repetition is added, and the oldest one makes room for what says more.
const maxTroubles = 30
// Of so many on, only the newest of all is replaced: a history must not grow for ever.
const hardMax = 200

/** SQL: the history of a row with room for one more, which is to be appended. */
export const roomyHistory = `case when jsonb_array_length(coalesce(history, '[]')) < ${maxTroubles}
    then coalesce(history, '[]')
    else coalesce(history - (select place::int - 1
        from jsonb_array_elements(history) with ordinality as past (trouble, place)
        where trouble ->> 'code' = 'repeated' order by place limit 1),
      case when jsonb_array_length(history) < ${hardMax} then history else history - -1 end)
    end`

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
  before: Pick<Operation, 'state' | 'retries'>,
  end: End,
  now: Date,
): Statement | undefined {
  const code = codeOf(before, end)
  if (code === undefined) return undefined
  const { description } = end
  const trouble: PastTrouble = {
    at: now.toISOString(),
    code,
    ...(description == null ? {} : { description }),
  }
  const entry = JSON.stringify([trouble])
  if (code !== 'repeated') return statement([`${roomyHistory} || `, '::jsonb'], entry)
  return statement`case when jsonb_array_length(coalesce(history, '[]')) < ${maxTroubles}
    then coalesce(history, '[]') || ${entry}::jsonb else history end`
}

function codeOf(
  before: Pick<Operation, 'state' | 'retries'>,
  { state, retries }: End,
): PastTrouble['code'] | undefined {
  if (state !== before.state) {
    if (state === 'uncertain') return 'in-doubt'
    if (state === 'compensating') return 'undone'
    if (state === 'parked') return 'parked'
  }
  // A step without a result keeps its count: while the circuit is open, or no slot is free.
  return before.retries === 0 && retries === 1 ? 'repeated' : undefined
}
