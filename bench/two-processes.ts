// npm run bench -- two-processes: how much more two Kontor processes on one database carry than
// one.
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { describeEnvironment } from './environment.ts'
import { measurePair, type Pair } from './measure.ts'
import type { BenchOptions } from './options.ts'
import { describeMachine } from './print.ts'
import { untilPublished } from './register.ts'
import { lastOperation } from './rows/last-operation.ts'
import { provision } from './rows/provision.ts'
import type { Row } from './rows/row.ts'
import { openStage } from './stage.ts'
import { summarize, type SideSummary, type Summary } from './summary.ts'

const wanted = 1.6
const cores = availableParallelism()
const rows: readonly Row[] = [lastOperation, provision]

export async function runTwoProcesses(options: BenchOptions): Promise<void> {
  const stage = await openStage(options)
  const interrupt = () => {
    void stage.close().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const environment = await describeEnvironment(stage)
    console.log(describeMachine(environment))
    const second = await stage.startAnother()
    await untilPublished(second.url, stage.headers)
    const watched = { postgres: stage.postgresPid, simulator: stage.simulator.pid }
    const summaries: Summary[] = []
    for (const row of rows) {
      // The row's own comparison server idles, but for the check of the answers.
      const { ours, verify } = await row.prepare(stage)
      const pair: Pair = {
        ours: {
          target: { ...ours.target, secondUrl: second.url },
          pid: [stage.kontor.pid, second.pid],
        },
        theirs: ours,
        verify,
      }
      const rounds = await measurePair(pair, options, watched, stage)
      summaries.push(summarize(row.name, wanted, rounds))
    }
    print(summaries)
    if (options.json !== undefined)
      await writeFile(
        options.json,
        `${JSON.stringify({ environment, rows: summaries }, null, 2)}\n`,
      )
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    await stage.close()
  }
}

function print(summaries: readonly Summary[]): void {
  console.log(
    '\n| row | two processes | one process | ratio | rounds | limit of the two | wanted |\n' +
      '| --- | --- | --- | --- | --- | --- | --- |',
  )
  for (const { row, ratio, spread, ours, theirs } of summaries) {
    const rates = `${Math.round(ours.perSecond)}/s | ${Math.round(theirs.perSecond)}/s`
    const range = spread.map((each) => each.toFixed(2)).join('..')
    console.log(
      `| ${row} | ${rates} | **${ratio.toFixed(2)}** | ${range} | ${limitOf(ours)} | ${wanted} |`,
    )
  }
  for (const summary of summaries) printCeiling(summary)
}

/** What keeps it from going faster, as far as the use of the processors says. */
function limitOf({ cpu }: SideSummary): string {
  if (cpu === undefined) return ''
  const shares = Object.entries(cpu).map(([name, share]) => `${name} ${share.toFixed(2)}`)
  const busy = sumOf(Object.values(cpu))
  // A core that waits for its share of the machine shows as idle, too.
  const limit = busy > 0.9 * cores ? 'the processors' : 'waits, of the disk or for locks'
  return `${limit}: ${busy.toFixed(2)} of ${cores} cores (${shares.join(', ')})`
}

/**
 * What the processors could carry at most if nothing ever waited, from the processor time of each
 * part for one request: a ratio above that cannot be reached on this machine.
 */
function printCeiling({ row, ours, theirs }: Summary): void {
  const [two, one] = [partsOf(ours), partsOf(theirs)]
  if (two === undefined || one === undefined) return
  const describe = (parts: Parts) =>
    `${Object.entries(parts)
      .map(([name, microseconds]) => `${name} ${microseconds.toFixed(0)}`)
      .join(', ')}: ${sumOf(Object.values(parts)).toFixed(0)} µs`
  const atMost = (cores * 1e6) / sumOf(Object.values(two))
  console.log(
    `\n${row}, processor time of one request: with one process ${describe(one)}; ` +
      `with two ${describe(two)}. So ${cores} cores carry at most ${Math.round(atMost)}/s with ` +
      `two processes, ${(atMost / theirs.perSecond).toFixed(2)} times what one had.`,
  )
}

type Parts = Readonly<Record<'Kontor' | 'Postgres' | 'load generator' | 'provider', number>>

function partsOf({ cpu, perSecond }: SideSummary): Parts | undefined {
  if (cpu === undefined) return undefined
  const perRequest = (share: number) => (share / perSecond) * 1e6
  return {
    Kontor: perRequest(cpu.server),
    Postgres: perRequest(cpu.postgres),
    'load generator': perRequest(cpu.generator),
    provider: perRequest(cpu.simulator),
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
