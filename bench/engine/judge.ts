// What came of it, from two sides: what the providers saw, and when Kontor had written that an
// operation is over.
import type { Report, Seen } from '../servers/providers.ts'
import type { EngineStage } from './stage.ts'

/** In milliseconds. */
export interface Spread {
  readonly p50: number
  readonly p99: number
  readonly most: number
}

export interface Judgement {
  readonly operations: number
  readonly succeeded: number
  /** Of operations begun and not over at their providers, the most at one moment. */
  readonly peak: number
  readonly polls: number
  /** Of them, those after the last order. */
  readonly pollsAfterFilling: number
  /** How many it takes to see the end by waiting just as long as each answer says. */
  readonly pollsAsked: number
  /** Polls before the time that the answer before it gave, and the worst of them. */
  readonly early: number
  readonly earliestMs: number
  /** What no broker should send. */
  readonly wrong: number
  /** How long after its time each poll came. */
  readonly pollDelay: Spread
  /**
   * The same by what the providers ask for: who wants to be asked often needs more of its places.
   */
  readonly pollDelays: ReadonlyArray<Spread & { readonly retryAfterSeconds: number }>
  /** Of the polls after the last order, when nothing else is asked of Kontor. */
  readonly pollDelayAfterFilling: Spread
  /** From when the last poll was allowed until the end was written. */
  readonly step: Spread
  /**
   * From when polls sent to the moment, from the first answer on, would have seen the end, until it
   * was written.
   */
  readonly schedule: Spread
  /** From the provider's own end, so that up to a whole Retry-After of it is the provider's. */
  readonly end: Spread
  /** The same for polls that are never late. */
  readonly endAtBest: Spread
}

/** @param filledAt  when the last order was answered */
export async function judge(
  stage: EngineStage,
  report: Report,
  filledAt: number,
): Promise<Judgement> {
  // An instance's only operation; the last transaction that wrote it was the one that ended it.
  const rows = await stage.query(`
    select instances.upstream_id,
      extract(epoch from pg_xact_commit_timestamp(operations.xmin))::float8 * 1000 as ended_at
    from operations join instances on instances.id = operations.instance_key
    where operations.state = 'succeeded'`)
  const writtenAt = new Map(
    rows.map((row) => [String(row['upstream_id']), Number(row['ended_at'])]),
  )
  const over = report.operations.filter(({ instanceId }) => writtenAt.has(instanceId))
  const written = ({ instanceId }: Seen) => writtenAt.get(instanceId) ?? NaN
  const delays = report.operations.flatMap(delaysOf)
  const early = delays.filter((delay) => delay < 0)
  const comings = report.operations.flatMap(pollsOf)
  const asked = Map.groupBy(report.operations, ({ retryAfterMs }) => retryAfterMs / 1_000)
  return {
    operations: report.operations.length,
    succeeded: over.length,
    peak: peakOf(report.operations),
    polls: delays.length,
    pollsAfterFilling: comings.filter((cameAt) => cameAt > filledAt).length,
    pollsAsked: over.reduce((sum, operation) => sum + pollsAskedOf(operation), 0),
    early: early.length,
    earliestMs: -Math.min(0, ...early),
    wrong: report.wrong,
    pollDelay: spreadOf(delays),
    pollDelays: [...asked].map(([retryAfterSeconds, operations]) => ({
      retryAfterSeconds,
      ...spreadOf(operations.flatMap(delaysOf)),
    })),
    pollDelayAfterFilling: spreadOf(delays.filter((_, index) => (comings[index] ?? 0) > filledAt)),
    step: spreadOf(over.map((operation) => written(operation) - lastAllowedOf(operation))),
    schedule: spreadOf(over.map((operation) => written(operation) - scheduledOf(operation))),
    end: spreadOf(over.map((operation) => written(operation) - operation.endedAt)),
    endAtBest: spreadOf(over.map((operation) => scheduledOf(operation) - operation.endedAt)),
  }
}

/** When each poll came. */
function pollsOf({ polls }: Seen): number[] {
  return polls.filter((_, index) => index % 2 === 0)
}

// Retry-After counts from the answer, which takes its time.
function pollsAskedOf({ begunAt, endedAt, retryAfterMs, answerMs }: Seen): number {
  return Math.ceil((endedAt - begunAt) / (retryAfterMs + answerMs))
}

/** When a poll would have seen the end if each had come just when it was allowed. */
function scheduledOf(operation: Seen): number {
  return operation.begunAt + pollsAskedOf(operation) * (operation.retryAfterMs + operation.answerMs)
}

/** When each poll was allowed: Retry-After past the answer before it. */
function allowedOf({ begunAt, retryAfterMs, polls }: Seen): number[] {
  return [begunAt, ...polls.filter((_, index) => index % 2 === 1)].map(
    (answeredAt) => answeredAt + retryAfterMs,
  )
}

function delaysOf(operation: Seen): number[] {
  const allowed = allowedOf(operation)
  return pollsOf(operation).map((cameAt, index) => cameAt - (allowed[index] ?? NaN))
}

function lastAllowedOf(operation: Seen): number {
  return allowedOf(operation).at(-2) ?? NaN
}

function peakOf(operations: readonly Seen[]): number {
  const moves = operations
    .flatMap(({ begunAt, endedAt }) => [
      { at: begunAt, by: 1 },
      { at: endedAt, by: -1 },
    ])
    .toSorted((a, b) => a.at - b.at)
  let [running, peak] = [0, 0]
  for (const { by } of moves) {
    running += by
    peak = Math.max(peak, running)
  }
  return peak
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).toSorted()
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
  return { p50: at(0.5), p99: at(0.99), most: at(1) }
}
