// node scripts/conformance.ts [--results FILE] [--update]: which rows of the conformance matrix are
// proven. A row is proven when every test whose name begins with its id passed, and there is at
// least one. Without --results the conformance tests are run first. test/conformance/proven.txt
// keeps what was proven before: losing one is a failure.
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runCommand } from './temporary-postgres.ts'
import { readRowResults } from './row-results.ts'

interface Row {
  readonly id: string
  readonly level: string
  readonly role: string
  readonly group: string
  readonly says: string
}

const folder = new URL('../test/conformance/', import.meta.url)
const { values } = parseArgs({
  options: { results: { type: 'string' }, update: { type: 'boolean', default: false } },
})

const results = values.results ?? (await runTests())
const rows = JSON.parse(await readFile(new URL('rows.json', folder), 'utf8')) as Row[]
const notTestable = await readNotTestable()
const tests = readRowResults(await readFile(results, 'utf8'))

type RowResult = 'pass' | 'fail' | 'not testable' | 'untested'
const outcomes = new Map(rows.map((row) => [row.id, resultOf(row)]))
printTable()
const open = rows.filter(({ id }) => outcomes.get(id) === 'untested' || outcomes.get(id) === 'fail')
const proven = rows.filter(({ id }) => outcomes.get(id) === 'pass').map(({ id }) => id)
for (const { id, says } of open)
  console.log(`open: ${id} (${String(outcomes.get(id))}) ${says.slice(0, 120)}`)
// A test may also name a decision (DEC-nn): those stand beside the matrix, they are no rows of it.
const unknown = [...tests.keys()].filter((id) => !outcomes.has(id) && !id.startsWith('DEC-'))
if (unknown.length > 0)
  console.log(`Tests name rows that are not in the matrix: ${unknown.join(', ')}`)
const lost = await lostSince(proven)
if (lost.length > 0) console.log(`No longer proven: ${lost.join(', ')}`)
console.log(
  `${proven.length} of ${rows.length} rows proven, ${Object.keys(notTestable).length} not testable, ${open.length} open`,
)
process.exitCode = open.length > 0 || lost.length > 0 || unknown.length > 0 ? 1 : 0

async function runTests(): Promise<string> {
  // The rows about parameters are proven beside the other tests of parameters.
  const testFiles = ['test/conformance/*.test.ts', 'test/catalog/parameters.test.ts']
  const file = fileURLToPath(new URL('../.tap/conformance.tap', import.meta.url))
  await runCommand(
    process.execPath,
    [fileURLToPath(new URL('test.ts', import.meta.url)), ...testFiles],
    { ...process.env, KONTOR_TAP_FILE: file },
  )
  return file
}

/** Row id -> why no test can show it. */
async function readNotTestable(): Promise<Record<string, string>> {
  // No such folder: every row has a test.
  const files = (await readdir(new URL('not-testable/', folder)).catch(() => [])).filter((file) =>
    file.endsWith('.json'),
  )
  const parts = await Promise.all(
    files.map(
      async (file) =>
        JSON.parse(await readFile(new URL(`not-testable/${file}`, folder), 'utf8')) as Record<
          string,
          string
        >,
    ),
  )
  return Object.assign({}, ...parts) as Record<string, string>
}

function resultOf(row: Row): RowResult {
  const outcomes = tests.get(row.id)
  if (outcomes === undefined) return row.id in notTestable ? 'not testable' : 'untested'
  return outcomes.every(Boolean) ? 'pass' : 'fail'
}

function printTable(): void {
  const counts = new Map<string, Record<RowResult, number>>()
  for (const row of rows) {
    const count = counts.get(row.group) ?? { pass: 0, fail: 0, 'not testable': 0, untested: 0 }
    count[outcomes.get(row.id) ?? 'untested']++
    counts.set(row.group, count)
  }
  console.log('group     rows  pass  fail  untested  not testable')
  for (const [group, count] of counts) {
    const all = Object.values(count).reduce((sum, number) => sum + number, 0)
    console.log(
      [
        group.padEnd(8),
        String(all).padStart(5),
        String(count.pass).padStart(5),
        String(count.fail).padStart(5),
        String(count.untested).padStart(9),
        String(count['not testable']).padStart(13),
      ].join(' '),
    )
  }
}

async function lostSince(now: readonly string[]): Promise<string[]> {
  const file = new URL('proven.txt', folder)
  if (values.update) await writeFile(file, `${now.join('\n')}\n`)
  const before = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
  return before.filter((id) => !now.includes(id))
}
