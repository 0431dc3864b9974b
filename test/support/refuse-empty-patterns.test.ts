import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

t.setTimeout(60_000)
const root = fileURLToPath(new URL('../..', import.meta.url))

// tap leaves a symbol behind.
const isTapLoaded = 'Object.getOwnPropertySymbols(globalThis).some((of) => /TAP/.test(String(of)))'

const preload = import.meta.resolve('./refuse-empty-patterns.ts')

interface Ran {
  readonly code: unknown
  readonly output: string
}

/** Runs a test file as `npm test` does. */
const run = (t: Test, file: string): Promise<Ran> =>
  runWith(t, file, [`${root}scripts/test.ts`, 'test/one.test.ts'])

/** Runs a test file as `npm test` starts it, without the runner: a fifth of the CPU time. */
const runAlone = (t: Test, file: string): Promise<Ran> =>
  runWith(t, file, [`--import=${preload}`, 'test/one.test.ts'])

async function runWith(t: Test, file: string, args: readonly string[]): Promise<Ran> {
  const cwd = t.testdir({
    'package.json': '{ "type": "module" }',
    '.taprc': t.fixture('symlink', `${root}.taprc`),
    node_modules: t.fixture('symlink', `${root}node_modules`),
    test: { 'one.test.ts': file, 'child.ts': `console.log(${isTapLoaded})` },
  })
  const env = {
    // With tap's own variables the run would take itself for a test file.
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.includes('TAP'))),
    KONTOR_TEST_DATABASE_URL: 'postgres://unused',
  }
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr }),
    )
  })
}

t.test('an assertion whose pattern has an empty array or object fails the run', async (t) => {
  const refused: ReadonlyArray<readonly [assertion: string, says: string]> = [
    ['t.match([1], [])', 't.match proves nothing: its pattern is an empty Array'],
    ['t.match({ a: 1 }, {})', 't.match proves nothing: its pattern is an empty Object'],
    ['t.match([], [])', 't.match proves nothing: its pattern is an empty Array'],
    ['t.match({ b: { c: [1] } }, { b: { c: none } })', 'b.c of its pattern is an empty Array'],
    ['t.match([{ d: { e: 1 } }], [{ d: {} }])', '0.d of its pattern is an empty Object'],
    ['t.match(new Set([1]), new Set())', 'its pattern is an empty Set'],
    ['t.match(new Map([[1, 2]]), new Map())', 'its pattern is an empty Map'],
    ['t.notMatch({ f: 1 }, { f: {} })', 't.notMatch proves nothing: f of its pattern'],
    ['t.matchStrict({ g: [1] }, { g: [] })', 't.matchStrict proves nothing: g of its pattern'],
    ['t.has({ h: [1] }, { h: [] })', 't.has proves nothing: h of its pattern'],
    ['t.notHas({ i: 1 }, { i: [] })', 't.notHas proves nothing: i of its pattern'],
    ['t.hasStrict({ j: [1] }, { j: [] })', 't.hasStrict proves nothing: j of its pattern'],
    ['t.throws(() => { throw new Error() }, { k: {} })', 'k of its pattern is an empty Object'],
    ['await t.rejects(Promise.reject(new Error()), { l: {} })', 'l of its pattern'],
    ['await t.test("deeper", async (t) => { t.match([1], { m: [] }) })', 'm of its pattern'],
  ]
  const fileOf = (tests: readonly string[]) =>
    [
      "import t from 'tap'",
      'const none: unknown[] = []',
      't.match({ top: [1] }, { top: [] })',
      ...tests,
    ].join('\n')
  const tests = refused.map(([assertion], at) => `t.test('${at}', async (t) => { ${assertion} })`)
  const all = await runAlone(t, fileOf(tests))
  t.equal(all.code, 1)
  for (const [at, [assertion, says]] of refused.entries()) {
    t.ok(all.output.includes(says), `${assertion}: ${says}`)
    t.match(all.output, new RegExp(`^not ok \\d+ - ${at}\\b`, 'm'), assertion)
  }
  const { code, output } = await run(t, fileOf(tests.slice(0, 1)))
  t.equal(code, 1)
  t.match(output, '\n0 passed, 1 failed')
  t.match(output, 't.match proves nothing: top of its pattern', 'outside of a test too')
  t.match(output, /fileName: test\/one\.test\.ts\s+lineNumber: 3\s/, 'where it stands is named')
})

t.test('all other assertions pass and fail as without the preload', async (t) => {
  const { code, output } = await run(
    t,
    `import t from 'tap'
    t.test('passes', async (t) => {
      const circle: Record<string, unknown> = { a: 1 }
      circle['self'] = circle
      t.match(circle, circle)
      t.match({ a: [1, 2], b: 'text', c: 1, d: [] }, { a: [1], b: /^t/, c: Number, d: Array })
      t.match({ a: [], b: new Date(0) }, { a: { length: 0 }, b: new Date(0), c: undefined })
      t.match(new Set([1, 2]), new Set([1]))
      t.match(Buffer.alloc(0), Buffer.alloc(0))
      t.notMatch({ a: [1] }, { a: { length: 0 } })
      t.throws(() => { throw new Error('x') }, new Error('x'))
      await t.rejects(Promise.reject(new Error('x')), { message: 'x' })
      t.matchOnly({ a: [] }, { a: [] })
      t.strictSame([[], {}], [[], {}])
    })
    t.test('fails', async (t) => { t.match({ a: 1 }, { a: 2 }) })
    t.test('empty is empty', async (t) => { t.match({ a: [1] }, { a: { length: 0 } }) })`,
  )
  t.equal(code, 1)
  t.notMatch(output, 'proves nothing')
  t.match(output, '\n1 passed, 2 failed')
})

t.test('child processes and worker threads of a test do not load tap', async (t) => {
  const { code, output } = await run(
    t,
    `import { fork } from 'node:child_process'
    import { text } from 'node:stream/consumers'
    import { Worker } from 'node:worker_threads'
    import t from 'tap'
    t.test('they do not', async (t) => {
      const worker = new Worker('./test/child.ts', { stdout: true })
      const child = fork('test/child.ts', { silent: true })
      const answers = await Promise.all([worker, child].map(({ stdout }) => text(stdout)))
      t.strictSame([${isTapLoaded}, ...answers], [true, 'false\\n', 'false\\n'])
    })`,
  )
  t.equal(code, 0, output)
})
