// npm run bench: Kontor beside the least code that does the same, in alternating rounds. A
// measurement, not a test: it fails only when a server answers wrongly.
import { writeFile } from 'node:fs/promises'
import { runConsole } from './console/run.ts'
import { describeEnvironment } from './environment.ts'
import { runAsyncOrder } from './engine/async-order.ts'
import { runEngine } from './engine/run.ts'
import { runGrowthOfInstances } from './growth/instances/run.ts'
import { runGrowth } from './growth/run.ts'
import { runHangingProvider } from './hanging-provider.ts'
import { runHostile } from './hostile/run.ts'
import { measurePair } from './measure.ts'
import { readOptions, usage, type BenchOptions } from './options.ts'
import { printEnvironment, printRow, printTable } from './print.ts'
import { accessRows } from './rows/access.ts'
import { bind, deprovision, unbind } from './rows/orders.ts'
import { catalog200, catalog304 } from './rows/catalog.ts'
import { lastOperation } from './rows/last-operation.ts'
import { provision, provisionTightest } from './rows/provision.ts'
import type { Row } from './rows/row.ts'
import { bindSameRows, provisionSameRows } from './rows/same-rows.ts'
import { openStage } from './stage.ts'
import { summarize, type Summary } from './summary.ts'
import { runTwoProcesses } from './two-processes.ts'

const allRows: readonly Row[] = [
  catalog200,
  catalog304,
  lastOperation,
  provision,
  provisionTightest,
  bind,
  unbind,
  deprovision,
  provisionSameRows,
  bindSameRows,
]

// Of these the other side is Kontor, too: they are run only if they are named, all of them
// together.
const access = 'access'

// Compared with nothing but what is wanted of them, so they are no rows like the others: run only
// if they are named.
const others: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  engine: runEngine,
  'async-order': runAsyncOrder,
  console: runConsole,
  growth: runAllGrowth,
  hostile: runHostile,
  'two-processes': runTwoProcesses,
  'hanging-provider': runHangingProvider,
}

async function runAllGrowth(options: BenchOptions): Promise<void> {
  if (options.providers.length > 0) await runGrowth(options)
  if (options.sizes !== undefined) await runGrowthOfInstances(options, options.sizes)
}

async function bench(options: BenchOptions, rows: readonly Row[]): Promise<void> {
  const stage = await openStage(options)
  const interrupt = () => {
    void stage.close().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const environment = await describeEnvironment(stage)
    printEnvironment(environment, options)
    const summaries: Summary[] = []
    const details: unknown[] = []
    for (const row of rows) {
      const watched = { postgres: stage.postgresPid, simulator: stage.simulator.pid }
      const pair = await row.prepare(stage)
      const rounds = await measurePair(pair, options, watched, stage)
      const summary = summarize(row.name, row.wanted, rounds)
      printRow(summary, row, options.rival !== undefined)
      summaries.push(summary)
      details.push({ ...summary, against: row.against, rounds })
    }
    printTable(summaries)
    const { rounds, seconds, connections } = options
    const result = { environment, pace: { rounds, seconds, connections }, rows: details }
    if (options.json !== undefined)
      await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`)
  } finally {
    await stage.close()
  }
}

try {
  const options = readOptions(process.argv.slice(2))
  const names = [...allRows.map(({ name }) => name), access, ...Object.keys(others)]
  const unknown = options.rows.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`There is no row "${unknown}". Rows: ${names.join(', ')}`)
  const chosen = [
    ...allRows.filter(({ name }) => options.rows.length === 0 || options.rows.includes(name)),
    ...(options.rows.includes(access) ? accessRows() : []),
  ]
  if (chosen.length > 0) await bench(options, chosen)
  for (const [name, run] of Object.entries(others))
    if (options.rows.includes(name)) await run(options)
} catch (error) {
  if (error instanceof TypeError) console.error(`${error.message}\n\n${usage}`)
  else console.error(error)
  process.exitCode = 1
}
