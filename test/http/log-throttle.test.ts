// What the log hears of a flood.
import t from 'tap'
import { createLogThrottle } from '../../src/http/limits/log-throttle.ts'
import { createLog } from '../../src/log.ts'

t.test('a flood from one or from many places is a few lines', async (t) => {
  const lines: unknown[] = []
  const logThrottle = createLogThrottle({
    ...createLog('silent'),
    warn: (fields: unknown) => {
      lines.push(fields)
    },
  })
  for (let each = 0; each < 1_000; each++)
    logThrottle.tell('sign-in 192.0.2.1', 'sign-ins fail', { address: '192.0.2.1' })
  t.strictSame(lines, [{ address: '192.0.2.1' }], 'the first one at once')
  for (let each = 0; each < 1_000; each++)
    logThrottle.tell(`sign-in ${each}`, 'sign-ins fail', { address: String(each) })
  t.equal(lines.length, 100, 'and no more than a hundred a minute of all')
})
