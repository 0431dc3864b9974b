import { record } from '../../audit/record.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import type { Directory } from '../../tenancy/directory.ts'
import { checkedLeitwegId } from '../../tenancy/organisations/check.ts'
import type { CreateRegistration } from '../../types.gen.ts'
import { lockSealedSets } from '../../vault/sealed-rows/write-sealed.ts'
import type { SignedIn } from '../person.ts'
import { countPending, findView, insertRegistration } from './store.ts'

export interface RegistrationDeps extends TenancyDeps {
  readonly directory: Pick<Directory, 'organisationNamed'>
}

// A person needs no role to ask, so there must be an end.
const maxPending = 5

/**
 * Asks that an agency becomes an organisation, or to join one. That there is no organisation of
 * that name is not said: those who decide about it do not see the request.
 * @param givenId  of a form: sent twice, it asks once
 * @returns id of the registration
 * @throws BrokerError `invalid_request` for a wrong Leitweg-ID, `conflict` when five wait already
 */
export async function requestRegistration(
  { db, now, directory }: RegistrationDeps,
  { person, caller }: SignedIn,
  { agency, join }: CreateRegistration,
  givenId?: string,
): Promise<string> {
  const at = now()
  const id = givenId ?? newId(at)
  checkedLeitwegId(agency?.leitwegId ?? null)
  await db.transaction().execute(async (tx) => {
    // Two at once must not both be the last that has room.
    await lockSealedSets(tx, 'registrations')
    const isRepeated = (await findView(tx, { personId: person.id, decides: [] }, id)) !== undefined
    if (isRepeated) return
    if ((await countPending(tx, person.id)) >= maxPending)
      throw new BrokerError(
        'conflict',
        `${maxPending} of your requests wait for a decision. Withdraw one first.`,
      )
    await insertRegistration(
      tx,
      {
        id,
        personId: person.id,
        agency,
        join: join && {
          ...join,
          organisationId: directory.organisationNamed(join.organisation)?.id ?? null,
          message: join.message ?? null,
        },
      },
      at,
    )
    await record(tx, {
      at,
      actor: caller.actor,
      action: 'registration.requested',
      objectKind: 'registration',
      objectId: id,
      outcome: 'succeeded',
      details: { kind: agency === undefined ? 'join' : 'agency' },
    })
  })
  return id
}
