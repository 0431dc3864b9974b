// What the audit log says of an order whose instance was deleted. Rows of orders have no MAC, so
// nothing counts as proven that is only there.
import { findProven, type ProvenEvent } from '../../audit/reading/find-proven.ts'
import { BrokerError } from '../../errors.ts'
import type { DeletionCertificate } from '../../types.gen.ts'
import { canonicalJson } from '../../vault/canonical-json.ts'
import type { OrdersDeps } from '../deps.ts'
import { retainedUntil } from '../end-date.ts'

export type Content = Omit<DeletionCertificate, 'digest' | 'seal'>

/** The events that a certificate rests on, each with its MAC checked. */
export interface Proof {
  readonly submitted: ProvenEvent
  /** Undefined: no person cancelled the order, or withdrew it again. */
  readonly cancelled: ProvenEvent | undefined
  readonly deleted: ProvenEvent
}

/** What the events say: values by their paths in a certificate. */
export type ProvenFacts = ReadonlyMap<string, unknown>

interface Wanted {
  readonly number: string
  readonly organisationId: string
  /** The platform's. */
  readonly instanceId: string
}

/**
 * @throws BrokerError `conflict` for what is not in the log, or for a moment not in its chain yet;
 *   `unavailable` for what was changed past Kontor
 */
export async function proofOf(
  { db, directory }: Pick<OrdersDeps, 'db' | 'directory'>,
  { number, organisationId, instanceId }: Wanted,
): Promise<Proof> {
  const outcome = 'succeeded'
  const ofOrder = (action: string) =>
    findProven(db, { objectKind: 'order', objectId: number, action, outcome }).then(intact)
  const [submitted, cancelled, withdrawn, deleted] = await Promise.all([
    ofOrder('order.submitted'),
    ofOrder('order.cancelled'),
    ofOrder('order.cancellation-withdrawn'),
    findProven(db, {
      objectKind: 'instance',
      objectId: instanceId,
      platformId: directory.consoleOf(organisationId)?.id ?? null,
      action: 'instance.deprovision',
      outcome,
    }).then(intact),
  ])
  if (deleted === undefined) throw unrecorded('it was deleted')
  if (deleted.event.details?.['confirmedBy'] === 'given-up') throw givenUp()
  if (submitted === undefined) throw unrecorded('the order was submitted')
  const isWithdrawn = (withdrawn?.position ?? 0) > (cancelled?.position ?? 0)
  const proof = { submitted, cancelled: isWithdrawn ? undefined : cancelled, deleted }
  for (const { event } of [proof.submitted, proof.cancelled ?? proof.submitted])
    if (event.instanceId !== instanceId || event.organisationId !== organisationId)
      throw changedPastKontor()
  return proof
}

function intact(found: Awaited<ReturnType<typeof findProven>>): ProvenEvent | undefined {
  if (found === 'forged') throw changedPastKontor()
  if (found !== 'unlinked') return found
  throw new BrokerError(
    'conflict',
    'What was done with the order is not part of the chain of the audit log yet. Try again in ' +
      'some seconds.',
    { retryAfterSeconds: 5 },
  )
}

// What the provider still has is an orphan then, and Kontor does not know when it goes.
function givenUp(): BrokerError {
  return new BrokerError(
    'conflict',
    'An operator gave its deletion up, and nothing says that the provider has deleted it, so ' +
      'there is no certificate.',
  )
}

// Waiting does not help, so there is no Retry-After.
function unrecorded(what: string): BrokerError {
  return new BrokerError(
    'conflict',
    `No event of the audit log says that ${what}, so there is no certificate.`,
  )
}

export function changedPastKontor(): BrokerError {
  return new BrokerError(
    'unavailable',
    'The order, or an event of it, was changed past Kontor. An operator must look at the audit ' +
      'log.',
    { retryAfterSeconds: 3_600 },
  )
}

export function factsOf({ submitted, cancelled, deleted }: Proof): ProvenFacts {
  const { event } = deleted
  const { operationId, orderedAt, confirmedBy = null } = event.details ?? {}
  const end = new Date(event.at)
  return new Map<string, unknown>([
    ['number', submitted.event.objectId],
    ['organisation.id', submitted.event.organisationId],
    ['instance.id', event.objectId],
    ['submittedAt', new Date(submitted.event.at).toISOString()],
    ['operation', operationId],
    ['orderedAt', orderedAt],
    ['deletedAt', end.toISOString()],
    ['confirmedBy', confirmedBy],
    ['audit', auditOf(deleted)],
    ...termsOf(submitted.event.details ?? {}, end),
    ...personOf(cancelled),
  ])
}

/** What `note` of orders/events records at the submission; events of before have none of it. */
function termsOf(
  details: NonNullable<ProvenEvent['event']['details']>,
  end: Date,
): ReadonlyArray<readonly [string, unknown]> {
  const { beneficiary, provider, offering, plan, retainDays: days } = details
  if (plan === undefined) return []
  const retainDays = days === undefined ? null : Number(days)
  return [
    ['beneficiary.id', beneficiary],
    ['provider.name', provider],
    ['offering.id', offering],
    ['plan.id', plan],
    ['retainDays', retainDays],
    ['retainedUntil', retainedUntil(retainDays, end)?.toISOString() ?? null],
  ]
}

function personOf(cancelled: ProvenEvent | undefined): ReadonlyArray<readonly [string, unknown]> {
  const person = cancelled?.event.details?.['person']
  return person === undefined ? [] : [['endedBy.id', person]]
}

export function auditOf({ event, position, hash }: ProvenEvent): Content['audit'] {
  return {
    id: event.id,
    uid: event.uid,
    position,
    hash: hash.toString('hex'),
    mac: event.mac?.toString('hex') ?? null,
  }
}

/** Whether a certificate says what the events say. */
export function saysSo(content: object, facts: ProvenFacts): boolean {
  return [...facts].every(
    ([path, value]) => canonicalJson({ value: at(content, path) }) === canonicalJson({ value }),
  )
}

function at(content: object, path: string): unknown {
  let value: unknown = content
  for (const name of path.split('.'))
    value = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name]
  return value
}

/** Paths of what no event says. */
export function unprovenOf(content: object, facts: ProvenFacts): string[] {
  return Object.entries(content).flatMap(([name, value]) => {
    if (facts.has(name) || name === 'unproven') return []
    if (typeof value !== 'object' || value === null) return [name]
    return Object.keys(value as object)
      .map((field) => `${name}.${field}`)
      .filter((path) => !facts.has(path))
  })
}
