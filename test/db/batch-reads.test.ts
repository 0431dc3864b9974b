import t from 'tap'
import { batchReads } from '../../src/db/batch-reads.ts'

interface Row {
  readonly key: string
}

t.test(
  'keys requested in one turn of the event loop share a read, later ones get another',
  async (t) => {
    const reads: string[][] = []
    const find = batchReads<Row, Row>(
      async (keys) => {
        reads.push(keys.map(({ key }) => key))
        return keys.filter(({ key }) => key !== 'missing').toReversed()
      },
      ({ key }) => key,
    )

    t.strictSame(
      await Promise.all([find({ key: 'a' }), find({ key: 'missing' }), find({ key: 'b' })]),
      [{ key: 'a' }, undefined, { key: 'b' }],
    )
    t.strictSame(await find({ key: 'c' }), { key: 'c' })
    t.strictSame(reads, [['a', 'missing', 'b'], ['c']])
  },
)

t.test('a failed read fails all its callers and none after them', async (t) => {
  let isUnreachable = true
  const find = batchReads<Row, Row>(
    async (keys) => {
      if (isUnreachable) throw new Error('unreachable')
      return keys
    },
    ({ key }) => key,
  )

  const both = await Promise.allSettled([find({ key: 'a' }), find({ key: 'b' })])
  t.strictSame(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  isUnreachable = false
  t.strictSame(await find({ key: 'a' }), { key: 'a' })
})
