import t from 'tap'
import { together } from '../../src/db/together.ts'

interface Row {
  readonly key: string
}

t.test('what is asked for in one turn is read at once, what comes later by itself', async (t) => {
  const reads: string[][] = []
  const find = together<Row, Row>(
    async (asked) => {
      reads.push(asked.map(({ key }) => key))
      return asked.filter(({ key }) => key !== 'missing').toReversed()
    },
    ({ key }) => key,
  )

  t.strictSame(
    await Promise.all([find({ key: 'a' }), find({ key: 'missing' }), find({ key: 'b' })]),
    [{ key: 'a' }, undefined, { key: 'b' }],
  )
  t.strictSame(await find({ key: 'c' }), { key: 'c' })
  t.strictSame(reads, [['a', 'missing', 'b'], ['c']])
})

t.test('a reading that fails fails for all that asked, and for nobody after them', async (t) => {
  let isAway = true
  const find = together<Row, Row>(
    async (asked) => {
      if (isAway) throw new Error('away')
      return asked
    },
    ({ key }) => key,
  )

  const both = await Promise.allSettled([find({ key: 'a' }), find({ key: 'b' })])
  t.strictSame(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  isAway = false
  t.strictSame(await find({ key: 'a' }), { key: 'a' })
})
