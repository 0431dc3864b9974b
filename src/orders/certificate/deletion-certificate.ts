import { createHash } from 'node:crypto'
import { BrokerError } from '../../errors.ts'
import type { AccessScope } from '../../tenancy/principal.ts'
import type { CheckedCertificate, DeletionCertificate } from '../../types.gen.ts'
import { canonicalJson } from '../../vault/canonical-json.ts'
import type { OrdersDeps } from '../deps.ts'
import { retainedUntil } from '../end-date.ts'
import { progressOf } from '../progress.ts'
import { requireStanding } from '../read.ts'
import type { StandingOrder } from '../reading/store.ts'
import { itemOf, personOf } from '../view.ts'
import {
  auditOf,
  changedPastKontor,
  factsOf,
  proofOf,
  saysSo,
  unprovenOf,
  type Content,
  type Proof,
} from './proof.ts'

const purpose = 'deletion certificate'

/**
 * What was deleted of an order, when, by whose order, and what says so. Rows that SQL can change
 * must agree with the events of the audit log; what no event says is listed as `unproven`.
 * @throws BrokerError `not_found`; `conflict` before its instance is deleted, without an event that
 *   says so, and for a moment after that; `unavailable` when an event or the order was changed
 *   past Kontor
 */
export async function deletionCertificate(
  deps: OrdersDeps,
  scope: AccessScope,
  number: string,
): Promise<DeletionCertificate> {
  const order = await requireStanding(deps, scope, number)
  if (progressOf(order.state, order.standing) !== 'ended')
    throw new BrokerError('conflict', 'Its instance is not deleted, so there is no certificate.')
  const proof = await proofOf(deps, order)
  const facts = factsOf(proof)
  const said = contentOf(deps, order, proof)
  if (!saysSo(said, facts)) throw changedPastKontor()
  const content: Content = { ...said, unproven: unprovenOf(said, facts) }
  const seal = deps.vault.digest(content, purpose).toString('hex')
  return { ...content, digest: digestOf(content), seal }
}

function contentOf(
  deps: OrdersDeps,
  order: StandingOrder,
  { deleted }: Proof,
): Omit<Content, 'unproven'> {
  const { organisation, beneficiary, provider, offering, plan, instance } = itemOf(deps, order)
  const { event } = deleted
  const { operationId, orderedAt, confirmedBy = null } = event.details ?? {}
  const { retainDays } = order.shown.terms
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
    retainDays,
    retainedUntil: retainedUntil(retainDays, end)?.toISOString() ?? null,
    audit: auditOf(deleted),
  }
}

/**
 * Whether Kontor has issued a certificate just so. A key that was retired may be in other hands:
 * what it sealed counts as far as the audit log says the same.
 * @param given  as a reader has kept it
 */
export async function checkCertificate(
  deps: Pick<OrdersDeps, 'db' | 'directory' | 'vault'>,
  { digest, seal, ...content }: DeletionCertificate,
): Promise<CheckedCertificate> {
  const not = { isValid: false, unproven: [] }
  // Buffer.from would leave out what is no hexadecimal digit.
  if (digest !== digestOf(content) || !/^(?:[0-9a-f]{2})+$/.test(seal)) return not
  const made = Buffer.from(seal, 'hex')
  if (deps.vault.isDigestOf(made, content, { purpose }))
    return { isValid: true, unproven: content.unproven }
  if (!deps.vault.isDigestOf(made, content, { purpose, acceptsRetired: true })) return not
  const proof = await proofIfThere(deps, content)
  if (proof === undefined) return not
  const facts = factsOf(proof)
  return saysSo(content, facts) ? { isValid: true, unproven: unprovenOf(content, facts) } : not
}

async function proofIfThere(
  deps: Pick<OrdersDeps, 'db' | 'directory'>,
  { number, organisation, instance }: Content,
): Promise<Proof | undefined> {
  try {
    const wanted = { number, organisationId: organisation.id, instanceId: instance.id }
    return await proofOf(deps, wanted)
  } catch (error) {
    if (error instanceof BrokerError) return undefined
    throw error
  }
}

/** Of all but itself and the seal, so that every reader can compute it. */
function digestOf(content: Content): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex')
}
