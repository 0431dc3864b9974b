import { findBindingsAtRest, listBindingsNotReady } from '../bindings/at-rest.ts'
import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'
import { findInstancesAtRest, listInstancesNotReady } from '../instances/at-rest.ts'
import type { Surveying } from './deps.ts'
import { nameOf, type ObjectKind, type Suspicion } from './finding.ts'
import type { Run } from './run.ts'
import { finishRun, forgetOldRuns, listUnresolved, resolveFindings, saveFindings, type NewFinding, type Unresolved } from './store.ts'
import type { Survey } from './survey.ts'
import { findByUpstream, isUnknown } from './unknown.ts'

const atOnce = 500
const keptRuns = 100

/**
 * Writes what a run has found, in one transaction: held against fresh rows, because an order may have begun or ended
 * since; and what was found earlier and is no longer so is marked as resolved.
 * @returns false when the claim was lost: nothing is written
 */
export async function conclude (surveying: Surveying, run: Run, survey: Survey, byListing: boolean): Promise<boolean> {
  const { deps, providerId } = surveying
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    if (!await finishRun(tx, run, { byListing, counts: survey.counts(), error: null }, now)) return false
    const written = new Set<string>()
    for (const some of chunks([...survey.suspicions.values()])) {
      const findings = await hold(surveying, tx, some, now)
      if (findings.length > 0) await saveFindings(tx, providerId, findings, now)
      for (const finding of findings) written.add(nameOf(finding))
    }
    await resolve(tx, providerId, now, { survey, byListing, written })
    await forgetOldRuns(tx, providerId, keptRuns)
    return true
  })
}

/** Those suspicions that fresh rows still bear out. */
async function hold (surveying: Surveying, tx: Tx, suspicions: readonly Suspicion[], now: Date): Promise<NewFinding[]> {
  const findings: NewFinding[] = []
  for (const object of ['instance', 'binding'] as const) {
    const some = suspicions.filter((each) => each.object === object)
    const keys = some.flatMap(({ ours }) => ours?.key ?? [])
    const rows = new Map((keys.length === 0 ? [] : await atRest(tx, object, keys)).map((row) => [row.key, row]))
    const strange = some.filter(({ ours }) => ours === undefined).map(({ upstreamId }) => upstreamId)
    const known = new Map((strange.length === 0 ? [] : await findByUpstream(tx, object, surveying.providerId, strange)).map((row) => [row.upstreamId, row]))
    for (const { ours, evidence, ...suspicion } of some) {
      const row = ours === undefined ? known.get(suspicion.upstreamId) : rows.get(ours.key)
      const holds = ours === undefined ? isUnknown(surveying, known.get(suspicion.upstreamId)) : rows.get(ours.key)?.changedAt.getTime() === ours.changedAt.getTime()
      if (!holds) continue
      findings.push({
        ...suspicion,
        id: newId(now),
        objectKey: row?.key ?? null,
        platformId: row?.platformId ?? null,
        instanceId: row?.instanceId ?? null,
        bindingId: row?.bindingId ?? null,
        fingerprint: surveying.deps.vault.digest([suspicion.kind, suspicion.details, evidence ?? null])
      })
    }
  }
  return findings
}

async function atRest (tx: Tx, object: ObjectKind, keys: readonly string[]) {
  if (object === 'binding') return findBindingsAtRest(tx, keys)
  return (await findInstancesAtRest(tx, keys)).map((row) => ({ ...row, bindingId: null }))
}

interface Outcome { readonly survey: Survey, readonly byListing: boolean, readonly written: ReadonlySet<string> }

async function resolve (tx: Tx, providerId: string, now: Date, outcome: Outcome): Promise<void> {
  for (let after: string | undefined; ;) {
    const page = await listUnresolved(tx, providerId, after, atOnce)
    const gone = await notReady(tx, page)
    const over = page.filter((finding) => !outcome.written.has(nameOf(finding)) && isOver(finding, gone, outcome))
    if (over.length > 0) await resolveFindings(tx, over.map(({ id }) => id), now)
    if (page.length < atOnce) return
    after = page.at(-1)?.id
  }
}

/** What this run could not judge stays as it was. */
function isOver ({ kind, object, upstreamId, objectKey }: Unresolved, gone: ReadonlySet<string>, { survey, byListing }: Outcome): boolean {
  if (kind === 'unknown') return byListing && survey.counts().leftOut === 0
  if (objectKey !== null && gone.has(objectKey)) return true
  return survey.isJudged(object, upstreamId) && !survey.suspicions.has(nameOf({ kind, object, upstreamId })) && survey.counts().leftOut === 0
}

async function notReady (tx: Tx, page: readonly Unresolved[]): Promise<Set<string>> {
  const keys = (object: ObjectKind) => page.flatMap((each) => each.object === object && each.kind !== 'unknown' && each.objectKey !== null ? [each.objectKey] : [])
  return new Set([...await listInstancesNotReady(tx, keys('instance')), ...await listBindingsNotReady(tx, keys('binding'))])
}

function * chunks<Item> (items: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += atOnce) yield items.slice(at, at + atOnce)
}
