import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
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

t.test('the log is written soon, and whole at the end of its process', async (t) => {
  const run = (then: string) => {
    const child = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { createLog } from ${JSON.stringify(import.meta.resolve('../../src/log.ts'))}
      const log = createLog('info')
      for (const line of ['one', 'two']) log.info(line)
      ${then}`,
    ])
    return { child, logged: text(child.stderr) }
  }
  const waiting = run('setInterval(() => {}, 1_000)')
  await once(waiting.child.stderr, 'data')
  waiting.child.kill('SIGKILL')
  t.match(await waiting.logged, /"one".*\n.*"two"/, 'while it runs')
  t.match(await run('process.exit(1)').logged, /"one".*\n.*"two"/, 'that exits')
  t.match(await run(`throw new Error('bug')`).logged, /"one".*\n.*"two"/, 'that fails')

  const unread = run(`process.stdin.once('data', () => { log.info('three'); process.exit(3) })`)
  await once(unread.child.stderr, 'data')
  unread.child.stderr.destroy()
  await unread.logged.catch(() => {})
  unread.child.stdin.write('end')
  t.strictSame(await once(unread.child, 'exit'), [3, null], 'that has no reader any more')
})
