import { record } from '../audit/record.ts'
import type { CatalogRead } from '../backends/backend.ts'
import { announce } from '../db/channels.ts'
import type { Db, Tx } from '../db/database.ts'
import { lookUpProvider } from '../providers/look-up.ts'
import type { Provider } from '../providers/provider.ts'
import type { CatalogFinding } from '../types.gen.ts'
import type { Vault } from '../vault/vault.ts'
import { inspectCatalog } from './inspect.ts'
import { validateLength } from './lengths.ts'
import {
  listTakenNames,
  lockPublication,
  raiseRevision,
  upsertOfferings,
  upsertPlans,
  withdrawOthers,
} from './publication/store.ts'
import { publishedOffering, type PublishedOffering } from './published.ts'
import { endQuarantine, holdDoubtful } from './quarantine/hold.ts'
import { findCatalogState, saveHeld, saveRead, type ReadingTime } from './readings/store.ts'
import type { NamedPlan } from './quarantine/judge.ts'
import type { StateReport } from './report-state.ts'

/** Publishes what is new in a catalog that was read. */
export async function publishCatalog(
  deps: { readonly db: Db; readonly vault: Vault },
  provider: Provider,
  read: Extract<CatalogRead, { kind: 'changed' }>,
  time: ReadingTime,
  report: StateReport,
): Promise<'changed' | 'unchanged' | 'superseded' | 'held'> {
  const { id: providerId, revision: providerRevision } = provider
  const inspected = inspectCatalog(read.catalog.services)
  const wanted = inspected.offerings.map((offering, at) => ({
    ...publishedOffering(provider, offering),
    path: inspected.paths[at] ?? '/services',
  }))
  const names = wanted.map(({ name }) => name)
  return deps.db.transaction().execute(async (tx) => {
    await lockPublication(tx)
    const present = await findCatalogState(tx, providerId)
    // Another reading began later and ended earlier, so its result is newer.
    if (present?.checkedAt != null && present.checkedAt > time.startedAt) return 'superseded'
    if ((await lookUpProvider(tx, 'all', providerId)).revision !== providerRevision)
      return 'superseded'
    const taken = await listTakenNames(tx, providerId, names)
    const contentDigest = deps.vault.digest([inspected, providerRevision, [...taken].toSorted()])
    const changed = present?.contentDigest == null || !present.contentDigest.equals(contentDigest)
    if (changed) {
      const plans = namedPlans(wanted)
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
      ? [...inspected.findings, ...(await publish(tx, providerId, wanted, taken, time.endedAt))]
      : present.findings
    const good = { validators: read.validators, contentDigest, findings, providerRevision, changed }
    await saveRead(tx, providerId, good, time.endedAt, time.nextAt)
    if (!changed) return 'unchanged'
    await record(tx, {
      at: time.endedAt,
      actor: 'kontor',
      action: 'catalog.published',
      objectKind: 'provider',
      objectId: providerId,
      outcome: 'succeeded',
      providerId,
      details: { offerings: wanted.length, findings: findings.length },
    })
    await raiseRevision(tx, time.endedAt)
    await announce(tx, 'catalog')
    return 'changed'
  })
}

function namedPlans(offerings: readonly PublishedOffering[]): NamedPlan[] {
  return offerings.flatMap(({ upstreamId, name, plans }) =>
    plans.map((plan) => ({
      upstreamServiceId: upstreamId,
      upstreamPlanId: plan.upstreamId,
      offering: name,
      plan: plan.name,
    })),
  )
}

interface WantedOffering extends PublishedOffering {
  /** JSON pointer into the provider's catalog. */
  readonly path: string
}

/** @returns what could not be published */
async function publish(
  tx: Tx,
  providerId: string,
  wanted: readonly WantedOffering[],
  taken: ReadonlySet<string>,
  now: Date,
): Promise<CatalogFinding[]> {
  const findings: CatalogFinding[] = []
  const free = wanted.filter(
    (offering) => !isTooLong(offering, findings) && !isTaken(offering, taken, findings),
  )
  await withdrawOthers(tx, providerId, free, now)
  await upsertOfferings(tx, providerId, free)
  await upsertPlans(tx, providerId, free)
  return findings
}

// The published name includes the provider's name, so its length is known only here.
function isTooLong(offering: WantedOffering, findings: CatalogFinding[]): boolean {
  const validationError = validateLength(offering.name, 'the published name')
  if (validationError === undefined) return false
  findings.push({
    path: offering.path,
    problem: `"${offering.name.slice(0, 100)}...": ${validationError}`,
    effect: 'offering_withheld',
    offeringId: offering.upstreamId,
  })
  return true
}

// "a" with "b-c" and "a-b" with "c" give the same name: the newer offering is withheld.
function isTaken(
  offering: WantedOffering,
  taken: ReadonlySet<string>,
  findings: CatalogFinding[],
): boolean {
  if (!taken.has(offering.name)) return false
  findings.push({
    path: offering.path,
    problem: `"${offering.name}" is published by another provider already.`,
    effect: 'offering_withheld',
    offeringId: offering.upstreamId,
  })
  return true
}
