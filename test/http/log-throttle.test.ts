// How many lines a flood of events writes to the log.
import t from 'tap'
import { createLogThrottle } from '../../src/http/limits/log-throttle.ts'
import { createLog } from '../../src/log.ts'

t.test('a flood from one address or from many is a few log lines', async (t) => {
  const lines: unknown[] = []
  const logThrottle = createLogThrottle({
    ...createLog('silent'),
    warn: (fields: unknown) => {
      lines.push(fields)
    },
  })
  for (let each = 0; each < 1_000; each++)
    logThrottle.warn('sign-in 192.0.2.1', 'a sign-in failed', { address: '192.0.2.1' })
  t.strictSame(lines, [{ address: '192.0.2.1' }], 'the first event at once')
  for (let each = 0; each < 1_000; each++)
    logThrottle.warn(`sign-in ${each}`, 'a sign-in failed', { address: String(each) })
  t.equal(lines.length, 100, 'and at most a hundred lines per minute in all')
})
