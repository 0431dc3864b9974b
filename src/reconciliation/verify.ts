import { findIdleBindings } from '../bindings/idle.ts'
import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'
import { findIdleInstances } from '../instances/idle.ts'
import { differing } from './compare.ts'
import type { Surveying } from './deps.ts'
import { nameOf, type FindingDetails, type ObjectKind, type Suspicion } from './finding.ts'
import type { OpenBefore } from './open-before.ts'
import type { NewFinding } from './conclusion/store.ts'
import type { Survey } from './survey.ts'
import { findByUpstream, isUnknown } from './unknown.ts'

export interface Verifying {
  readonly survey: Survey
  readonly open: OpenBefore
  readonly now: Date
}

/** Turns suspicions that still hold against fresh rows into findings. */
export async function verify(
  surveying: Surveying,
  tx: Tx,
  suspicions: readonly Suspicion[],
  verifying: Verifying,
): Promise<NewFinding[]> {
  const {
    deps: { vault },
    providerId,
  } = surveying
  const findings: NewFinding[] = []
  for (const object of ['instance', 'binding'] as const) {
    const some = suspicions.filter((each) => each.object === object)
    const keys = some.flatMap(({ ours }) => ours?.key ?? [])
    const rows = new Map(
      (keys.length === 0 ? [] : await idleRows(tx, object, keys)).map((row) => [row.key, row]),
    )
    const foreign = some
      .filter(({ ours }) => ours === undefined)
      .map(({ upstreamId }) => upstreamId)
    const known = new Map(
      (foreign.length === 0 ? [] : await findByUpstream(tx, object, providerId, foreign)).map(
        (row) => [row.upstreamId, row],
      ),
    )
    for (const each of some) {
      const { ours, evidence, ...suspicion } = each
      const row = ours === undefined ? known.get(suspicion.upstreamId) : rows.get(ours.key)
      const holds =
        ours === undefined
          ? isUnknown(surveying, known.get(suspicion.upstreamId))
          : rows.get(ours.key)?.changedAt.getTime() === ours.changedAt.getTime()
      if (!holds) continue
      const details =
        suspicion.kind === 'different' ? withFormer(suspicion, verifying) : suspicion.details
      findings.push({
        ...suspicion,
        details,
        id: newId(verifying.now),
        identity: vault.fingerprint(nameOf(suspicion)),
        objectKey: row?.key ?? null,
        platformId: row?.platformId ?? null,
        instanceId: row?.instanceId ?? null,
        bindingId: row?.bindingId ?? null,
        fingerprint: vault.fingerprint([suspicion.kind, details, evidence ?? null]),
      })
    }
  }
  return findings
}

/** A finding keeps the fields on which the provider gave no answer this time. */
function withFormer(
  suspicion: Suspicion,
  { survey: { coverage }, open }: Verifying,
): FindingDetails {
  const { fields = [] } = suspicion.details
  const former = (open.fields.get(nameOf(suspicion)) ?? []).filter(
    (field) => !fields.includes(field) && !coverage.agreesIn(suspicion, field),
  )
  return former.length === 0
    ? suspicion.details
    : differing([...fields, ...former].toSorted(), suspicion.details)
}

async function idleRows(tx: Tx, object: ObjectKind, keys: readonly string[]) {
  if (object === 'binding') return findIdleBindings(tx, keys)
  return (await findIdleInstances(tx, keys)).map((row) => ({ ...row, bindingId: null }))
}
