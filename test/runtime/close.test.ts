import t from 'tap'
import { createLog } from '../../src/log.ts'
import { closeWith } from '../../src/runtime/on-close.ts'

t.test(
  'parts close in reverse order, and an error in one is logged and ends no other',
  async (t) => {
    const logged: unknown[] = []
    const log = {
      ...createLog('silent'),
      warn: (fields: unknown) => {
        logged.push(fields)
      },
    }
    const stack = new AsyncDisposableStack()
    const onClose = closeWith(stack, log)
    const closed: string[] = []
    onClose('first', () => {
      closed.push('first')
    })
    onClose('broken', async () => {
      throw new Error('no connection')
    })
    onClose('also broken', () => {
      throw new Error('no disk')
    })
    onClose('last', async () => {
      closed.push('last')
    })
    await stack.disposeAsync()
    t.strictSame(closed, ['last', 'first'])
    t.match(logged, [
      { what: 'also broken', error: { message: 'no disk' } },
      { what: 'broken', error: { message: 'no connection' } },
    ])
  },
)
