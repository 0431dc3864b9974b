import { record } from '../audit/record.ts'
import type { CatalogValidators } from '../backends/backend.ts'
import { announce } from '../db/channels.ts'
import type { CatalogCaps } from '../config.ts'
import type { Db, Tx } from '../db/database.ts'
import { lookUpProvider } from '../providers/look-up.ts'
import type { Provider } from '../providers/provider.ts'
import type { CatalogFinding } from '../types.gen.ts'
import type { Vault } from '../vault/vault.ts'
import {
  listTakenNames,
  lockPublication,
  raiseRevision,
  upsertOfferings,
  upsertPlans,
  withdrawOthers,
} from './publication/store.ts'
import { endQuarantine, holdDoubtful } from './quarantine/hold.ts'
import type { NamedPlan } from './quarantine/judge.ts'
import { rulesOf } from './reading/caps.ts'
import { limitFindings } from './reading/limit-findings.ts'
import type { IndexedOffering, InspectedCatalog } from './reading/task.ts'
import { findCatalogState, saveHeld, saveRead, type ReadingTime } from './readings/store.ts'
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
  { id: providerId, revision: providerRevision }: Provider,
  inspected: InspectedCatalog,
  validators: CatalogValidators,
  time: ReadingTime,
  report: StateReport,
): Promise<'changed' | 'unchanged' | 'superseded' | 'held'> {
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
    const contentDigest = vault.digest([inspected.digest, providerRevision, taken])
    const changed = present?.contentDigest == null || !present.contentDigest.equals(contentDigest)
    if (changed) {
      const plans = namedPlans(offerings)
      const held = await holdDoubtful(tx, providerId, plans, contentDigest, time.endedAt)
      if (held.kind === 'held') {
        await saveHeld(tx, providerId, time.endedAt, time.nextAt)
        if (held.isNew) report.held(held.doubt)
        report.read()
        return 'held'
      }
    }
    if (await endQuarantine(tx, providerId, time.endedAt)) report.released()
    report.read()
    const findings = changed
      ? limitFindings(
          inspected.findings,
          offerings.filter(({ name }) => taken.includes(name)).map(takenFinding),
          caps.findings,
        )
      : present.findings
    if (changed) {
      const free = offerings.filter(({ name }) => !taken.includes(name))
      await withdrawOthers(tx, providerId, free, time.endedAt)
      await writeRows(tx, providerId, inspected, taken)
      await deleteTombstones(tx, providerId, caps.withdrawn)
    }
    const good = {
      validators,
      contentDigest,
      findings,
      providerRevision,
      rules: rulesOf(caps),
      changed,
    }
    await saveRead(tx, providerId, good, time.endedAt, time.nextAt)
    if (!changed) return 'unchanged'
    const details = { offerings: offerings.length, findings: findings.length }
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
  taken: readonly string[],
): Promise<void> {
  for (const rows of offerings) await upsertOfferings(tx, providerId, rows, taken)
  for (const rows of plans) await upsertPlans(tx, providerId, rows, taken)
}

// "a" with "b-c" and "a-b" with "c" give the same name: the newer offering is withheld.
function takenFinding({ name, path, upstreamId }: IndexedOffering): CatalogFinding {
  return {
    path,
    problem: `"${name}" is published by another provider already.`,
    effect: 'offering_withheld',
    offeringId: upstreamId,
  }
}
