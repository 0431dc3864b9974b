import { appendLine } from '../audit/checkpoints/append-line.ts'
import { formatLine, keyIdOf } from '../audit/checkpoints/checkpoint.ts'
import {
  furtherOf,
  makeCheckpoint,
  markWritten,
  type CheckpointRound,
  type SignedCheckpoint,
} from '../audit/checkpoints/make-checkpoint.ts'
import { postNewest, type Poster } from '../audit/checkpoints/post-newest.ts'
import type { Config } from '../config.ts'
import type { Db } from '../db/database.ts'
import { coded, keepingInfo, type Log } from '../log.ts'
import { addCheckpointMetrics } from '../telemetry/checkpoint-metrics.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { within } from '../within.ts'
import { startLoop, type IntervalLoop } from './interval-loop.ts'

export interface CheckpointDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Log
  readonly metrics: Metrics
  readonly config: Pick<Config, 'checkpoints' | 'logLevel'>
}

// Another process makes the checkpoint at this moment.
const whileBusyMs = 1_000
const maxWriteMs = 5_000

/**
 * Has a checkpoint of the audit log written to the log, the file and the address of the operator.
 * Every worker tries; the lock on the newest checkpoint lets one in.
 */
export function writeCheckpoints(deps: CheckpointDeps): IntervalLoop {
  const { log, config } = deps
  const { intervalMs, file, url } = config.checkpoints
  const kept = keepingInfo(log, config.logLevel)
  const reportProblem = createProblemReport(log)
  const reportConflicts = createConflictReport(log)
  const toFile = file === undefined ? undefined : watchDestination(log, 'file')
  const write = file === undefined || toFile === undefined ? undefined : writeTo(file, toFile)
  const toUrl = url === undefined ? undefined : watchDestination(log, 'url')
  const poster: Poster | undefined =
    url === undefined || toUrl === undefined ? undefined : postNewest({ url, ...toUrl })
  let furthest: SignedCheckpoint | undefined
  let newest: SignedCheckpoint | undefined
  let conflicts: readonly string[] = []
  addCheckpointMetrics(deps.metrics.registry, () => ({
    newestAt: newest?.at,
    failures: {
      ...(toFile === undefined ? {} : { file: toFile.failures() }),
      ...(toUrl === undefined ? {} : { url: toUrl.failures() }),
    },
    conflicts: conflicts.length,
  }))

  const deliver = async (checkpoint: SignedCheckpoint): Promise<void> => {
    const { token, head, at } = checkpoint
    const { position, hash } = head
    kept.info(
      { at, position, hash: hash.toString('hex'), key: keyIdOf(token), checkpoint: token },
      'checkpoint of the audit log',
    )
    const line = formatLine(checkpoint, token)
    poster?.post(line)
    if (write !== undefined && !(await write(line))) return
    await markWritten(deps.db, token)
  }
  const take = (round: CheckpointRound): void => {
    if (round.kind !== 'made' && round.newest.token !== newest?.token) poster?.drop()
    newest = round.newest
    // One that lies behind must not become what later ones are compared with.
    if (round.conflicts.length === 0) furthest = furtherOf(furthest, round.newest)
    if (round.kind === 'recent') return
    conflicts = round.conflicts
    reportConflicts(conflicts)
  }
  const loop = startLoop({
    async round() {
      const round = await makeCheckpoint(deps, intervalMs, furthest)
      if (round === undefined) return Math.min(whileBusyMs, intervalMs)
      take(round)
      if (round.kind === 'made') await deliver(round.newest)
      reportProblem(undefined)
      return round.waitMs
    },
    onError(error) {
      reportProblem(error)
      return intervalMs
    },
  })
  return {
    wake: () => {
      loop.wake()
    },
    async stop() {
      await Promise.all([loop.stop(), poster?.stop()])
    },
  }
}

/** Logs one line for each change of what is wrong. */
function createProblemReport(log: Log): (error: unknown) => void {
  let reported: string | undefined
  return (error) => {
    const problem = error === undefined ? undefined : coded(error)
    if (problem !== undefined && problem.message !== reported)
      log.error({ error: problem }, 'no checkpoint of the audit log can be made')
    reported = problem?.message
  }
}

function createConflictReport(log: Log): (conflicts: readonly string[]) => void {
  let reported = ''
  return (conflicts) => {
    const sentences = conflicts.join('\n')
    if (sentences !== '' && sentences !== reported)
      log.error({ conflicts }, 'the database lies behind a checkpoint: it was set back or cut')
    reported = sentences
  }
}

interface Destination {
  readonly onFailure: (problem: string) => void
  readonly onSuccess: () => void
  failures(): number
}

/** Counts failures, and logs when they begin and when they end. */
function watchDestination(log: Log, destination: string): Destination {
  let failures = 0
  return {
    onFailure(problem) {
      failures += 1
      if (failures === 1)
        log.warn({ destination, problem }, 'checkpoints of the audit log cannot be delivered')
    },
    onSuccess() {
      if (failures > 0)
        log.info({ destination }, 'checkpoints of the audit log are delivered again')
      failures = 0
    },
    failures: () => failures,
  }
}

/**
 * @returns appends a line, and resolves to whether it is in the file. On a file system that hangs
 *   it starts no second one: each would hold one of the four threads for files and host names.
 */
function writeTo(file: string, to: Destination): (line: string) => Promise<boolean> {
  let isWriting = false
  const append = async (line: string): Promise<void> => {
    if (isWriting) throw new Error('the line before is still being written')
    isWriting = true
    await appendLine(file, line).finally(() => {
      isWriting = false
    })
  }
  return async (line) => {
    try {
      // A file system that hangs must not hold up a stop of the process.
      await within(maxWriteMs, append(line), `it was not written within ${maxWriteMs} ms`)
      to.onSuccess()
      return true
    } catch (error) {
      to.onFailure(coded(error).message)
      return false
    }
  }
}
