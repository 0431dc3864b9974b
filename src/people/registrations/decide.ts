import { record } from '../../audit/record.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid, newId } from '../../ids.ts'
import type { NewMail } from '../../mail/mail.ts'
import { writeMails, type Mailing } from '../../mail/write.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import { createOrganisationIn } from '../../tenancy/organisations/create.ts'
import { lockTree } from '../../tenancy/organisations/lock.ts'
import type { AcceptRegistration, PersonRole } from '../../types.gen.ts'
import { lockSealedSets } from '../../vault/sealed-rows/write-sealed.ts'
import type { Asker } from '../asker.ts'
import { assertActive } from '../memberships/assert-active.ts'
import { addMembership } from '../memberships/give.ts'
import { hasRole } from '../memberships/store.ts'
import { noRegistration, whatOf } from './read.ts'
import type { RegistrationScope } from './scope.ts'
import { lockRegistration, updateState, type RegistrationRow } from './store.ts'

/**
 * Accepts a registration: creates the organisation of an agency, whose administrator the person
 * becomes, or gives the person the role that it asked for.
 * @param change  what differs from what was asked for
 * @throws BrokerError `not_found`, `conflict` for one that is decided, a name that is taken or a
 *   retired organisation; `forbidden` for one's own; `invalid_request` for a parent that cannot be
 *   one
 */
export async function acceptRegistration(
  { db, now, sendsMail }: TenancyDeps & Mailing,
  asker: Asker,
  id: string,
  change: AcceptRegistration,
): Promise<void> {
  const at = now()
  await db.transaction().execute(async (tx) => {
    const registration = await lockPending(tx, deciding(asker), id)
    if (registration.person_id === asker.own)
      throw new BrokerError('forbidden', 'Another person must decide what you ask for.')
    const tree = await lockTree(tx)
    await lockSealedSets(tx, 'memberships', 'organisations', 'registrations')
    const { agency, join } = whatOf(registration)
    const organisationId =
      agency === undefined
        ? registration.organisation_id
        : await createOrganisationIn(tx, asker.caller, organisationOf(agency, change), at)
    if (organisationId === null)
      throw new BrokerError('conflict', 'There is no such organisation: refuse the request.')
    if (agency === undefined) assertActive(tree, asker.caller, organisationId)
    // An operator may give roles in a suspended one, but of a retired one nothing comes back.
    if (tree.get(organisationId)?.state === 'retired')
      throw new BrokerError('conflict', 'The organisation is retired: refuse the request.')
    const role: PersonRole = join === undefined ? 'administrator' : (change.role ?? join.role)
    const membership = { personId: registration.person_id, organisationId, role }
    if (!(await hasRole(tx, membership)))
      await addMembership(tx, asker.caller.actor, { id: newId(at), ...membership }, at)
    await updateState(tx, id, { state: 'accepted', organisationId }, at)
    await recordAct(tx, asker, 'registration.accepted', { id, organisationId }, at)
    if (sendsMail) await writeMails(tx, [mailOf(registration, 'registration-accepted', null)], at)
  })
}

function organisationOf(
  { contact: _contact, ...agency }: NonNullable<ReturnType<typeof whatOf>['agency']>,
  { name, parent }: AcceptRegistration,
) {
  return {
    ...agency,
    ...(name === undefined ? {} : { name }),
    ...(parent === undefined ? {} : { parent }),
  }
}

/** @throws BrokerError `not_found`, `conflict` for one that is decided */
export async function refuseRegistration(
  { db, now, sendsMail }: TenancyDeps & Mailing,
  asker: Asker,
  id: string,
  reason: string,
): Promise<void> {
  const at = now()
  await db.transaction().execute(async (tx) => {
    const registration = await lockPending(tx, deciding(asker), id)
    const { organisation_id: organisationId } = registration
    await updateState(tx, id, { state: 'refused', reason }, at)
    await recordAct(tx, asker, 'registration.refused', { id, organisationId, reason }, at)
    if (sendsMail) await writeMails(tx, [mailOf(registration, 'registration-refused', reason)], at)
  })
}

/** To the person who asked, with the name that it asked for. */
function mailOf(
  registration: RegistrationRow,
  kind: 'registration-accepted' | 'registration-refused',
  reason: string | null,
): NewMail {
  const { id, person_id: personId } = registration
  const { agency, join } = whatOf(registration)
  const organisation = agency?.displayName ?? agency?.name ?? join?.organisation ?? ''
  const facts = { kind, registration: id, organisation, reason }
  return { key: `${kind}/${id}`, personId, organisationId: null, vouchedUntil: null, facts }
}

/** Takes back what oneself asked for. @throws BrokerError `not_found`, `conflict` when decided */
export async function withdrawRegistration(
  { db, now }: TenancyDeps,
  asker: Asker,
  id: string,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockPending(tx, { personId: asker.own, decides: [] }, id)
    await updateState(tx, id, { state: 'withdrawn' }, now())
    await recordAct(tx, asker, 'registration.withdrawn', { id, organisationId: null }, now())
  })
}

/** Of those that an asker may decide, its own are no part as such. */
function deciding({ caller: { scope } }: Asker): RegistrationScope {
  return { personId: undefined, decides: scope === 'all' ? 'all' : scope.organisations }
}

async function lockPending(tx: Tx, scope: RegistrationScope, id: string): Promise<RegistrationRow> {
  const registration = isUuid(id) ? await lockRegistration(tx, scope, id) : undefined
  if (registration === undefined) throw noRegistration()
  if (registration.state !== 'pending')
    throw new BrokerError('conflict', `The registration is ${registration.state} already.`)
  return registration
}

async function recordAct(
  tx: Tx,
  { caller }: Asker,
  action: 'registration.accepted' | 'registration.refused' | 'registration.withdrawn',
  of: { readonly id: string; readonly organisationId: string | null; readonly reason?: string },
  now: Date,
): Promise<void> {
  await record(tx, {
    at: now,
    actor: caller.actor,
    action,
    objectKind: 'registration',
    objectId: of.id,
    outcome: 'succeeded',
    organisationId: of.organisationId,
    ...(of.reason === undefined ? {} : { details: { reason: of.reason } }),
  })
}
