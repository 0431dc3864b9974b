// The short form of the fault harness (docs/faults.md): each family of faults a few times. The long
// form is `npm run faults`.
import t from 'tap'
import { runHarness } from './harness/run.ts'

t.setTimeout(300_000)

const seed = Number(process.env['KONTOR_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

t.test(
  `processes, databases, networks and providers that fail, seed ${seed}: nothing is lost, duplicated, orphaned or stuck`,
  async (t) => {
    const over = new AbortController()
    t.teardown(() => {
      over.abort()
    })
    const summary = await runHarness({
      seed,
      lifecycles: 20,
      lanes: 8,
      failpoints: [
        'intent-written',
        'before-call',
        'after-call',
        'before-poll',
        'before-look-up',
        'after-removal',
        'result-written',
      ],
      hits: 1,
      others: 1,
      minutes: 0.5,
      providerFaultEveryMs: 400,
      settleMs: 120_000,
      environment: { KONTOR_LEASE_SECONDS: '2' },
      signal: over.signal,
      say: (line) => {
        t.comment(line)
      },
    })
    for (const line of summary.lines) t.comment(line)
    t.comment(summary.lastLine)
    t.match(summary.lastLine, /: 0 lost, 0 duplicated, 0 orphaned, 0 stuck$/)
    t.strictSame(
      summary.counts,
      { lost: 0, duplicated: 0, orphaned: 0, stuck: 0, miscounted: 0, illegal: 0, crashed: 0 },
      summary.report ?? 'nothing is wrong',
    )
  },
)
