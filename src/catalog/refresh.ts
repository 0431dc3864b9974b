import { record } from '../audit/record.ts'
import { announce } from '../db/channels.ts'
import type { Db, Tx } from '../db/database.ts'
import type { BackendPool, OpenProvider } from '../providers/backend-pool.ts'
import { lookUpProvider } from '../providers/look-up.ts'
import type { CatalogFinding } from '../types.gen.ts'
import type { Vault } from '../vault/vault.ts'
import { inspectCatalog } from './inspect.ts'
import { validateLength } from './lengths.ts'
import { publishedOffering, type PublishedOffering } from './published.ts'
import {
  findCatalogState,
  listTakenNames,
  lockPublication,
  raiseRevision,
  saveFailure,
  saveRead,
  saveUnchanged,
  upsertOfferings,
  upsertPlans,
  withdrawAll,
} from './store.ts'

export interface RefreshDeps {
  readonly db: Db
  readonly now: () => Date
  readonly vault: Vault
  readonly backends: BackendPool
}

export type Refreshed = 'changed' | 'unchanged' | 'failed' | 'superseded'

/**
 * Reads a provider's catalog and publishes what changed. Whatever goes wrong, the last good copy stays published.
 * @throws BrokerError `not_found` when there is no such provider
 */
export async function refreshCatalog(
  deps: RefreshDeps,
  providerId: string,
  signal: AbortSignal,
): Promise<Refreshed> {
  const { provider, backend } = await openCurrent(deps, providerId)
  const before = await findCatalogState(deps.db, providerId)
  const startedAt = deps.now()
  // Unchanged there does not mean unchanged for us while something of it is withheld: its name may be free by now.
  const isWhole = before?.findings.every(({ effect }) => effect !== 'offering_withheld') === true
  const known =
    isWhole && before?.providerRevision === provider.revision ? before.validators : undefined
  const read = await backend.catalog(known, signal)
  const now = deps.now()
  const next = new Date(now.getTime() + provider.refreshSeconds * 1_000)
  const time = { startedAt, endedAt: now, nextAt: next }
  switch (read.kind) {
    case 'failed':
      // A stop of ours says nothing about the provider.
      if (!signal.aborted) await saveFailure(deps.db, providerId, read.description, time)
      return 'failed'
    case 'unchanged':
      await saveUnchanged(deps.db, providerId, time, provider.revision)
      return 'unchanged'
    case 'changed': {
      const inspected = inspectCatalog(read.catalog.services)
      const wanted = inspected.offerings.map((offering) => publishedOffering(provider, offering))
      return deps.db.transaction().execute(async (tx) => {
        await lockPublication(tx)
        const present = await findCatalogState(tx, providerId)
        // Somebody read it after we did and was faster, or it is no longer what we read: theirs is the newer word.
        if (present?.checkedAt != null && present.checkedAt > startedAt) return 'superseded'
        if ((await lookUpProvider(tx, 'all', providerId)).revision !== provider.revision)
          return 'superseded'
        const taken = await listTakenNames(
          tx,
          providerId,
          wanted.map((offering) => offering.name),
        )
        const contentDigest = deps.vault.digest([
          inspected,
          provider.revision,
          [...taken].toSorted(),
        ])
        const changed =
          present?.contentDigest == null || !present.contentDigest.equals(contentDigest)
        const findings = changed
          ? [...inspected.findings, ...(await publish(tx, providerId, wanted, taken, now))]
          : present.findings
        await saveRead(
          tx,
          providerId,
          {
            validators: read.validators,
            contentDigest,
            findings,
            providerRevision: provider.revision,
            changed,
          },
          now,
          next,
        )
        if (!changed) return 'unchanged'
        await record(tx, {
          at: now,
          actor: 'kontor',
          action: 'publish catalog',
          objectKind: 'provider',
          objectId: providerId,
          outcome: 'succeeded',
          providerId,
          details: { offerings: wanted.length, findings: findings.length },
        })
        await raiseRevision(tx, now)
        await announce(tx, 'catalog')
        return 'changed'
      })
    }
    default:
      return read satisfies never
  }
}

// A registration may have changed a moment ago, here or in another process.
async function openCurrent(
  { db, backends }: RefreshDeps,
  providerId: string,
): Promise<OpenProvider> {
  const { revision } = await lookUpProvider(db, 'all', providerId)
  const open = await backends.open(providerId)
  if (open.provider.revision === revision) return open
  await backends.forgetChanged()
  return backends.open(providerId)
}

/** @returns what could not be published */
async function publish(
  tx: Tx,
  providerId: string,
  wanted: readonly PublishedOffering[],
  taken: ReadonlySet<string>,
  now: Date,
): Promise<CatalogFinding[]> {
  const findings: CatalogFinding[] = []
  const free = wanted.filter(
    (offering) => !isTooLong(offering, findings) && !isTaken(offering, taken, findings),
  )
  await withdrawAll(tx, providerId, now)
  await upsertOfferings(tx, providerId, free)
  await upsertPlans(tx, providerId, free)
  return findings
}

// Only with the provider's own name before it is it as long as it will be.
function isTooLong(offering: PublishedOffering, findings: CatalogFinding[]): boolean {
  const validationError = validateLength(offering.name, 'the published name')
  if (validationError === undefined) return false
  findings.push({
    path: '/services',
    problem: `"${offering.name.slice(0, 100)}...": ${validationError}`,
    effect: 'offering_withheld',
  })
  return true
}

// "a" with "b-c" and "a-b" with "c" give the same name: the newer one is withheld.
function isTaken(
  offering: PublishedOffering,
  taken: ReadonlySet<string>,
  findings: CatalogFinding[],
): boolean {
  if (!taken.has(offering.name)) return false
  findings.push({
    path: '/services',
    problem: `"${offering.name}" is published by another provider already.`,
    effect: 'offering_withheld',
  })
  return true
}
