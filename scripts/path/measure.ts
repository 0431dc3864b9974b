// npm run path [-- --list ROW] [--json]: how many functions and files of src/ a request or a
// background step passes.
// DATABASE_URL names an empty database.
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startCoverage, type CalledFunction, type Coverage } from './called-functions.ts'
import { holdIntervals, interceptIntervals, releaseIntervals } from './intervals.ts'
import { startKontor } from './kontor.ts'
import { printList, printTable, type Path } from './print.ts'
import { rowsOf, type Row } from './rows.ts'

// What happens once (loading, compiling, filling a cache) is over after these.
const warmUps = 3
// Only what every repetition calls counts: a notification or a time-out may fall into one of them.
const repetitions = 10
// A request may still be worked on for a moment after its answer.
const settleMs = 50

const { values } = parseArgs({
  options: { list: { type: 'string' }, json: { type: 'boolean', default: false } },
})
interceptIntervals()
const kontor = await startKontor(process.env['DATABASE_URL'] ?? '')
try {
  const all = rowsOf(kontor)
  const rows = all.filter(({ name }) => name === (values.list ?? name))
  if (rows.length === 0)
    throw new Error(`--list takes one of: ${all.map(({ name }) => name).join(', ')}`)
  const coverage = await startCoverage()
  const paths: Path[] = []
  for (const row of rows) paths.push(await measure(coverage, row))
  coverage.stop()
  if (values.json) console.log(JSON.stringify(paths, null, 2))
  else printTable(paths)
  if (values.list !== undefined && !values.json) paths.forEach(printList)
} finally {
  await kontor.stop()
}

async function measure(coverage: Coverage, row: Row): Promise<Path> {
  const repeated: Array<ReadonlyMap<string, CalledFunction>> = []
  for (let count = 0; count < warmUps + repetitions; count++) {
    const called = await measureOnce(coverage, row)
    if (count >= warmUps) repeated.push(called)
  }
  const all = [...new Map(repeated.flatMap((called) => [...called]))]
  const select = (isWanted: (count: number) => boolean) =>
    all
      .filter(([key]) => isWanted(repeated.filter((called) => called.has(key)).length))
      .map(([, called]) => called)
      .toSorted((a, b) => compare(a.file, b.file) || a.line - b.line)
  const called = select((count) => count === repetitions)
  return {
    row: row.name,
    description: row.description,
    functions: called.length,
    files: new Set(called.map(({ file }) => file)).size,
    called,
    leftOut: select((count) => count < repetitions),
  }
}

async function measureOnce(coverage: Coverage, row: Row) {
  const act = await row.prepare()
  await delay(settleMs)
  holdIntervals()
  try {
    do await coverage.take()
    while (!(await act()))
    await delay(settleMs)
    return await coverage.take()
  } finally {
    releaseIntervals()
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
