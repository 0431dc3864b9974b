// The quotas as this process knows them to be right. Orders read quotas from the database, which
// may be newer; what was changed there past Kontor must not give an order more than it had.
import { coalesce } from '../../db/coalesce.ts'
import type { Db, DbOrTx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import type { Directory } from '../../tenancy/directory.ts'
import { inspectRows } from '../../vault/sealed-rows/inspect-rows.ts'
import { readSealed } from '../../vault/sealed-rows/read-sealed.ts'
import type { QuotaSubject } from './count/store.ts'
import type { Quota } from './quota.ts'
import { listAllQuotas } from './store.ts'

export interface KnownQuotas {
  /** Ids of the known quotas that an order falls under. */
  idsOf(subject: QuotaSubject, counts?: (quota: Quota) => boolean): readonly string[]
  /** Whether an order that falls under no quota of the database falls under none at all. */
  hasNone(): boolean
  /**
   * The quotas that count for an order: those of the database, and in place of a quota that was
   * changed or removed past Kontor the one that this process knows.
   * @param rows  the quotas of the database that the order falls under
   * @param counts  which quotas count at all; by default each
   * @throws BrokerError `unavailable` when a quota was changed before this process knew it
   */
  confirm(
    db: DbOrTx,
    subject: QuotaSubject,
    rows: readonly Quota[],
    counts?: (quota: Quota) => boolean,
  ): Promise<readonly Quota[]>
  reload(): Promise<void>
}

interface Known {
  readonly quotas: ReadonlyMap<string, Quota>
  /** By the id of their organisation; null: for all together. */
  readonly ofOrganisation: ReadonlyMap<string | null, readonly Quota[]>
  /** Of the set that they were read with. */
  readonly revision: bigint
  /** False: the last reading found the table changed, so these are older. */
  readonly isCurrent: boolean
  /** False: it was changed before this process began. */
  readonly isKnown: boolean
}

export async function openKnownQuotas(
  db: Db,
  directory: Directory,
  onError: (error: unknown) => void,
): Promise<KnownQuotas> {
  let known = await read(db, undefined)
  const reload = coalesce(async () => {
    known = await read(db, known)
  })
  return {
    idsOf: (subject, counts = () => true) =>
      applyingTo(directory, known, subject)
        .filter(counts)
        .map(({ id }) => id),
    hasNone: () => known.isKnown && known.quotas.size === 0,
    async confirm(asked, subject, rows, counts = () => true) {
      if (!known.isKnown) throw quotasUnknown()
      const { quotas } = known
      const expected = applyingTo(directory, known, subject).filter(counts)
      const ids = rows.map(({ id }) => id)
      const isAsKnown =
        rows.every((row) => isSame(quotas.get(row.id), row)) &&
        expected.every(({ id }) => ids.includes(id))
      if (isAsKnown) return rows
      const { isSealed, right, revision } = await inspectRows(asked, 'quotas', ids)
      // Another process has changed quotas a moment ago.
      const isNewer = known.isCurrent && revision > known.revision
      if (!isSealed || (isNewer && ids.every((id) => right.has(id)))) return rows
      reload().catch(onError)
      // One that is new or lower takes away, so that it counts in any case.
      const isLower = ({ id, instances }: Quota) =>
        instances < (quotas.get(id)?.instances ?? Infinity)
      const confirmed = rows.filter((row) => right.has(row.id) && (isNewer || isLower(row)))
      return [...confirmed, ...expected.filter(({ id }) => confirmed.every((row) => row.id !== id))]
    },
    reload,
  }
}

async function read(db: Db, before: Known | undefined): Promise<Known> {
  const { data, checks } = await readSealed(db, ['quotas'], listAllQuotas)
  const { isWhole, altered, damaged, revision } = checks.quotas
  if (isWhole && altered.size === 0) {
    const counting = data.filter(({ id }) => !damaged.has(id))
    return {
      quotas: new Map(counting.map((quota) => [quota.id, quota])),
      ofOrganisation: Map.groupBy(counting, ({ organisationId }) => organisationId),
      revision,
      isCurrent: true,
      isKnown: true,
    }
  }
  if (before !== undefined) return { ...before, isCurrent: false }
  return {
    quotas: new Map(),
    ofOrganisation: new Map(),
    revision: 0n,
    isCurrent: false,
    isKnown: false,
  }
}

function applyingTo(
  directory: Directory,
  { ofOrganisation }: Pick<Known, 'ofOrganisation'>,
  { platformId, organisationId, providerId, offeringId, planId }: QuotaSubject,
): Quota[] {
  const owner = organisationId ?? directory.platform(platformId)?.organisationId ?? null
  const organisations = [null, ...directory.ancestorsOf(owner).map(({ id }) => id)]
  return organisations
    .flatMap((id) => ofOrganisation.get(id) ?? [])
    .filter(
      (quota) =>
        (quota.providerId === null || quota.providerId === providerId) &&
        (quota.offeringId === null || quota.offeringId === offeringId) &&
        (quota.planId === null || quota.planId === planId),
    )
}

function isSame(known: Quota | undefined, row: Quota): boolean {
  return (
    known !== undefined &&
    known.instances === row.instances &&
    known.organisationId === row.organisationId &&
    known.providerId === row.providerId &&
    known.offeringId === row.offeringId &&
    known.planId === row.planId
  )
}

function quotasUnknown(): BrokerError {
  return new BrokerError(
    'unavailable',
    'Quotas were changed past Kontor. An operator must look at them first.',
    { retryAfterSeconds: 30 },
  )
}
