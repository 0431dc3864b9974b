import { createHash, timingSafeEqual } from 'node:crypto'
import { findProven, type ProvenEvent } from '../../audit/reading/find-proven.ts'
import { BrokerError } from '../../errors.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { DeletionCertificate } from '../../types.gen.ts'
import { canonicalJson } from '../../vault/canonical-json.ts'
import type { Vault } from '../../vault/vault.ts'
import type { OrdersDeps } from '../deps.ts'
import { retainedUntil } from '../end-date.ts'
import { progressOf } from '../progress.ts'
import { requireStanding } from '../read.ts'
import type { StandingOrder } from '../reading/store.ts'
import { itemOf, personOf } from '../view.ts'

type Content = Omit<DeletionCertificate, 'digest' | 'seal'>

/**
 * What was deleted of an order, when, by whose order, and what says so. It rests on the event of
 * the audit log, not on rows that SQL can change.
 * @throws BrokerError `not_found`; `conflict` before its instance is deleted, and for a moment
 *   after that; `unavailable` when the event was changed past Kontor
 */
export async function deletionCertificate(
  deps: OrdersDeps,
  scope: AccessScope,
  number: string,
): Promise<DeletionCertificate> {
  const order = await requireStanding(deps, scope, number)
  const proven = await provenEnd(deps, order)
  const content = contentOf(deps, order, proven)
  return { ...content, digest: digestOf(content), seal: sealOf(deps.vault, content) }
}

async function provenEnd(
  { db, directory }: OrdersDeps,
  order: StandingOrder,
): Promise<ProvenEvent> {
  const platformId = directory.consoleOf(order.organisationId)?.id
  if (progressOf(order.state, order.standing) !== 'ended' || platformId === undefined)
    throw new BrokerError('conflict', 'Its instance is not deleted, so there is no certificate.')
  const proven = await findProven(db, {
    objectKind: 'instance',
    objectId: order.instanceId,
    platformId,
    action: 'instance.deprovision',
    outcome: 'succeeded',
  })
  if (proven === 'unlinked' || proven === undefined)
    throw new BrokerError(
      'conflict',
      'Its end is not part of the chain of the audit log yet. Try again in some seconds.',
      { retryAfterSeconds: 5 },
    )
  if (proven === 'forged')
    throw new BrokerError(
      'unavailable',
      'The event of its end was changed past Kontor. An operator must look at the audit log.',
      { retryAfterSeconds: 3_600 },
    )
  return proven
}

function contentOf(
  deps: OrdersDeps,
  order: StandingOrder,
  { event, position, hash }: ProvenEvent,
): Content {
  const { organisation, beneficiary, provider, offering, plan, instance } = itemOf(deps, order)
  const { operationId, orderedAt, confirmedBy = null } = event.details ?? {}
  const end = new Date(event.at)
  return {
    number: order.number,
    organisation,
    beneficiary,
    provider,
    offering,
    plan,
    instance,
    submittedAt: order.submittedAt?.toISOString() ?? null,
    endedBy: order.endedBy === null ? null : personOf(deps.people, order.endedBy),
    operation: String(operationId),
    orderedAt: String(orderedAt),
    deletedAt: end.toISOString(),
    // `confirmationOf` of operations/results writes just these; events of before have none.
    confirmedBy: confirmedBy as Content['confirmedBy'],
    retainDays: order.shown.terms.retainDays,
    retainedUntil: retainedUntil(order, end)?.toISOString() ?? null,
    audit: {
      id: event.id,
      uid: event.uid,
      position,
      hash: hash.toString('hex'),
      mac: event.mac?.toString('hex') ?? null,
    },
  }
}

/**
 * Whether Kontor has issued a certificate just so.
 * @param given  as a reader has kept it
 */
export function isCertificate(
  { vault }: Pick<OrdersDeps, 'vault'>,
  { digest, seal, ...content }: DeletionCertificate,
): boolean {
  const right = sealOf(vault, content)
  return digest === digestOf(content) && isSame(seal, right)
}

/** Of all but itself and the seal, so that every reader can compute it. */
function digestOf(content: Content): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex')
}

function sealOf(vault: Vault, content: Content): string {
  return vault.fingerprint(['deletion-certificate', content]).toString('hex')
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
