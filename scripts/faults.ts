// node scripts/faults.ts [--lifecycles 300] [--hits 20] [--minutes 25] [--seed N] [--lanes 20]: the
// fault harness (docs/faults.md). Its last line reads `N lifecycles, N faults: 0 lost, 0
// duplicated, 0 orphaned, 0 stuck`.
import { parseArgs } from 'node:util'
import { runHarness } from '../test/faults/harness/run.ts'
import { recoveryLimitMs } from '../test/faults/harness/summary.ts'

const { values } = parseArgs({
  options: {
    lifecycles: { type: 'string', default: '300' },
    hits: { type: 'string', default: '20' },
    others: { type: 'string' },
    minutes: { type: 'string', default: '25' },
    lanes: { type: 'string', default: '20' },
    'provider-fault-ms': { type: 'string', default: '400' },
    'settle-seconds': { type: 'string', default: '150' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
})
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => {
    stop.abort()
  })

const startedMs = performance.now()
const say = (line: string) => {
  console.log(
    `${String(Math.round((performance.now() - startedMs) / 1_000)).padStart(5)} s  ${line}`,
  )
}
const hits = Number(values.hits)
say(`seed ${values.seed}`)
const summary = await runHarness({
  seed: Number(values.seed),
  lifecycles: Number(values.lifecycles),
  lanes: Number(values.lanes),
  hits,
  others: values.others === undefined ? Math.ceil(hits / 4) : Number(values.others),
  minutes: Number(values.minutes),
  providerFaultEveryMs: Number(values['provider-fault-ms']),
  settleMs: Number(values['settle-seconds']) * 1_000,
  signal: stop.signal,
  say,
})
for (const line of summary.lines) console.log(line)
if (summary.slowestRecoveryMs > recoveryLimitMs)
  console.log(`an operation stood still for more than ${recoveryLimitMs / 1_000} s`)
console.log(summary.lastLine)
process.exitCode = summary.isGood ? 0 : 1
