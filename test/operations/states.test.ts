import t from 'tap'
import {
  assertMove,
  isFinished,
  mayOperatorMove,
  mitigatedKinds,
  nextStates,
  operatorMoves,
  resumeStates,
  type OperationKind,
  type OperationState,
} from '../../src/operations/states.ts'

const kinds = [
  'provision',
  'update',
  'deprovision',
  'bind',
  'unbind',
] as const satisfies readonly OperationKind[]
const states = [
  'accepted',
  'calling',
  'waiting',
  'uncertain',
  'compensating',
  'parked',
  'succeeded',
  'failed',
] as const satisfies readonly OperationState[]

// The table once more, so that a change needs both.
const moves: Record<OperationState, readonly OperationState[]> = {
  accepted: ['calling', 'failed'],
  calling: ['accepted', 'waiting', 'uncertain', 'compensating', 'parked', 'succeeded', 'failed'],
  waiting: ['accepted', 'waiting', 'compensating', 'parked', 'succeeded', 'failed'],
  uncertain: ['accepted', 'uncertain', 'waiting', 'compensating', 'parked', 'succeeded', 'failed'],
  compensating: ['compensating', 'parked', 'failed'],
  parked: ['compensating', 'failed'],
  succeeded: [],
  failed: [],
}

t.test('the table has just these states', async (t) => {
  t.strictSame(Object.keys(nextStates).toSorted(), states.toSorted())
})

for (const from of states) {
  t.test(
    `an operation that is ${from} goes ${moves[from].length === 0 ? 'nowhere' : `to ${moves[from].join(', ')}`} and to no other state`,
    async (t) => {
      for (const kind of kinds) {
        for (const to of states) {
          const isMitigation = to === 'compensating' && !['provision', 'bind'].includes(kind)
          const move = () => assertMove(kind, from, to)
          if (moves[from].includes(to) && !isMitigation)
            t.doesNotThrow(move, `${kind}: ${from} -> ${to}`)
          else
            t.throws(
              move,
              isMitigation && moves[from].includes(to) ? /never compensated/ : /cannot go from/,
              `${kind}: ${from} -> ${to}`,
            )
        }
      }
    },
  )
}

/** Every state that an operation of this kind can reach. */
function reachable(kind: OperationKind): Set<OperationState> {
  const seen = new Set<OperationState>(['accepted', 'calling'])
  for (const from of seen) {
    for (const to of states) {
      try {
        assertMove(kind, from, to)
        seen.add(to)
      } catch {
        // not allowed
      }
    }
  }
  return seen
}

t.test('an update, a deprovision and an unbind never lead to a removal', async (t) => {
  t.strictSame([...mitigatedKinds], ['provision', 'bind'])
  for (const kind of ['update', 'deprovision', 'unbind'] as const)
    t.strictSame(
      [...reachable(kind)].toSorted(),
      states.filter((state) => state !== 'compensating').toSorted(),
      kind,
    )
  for (const kind of mitigatedKinds)
    t.strictSame([...reachable(kind)].toSorted(), states.toSorted(), kind)
})

t.test('a finished operation stays finished, and every other can be finished', async (t) => {
  for (const state of states) t.equal(isFinished(state), moves[state].length === 0, state)
  for (const state of states.filter((each) => !isFinished(each)))
    t.ok(moves[state].includes('failed'), state)
})

// What an operator may do, once more for each kind.
const byHand: Record<OperationKind, Partial<Record<OperationState, readonly OperationState[]>>> = {
  provision: {
    accepted: ['failed'],
    calling: ['succeeded', 'failed'],
    waiting: ['succeeded', 'failed'],
    uncertain: ['succeeded', 'failed'],
    compensating: ['succeeded', 'failed'],
    parked: ['compensating', 'succeeded', 'failed'],
  },
  bind: {
    accepted: ['failed'],
    calling: ['succeeded', 'failed'],
    waiting: ['succeeded', 'failed'],
    uncertain: ['succeeded', 'failed'],
    compensating: ['succeeded', 'failed'],
    parked: ['compensating', 'succeeded', 'failed'],
  },
  update: {
    accepted: ['failed'],
    calling: ['succeeded', 'failed'],
    waiting: ['succeeded', 'failed'],
    uncertain: ['succeeded', 'failed'],
    compensating: ['succeeded', 'failed'],
    parked: ['uncertain', 'succeeded', 'failed'],
  },
  deprovision: {
    accepted: ['succeeded', 'failed'],
    calling: ['succeeded', 'failed'],
    waiting: ['succeeded', 'failed'],
    uncertain: ['succeeded', 'failed'],
    compensating: ['succeeded', 'failed'],
    parked: ['accepted', 'succeeded', 'failed'],
  },
  unbind: {
    accepted: ['succeeded', 'failed'],
    calling: ['succeeded', 'failed'],
    waiting: ['succeeded', 'failed'],
    uncertain: ['succeeded', 'failed'],
    compensating: ['succeeded', 'failed'],
    parked: ['accepted', 'succeeded', 'failed'],
  },
}

for (const kind of kinds) {
  t.test(`an operator may move ${kind} as the table says and not otherwise`, async (t) => {
    t.strictSame(Object.keys(operatorMoves).toSorted(), states.toSorted())
    for (const from of states) {
      for (const to of states)
        t.equal(
          mayOperatorMove(kind, from, to),
          byHand[kind][from]?.includes(to) ?? false,
          `${from} -> ${to}`,
        )
    }
  })
}

t.test(
  'an operator can end every unfinished operation, moves no finished one, and never has an update removed',
  async (t) => {
    for (const kind of kinds) {
      for (const from of states)
        t.equal(mayOperatorMove(kind, from, 'failed'), !isFinished(from), `${kind} ${from}`)
      const isMitigated = mitigatedKinds.includes(kind)
      t.equal(resumeStates[kind] === 'compensating', isMitigated, kind)
      for (const from of states)
        t.ok(isMitigated || !mayOperatorMove(kind, from, 'compensating'), `${kind} ${from}`)
    }
  },
)
