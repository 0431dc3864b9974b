import { listBindingsNotReady } from '../bindings/idle.ts'
import type { Tx } from '../db/database.ts'
import { listInstancesNotReady } from '../instances/idle.ts'
import { lookUpProvider } from '../providers/look-up-provider.ts'
import type { Surveying } from './deps.ts'
import { nameOf, type FindingKind, type ObjectKind } from './finding.ts'
import type { OpenBefore } from './open-before.ts'
import { RunFailure, type Run } from './run.ts'
import {
  countUnresolved,
  forgetOldRuns,
  forgetResolved,
  listUnresolved,
  resolveFindings,
  saveFindings,
  type NewFinding,
  type Unresolved,
} from './conclusion/store.ts'
import { finishRun, lockRun } from './runs/store.ts'
import type { Survey } from './survey.ts'
import { verify } from './verify.ts'

const atOnce = 500
const keptRuns = 100
// Of each kind, open at a time: a provider may list any number of unknown instances, run after run.
const maxOpen = 10_000
const keptResolved = 5_000
const keptResolvedMs = 30 * 86_400_000
// More than one run can resolve, so that resolved findings do not accumulate.
const maxForgotten = 3 * maxOpen + 10_000

/**
 * Writes what a run has found, in one transaction of bounded size. Each suspicion is verified
 * against fresh rows, because an order may have begun or ended since; earlier findings that no
 * longer hold are marked as resolved.
 * @returns false when the claim was lost: nothing is written
 * @throws RunFailure when the registration has changed since the run began
 */
export async function conclude(
  surveying: Surveying,
  run: Run,
  survey: Survey,
  open: OpenBefore,
): Promise<boolean> {
  const { deps, providerId, revision } = surveying
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    if (!(await lockRun(tx, run))) return false
    if ((await lookUpProvider(tx, 'all', providerId)).revision !== revision)
      throw new RunFailure('The registration changed meanwhile.')
    const findings: NewFinding[] = []
    for (const some of chunks([...survey.suspicions.values()]))
      findings.push(...(await verify(surveying, tx, some, { survey, open, now })))
    await resolve(tx, providerId, now, survey, new Set(findings.map(nameOf)))
    const kept = withinBounds(findings, open, await countUnresolved(tx, providerId))
    for (const some of chunks(kept)) await saveFindings(tx, providerId, some, now)
    await forgetResolved(tx, providerId, {
      since: new Date(now.getTime() - keptResolvedMs),
      kept: keptResolved,
      atOnce: maxForgotten,
    })
    await forgetOldRuns(tx, providerId, keptRuns)
    const { skipped, leftOut, ...counts } = survey.counts()
    const voided = survey.suspicions.size - findings.length
    await finishRun(
      tx,
      run,
      {
        byListing: survey.isByListing,
        error: null,
        counts: {
          ...counts,
          skipped: skipped + voided,
          leftOut: leftOut + findings.length - kept.length,
        },
      },
      now,
    )
    return true
  })
}

/** Findings that are open already, and new ones of each kind up to the limit. */
function withinBounds(
  findings: readonly NewFinding[],
  open: OpenBefore,
  counts: ReadonlyMap<FindingKind, number>,
): NewFinding[] {
  const openNow = new Map(counts)
  return findings.filter((finding) => {
    if (open.fields.has(nameOf(finding))) return true
    const count = openNow.get(finding.kind) ?? 0
    openNow.set(finding.kind, count + 1)
    return count < maxOpen
  })
}

async function resolve(
  tx: Tx,
  providerId: string,
  now: Date,
  survey: Survey,
  written: ReadonlySet<string>,
): Promise<void> {
  for (let after: string | undefined; ;) {
    const page = await listUnresolved(tx, providerId, after, atOnce)
    const gone = await notReady(tx, page)
    const over = page.filter(
      (finding) => !written.has(nameOf(finding)) && isOver(finding, gone, survey, written),
    )
    if (over.length > 0)
      await resolveFindings(
        tx,
        over.map(({ id }) => id),
        now,
      )
    if (page.length < atOnce) return
    after = page.at(-1)?.id
  }
}

/** A finding on which this run has no answer stays as it was. */
function isOver(
  finding: Unresolved,
  gone: ReadonlySet<string>,
  { isByListing, coverage }: Survey,
  written: ReadonlySet<string>,
): boolean {
  const { kind, object, upstreamId, objectKey, fields } = finding
  if (kind === 'unknown')
    return isByListing && coverage.isCovered(finding) && !coverage.isListed(finding)
  if (objectKey !== null && gone.has(objectKey)) return true
  if (kind === 'missing') return coverage.hasSeen(object, upstreamId)
  return (
    written.has(nameOf({ ...finding, kind: 'missing' })) ||
    fields.every((field) => coverage.agreesIn(finding, field))
  )
}

async function notReady(tx: Tx, page: readonly Unresolved[]): Promise<Set<string>> {
  const keys = (object: ObjectKind) =>
    page.flatMap((each) =>
      each.object === object && each.kind !== 'unknown' && each.objectKey !== null
        ? [each.objectKey]
        : [],
    )
  return new Set([
    ...(await listInstancesNotReady(tx, keys('instance'))),
    ...(await listBindingsNotReady(tx, keys('binding'))),
  ])
}

function* chunks<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += atOnce) yield items.slice(at, at + atOnce)
}
