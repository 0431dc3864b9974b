// node scripts/test.ts [tap options] [files]: the tests, on one Postgres of their own.
// KONTOR_TEST_DATABASE_URL, if set, names a server to use instead.
import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { countTests } from './count-tests.ts'
import { planProcesses } from './test-processes.ts'
import { runCommand, withTemporaryPostgres } from './temporary-postgres.ts'

const tap = fileURLToPath(new URL('run.mjs', import.meta.resolve('tap')))
// By its full address: child processes of a test inherit it and may have another working folder.
const preload = import.meta.resolve('../test/support/refuse-empty-patterns.ts')
const first = import.meta.resolve('../test/support/load-quickly.ts')
const given = process.env['KONTOR_TEST_DATABASE_URL']
const compileCache = fileURLToPath(new URL('../node_modules/.cache/kontor', import.meta.url))

process.exitCode =
  (await prepareTap()) || (await (given ? runTests(given) : withTemporaryPostgres(runTests)))

// After `npm ci` tap is built with its TypeScript plugin, and a run that finds so rebuilds tap too late for itself.
async function prepareTap(): Promise<number> {
  const built = createRequire(import.meta.resolve('tap')).resolve('@tapjs/test/built')
  if (!(await readFile(built, 'utf8')).includes('@tapjs/typescript')) return 0
  return runCommand(process.execPath, [tap, 'build'], process.env)
}

/** Given by name, a process for each, or all. */
async function filesToRun(args: readonly string[]): Promise<string[]> {
  if (args.some((arg) => !arg.startsWith('-'))) return []
  return planProcesses(globSync('test/**/*.test.ts').toSorted())
}

async function runTests(url: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'kontor-tap-'))
  try {
    // KONTOR_TAP_FILE keeps the results for those who read more out of them than their number.
    const output = process.env['KONTOR_TAP_FILE'] ?? join(folder, 'output.tap')
    // Options of the environment come before those that tap gives.
    const options = [process.env['NODE_OPTIONS'] ?? '', `--import=${first}`].join(' ').trim()
    const own = [
      `--output-file=${output}`,
      `--node-arg=--import=${preload}`,
      `--test-env=NODE_OPTIONS=${options}`,
    ]
    const words = process.argv.slice(2)
    const args = [tap, ...words, ...(await filesToRun(words)), ...own]
    const code = await runCommand(process.execPath, args, {
      ...process.env,
      KONTOR_TEST_DATABASE_URL: url,
      // Test processes load what an earlier one compiled: about 7 % less CPU time.
      NODE_COMPILE_CACHE: compileCache,
    })
    return report(await readFile(output, 'utf8').catch(() => ''), code)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The lines of TAP that say what failed, with the first lines of what they tell about it. */
function listFailures(tap: string): string[] {
  const lines = tap.split('\n')
  return lines
    .flatMap((line, at) =>
      /^ *not ok\b(?!.*# (?:skip|todo))/i.test(line) ? lines.slice(at, at + 25) : [],
    )
    .slice(0, 400)
}

function report(output: string, code: number): number {
  const { passed, failed, skipped } = countTests(output)
  // The reporter prints nothing where there is no terminal; what failed must show there too.
  if (failed > 0) console.log(`\nFailed:\n${listFailures(output).join('\n')}`)
  if (passed + failed + skipped === 0) console.log('No test was run.')
  if (code !== 0 && failed === 0)
    console.log(`The test runner itself failed with exit code ${code}.`)
  const isGood = code === 0 && failed === 0 && passed > 0
  const shown = code !== 0 && failed === 0 && passed > 0 ? 1 : failed // never "0 failed" after a failed run
  // On a line of its own: tap ends by an escape sequence without a line end.
  if (skipped > 0) console.log(`\n${skipped} skipped`)
  console.log(`\n${passed} passed, ${shown} failed`)
  return isGood ? 0 : code || 1
}
