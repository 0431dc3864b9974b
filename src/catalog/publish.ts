import { record } from '../audit/record.ts'
import type { CatalogValidators } from '../backends/backend.ts'
import { announce } from '../db/channels.ts'
import type { CatalogCaps } from '../config.ts'
import type { Db, Tx } from '../db/database.ts'
import { lookUpProvider } from '../providers/look-up-provider.ts'
import type { Provider } from '../providers/provider.ts'
import type { CatalogFinding } from '../types.gen.ts'
import type { Vault } from '../vault/vault.ts'
import { readNameRules, withGoodNames } from './inspection/names.ts'
import {
  listTakenNames,
  lockPublication,
  raiseRevision,
  upsertOfferings,
  upsertPlans,
  withdrawOthers,
} from './publication/store.ts'
import type { NamedPlan, WithheldIds } from './quarantine/judge.ts'
import { endQuarantine, quarantineDoubtful } from './quarantine/quarantine-doubtful.ts'
import { rulesOf } from './reading/caps.ts'
import { limitFindings } from './reading/limit-findings.ts'
import type { IndexedOffering, InspectedCatalog } from './reading/task.ts'
import { withheldOffering, withheldPlan } from './reading/withheld.ts'
import { findCatalogState, saveQuarantined, saveRead, type ReadingTime } from './readings/store.ts'
import type { StateReport } from './report-state.ts'
import { deleteTombstones } from './tombstones/store.ts'

interface PublishDeps {
  readonly db: Db
  readonly vault: Vault
  readonly catalogReader: { readonly caps: CatalogCaps }
}

/** Publishes what is new in a catalog that was read. */
export async function publishCatalog(
  { db, vault, catalogReader: { caps } }: PublishDeps,
  provider: Provider,
  inspected: InspectedCatalog,
  validators: CatalogValidators,
  time: ReadingTime,
  report: StateReport,
): Promise<'changed' | 'unchanged' | 'superseded' | 'quarantined'> {
  const { id: providerId, revision: providerRevision } = provider
  const offerings = indexOf(inspected)
  const names = offerings.map(({ name }) => name)
  return db.transaction().execute(async (tx) => {
    await lockPublication(tx)
    const present = await findCatalogState(tx, providerId)
    // Another reading began later and ended earlier, so its result is newer.
    if (present?.checkedAt != null && present.checkedAt > time.startedAt) return 'superseded'
    if ((await lookUpProvider(tx, 'all', providerId)).revision !== providerRevision)
      return 'superseded'
    const taken = [...(await listTakenNames(tx, providerId, names))].toSorted()
    const rules = await readNameRules(tx, provider)
    const contentDigest = vault.fingerprint([
      inspected.digest,
      providerRevision,
      taken,
      rules.version,
    ])
    const changed = present?.contentDigest == null || !present.contentDigest.equals(contentDigest)
    const withheld: CatalogFinding[] = []
    const good = withGoodNames(rules, offerings, withheld).filter(
      (offering) => !isTaken(offering, taken, withheld),
    )
    if (changed) {
      const read = {
        plans: namedPlans(good),
        withheld: withheldIdsOf(inspected, withheld),
        findings: limitFindings(inspected.findings, withheld, caps.findings),
      }
      const verdict = await quarantineDoubtful(tx, vault, providerId, read, time.endedAt)
      if (verdict.kind === 'quarantined') {
        await saveQuarantined(tx, providerId, time.endedAt, time.nextAt)
        if (verdict.isNew) report.quarantined(verdict.doubt)
        report.read()
        return 'quarantined'
      }
    }
    if (await endQuarantine(tx, providerId, time.endedAt)) report.released()
    report.read()
    const findings = changed
      ? limitFindings(inspected.findings, withheld, caps.findings)
      : present.findings
    if (changed) {
      await withdrawOthers(tx, providerId, good, time.endedAt)
      await writeRows(tx, providerId, inspected, withheldOf(offerings, good))
      await deleteTombstones(tx, providerId, caps)
    }
    const saved = {
      validators,
      contentDigest,
      findings,
      providerRevision,
      rules: rulesOf(caps),
      changed,
    }
    await saveRead(tx, providerId, saved, time.endedAt, time.nextAt)
    if (!changed) return 'unchanged'
    const details = { offerings: good.length, findings: findings.length }
    await announcePublished(tx, providerId, details, time.endedAt)
    return 'changed'
  })
}

async function announcePublished(
  tx: Tx,
  providerId: string,
  details: { readonly offerings: number; readonly findings: number },
  at: Date,
): Promise<void> {
  await record(tx, {
    at,
    actor: 'kontor',
    action: 'catalog.published',
    objectKind: 'provider',
    objectId: providerId,
    outcome: 'succeeded',
    providerId,
    details,
  })
  await raiseRevision(tx, at)
  await announce(tx, 'catalog')
}

function indexOf({ index }: InspectedCatalog): readonly IndexedOffering[] {
  // rows.ts makes it.
  return JSON.parse(new TextDecoder().decode(index)) as IndexedOffering[]
}

function withheldIdsOf(
  inspected: InspectedCatalog,
  withheld: readonly CatalogFinding[],
): WithheldIds {
  return {
    offerings: new Set([...inspected.withheld.offerings, ...withheld.flatMap(withheldOffering)]),
    plans: new Set([...inspected.withheld.plans, ...withheld.flatMap(withheldPlan)]),
  }
}

function namedPlans(offerings: readonly IndexedOffering[]): NamedPlan[] {
  return offerings.flatMap(({ upstreamId, name, plans }) =>
    plans.map((plan) => ({
      upstreamServiceId: upstreamId,
      upstreamPlanId: plan.upstreamId,
      offering: name,
      plan: plan.name,
    })),
  )
}

async function writeRows(
  tx: Tx,
  providerId: string,
  { offerings, plans }: InspectedCatalog,
  withheld: readonly string[],
): Promise<void> {
  for (const rows of offerings) await upsertOfferings(tx, providerId, rows, withheld)
  for (const rows of plans) await upsertPlans(tx, providerId, rows, withheld)
}

/** Ids of the offerings that are not good, and of the plans that good ones lack. */
function withheldOf(all: readonly IndexedOffering[], good: readonly IndexedOffering[]): string[] {
  const goodPlans = new Map(
    good.map(({ id, plans }) => [id, new Set(plans.map((each) => each.id))]),
  )
  return all.flatMap(({ id, plans }) => {
    const kept = goodPlans.get(id)
    return kept === undefined
      ? [id]
      : plans.map((plan) => plan.id).filter((each) => !kept.has(each))
  })
}

// "a" with "b-c" and "a-b" with "c" give the same name: the newer offering is withheld.
function isTaken(
  { name, path, upstreamId }: IndexedOffering,
  taken: readonly string[],
  findings: CatalogFinding[],
): boolean {
  if (!taken.includes(name)) return false
  findings.push({
    path,
    problem: `"${name}" is published by another provider already.`,
    effect: 'offering_withheld',
    offeringId: upstreamId,
  })
  return true
}
