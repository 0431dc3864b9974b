import { execFile } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

const first = import.meta.resolve('./load-quickly.ts')

t.test('an error that no code catches fails the test that runs, and no other', async (t) => {
  const folder = t.testdir({
    'errors.test.ts': `
      import t from 'tap'
      void t.test('a rejection', (t) => { void Promise.reject(new Error('unhandled')) })
      void t.test('a throw', (t) => { setImmediate(() => { throw new Error('uncaught') }) })
      void t.test('within', (t) => t.test('inner', () => new Promise(() => {
        setImmediate(() => { throw new Error('deep') })
      })))
      void t.test('good', async (t) => { t.pass('it runs') })`,
  })
  const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
    const args = [`--import=${first}`, join(folder, 'errors.test.ts')]
    execFile(process.execPath, args, (error, stdout) => {
      resolve({ code: error?.code ?? 0, output: stdout })
    })
  })
  t.equal(code, 1)
  t.match(output, /^ {4}not ok 1 - unhandled$[^]*^not ok 1 - a rejection/m)
  t.match(output, /^ {4}not ok 1 - uncaught$[^]*^not ok 2 - a throw/m)
  t.match(output, /^ {8}not ok 1 - deep$[^]*^ {4}not ok 1 - inner[^]*^not ok 3 - within/m)
  t.match(output, /^ok 4 - good/m)
})
