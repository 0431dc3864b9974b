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
}

/** What keeps it from going faster, as far as the use of the processors says. */
function limitOf({ cpu }: SideSummary): string {
  if (cpu === undefined) return ''
  const shares = Object.entries(cpu).map(([name, share]) => `${name} ${share.toFixed(2)}`)
  const busy = Object.values(cpu).reduce((sum, share) => sum + share, 0)
  const cores = availableParallelism()
  // A core that waits for its share of the machine shows as idle, too.
  const limit = busy > 0.9 * cores ? 'the processors' : 'waits, of the disk or for locks'
  return `${limit}: ${busy.toFixed(2)} of ${cores} cores (${shares.join(', ')})`
}
