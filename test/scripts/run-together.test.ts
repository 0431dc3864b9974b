import { execFile } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { countTests } from '../../scripts/count-tests.ts'

const runner = import.meta.resolve('../../scripts/run-together.ts')

t.test('each file has a `tap` of its own, which ends before the next file is loaded', async (t) => {
  const folder = t.testdir({
    'first.test.ts': `
      import t from 'tap'
      t.teardown(() => { globalThis.isOver = true })
      void t.test('of the first', async (t) => { t.pass('it runs') })`,
    'second.test.ts': `
      import t from 'tap'
      t.equal(globalThis.isOver, true, 'the first has ended')
      void t.test('of the second', async (t) => { t.fail('it fails') })
      void t.test('after it', async (t) => { t.pass('it runs') })`,
    'broken.test.ts': `throw new Error('this file is broken')`,
    'last.test.ts': `
      import t from 'tap'
      void t.test('of the last', async (t) => { t.pass('it runs') })`,
    'all.test.ts': `
      import { runTogether } from '${runner}'
      const files = ['first', 'second', 'broken', 'last']
      runTogether(files.map((name) => import.meta.resolve(\`./\${name}.test.ts\`)))`,
  })
  const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
    execFile(process.execPath, [join(folder, 'all.test.ts')], (error, stdout) => {
      resolve({ code: error?.code ?? 0, output: stdout })
    })
  })
  t.equal(code, 1)
  t.match(output, /^ {4}ok 1 - the first has ended$/m)
  t.match(output, /^not ok 3 - .*broken\.test\.ts/m)
  t.strictSame(countTests(output), { passed: 3, failed: 2, skipped: 0 })
})
