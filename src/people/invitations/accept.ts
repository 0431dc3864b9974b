import { record } from '../../audit/record.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import { lockTree } from '../../tenancy/organisations/lock.ts'
import { lockSealedSets } from '../../vault/sealed-rows/write-sealed.ts'
import { isActive } from '../memberships/assert-active.ts'
import { addMembership } from '../memberships/give.ts'
import { hasRole } from '../memberships/store.ts'
import type { SignedIn } from '../person.ts'
import { isInvited, lockInvitationsOf, markAccepted } from './store.ts'

// Bounds how long the tree is locked; the next call accepts the next ones.
const atOnce = 50

/** Whose invitations are accepted. */
export type Accepting = Pick<SignedIn, 'person' | 'caller' | 'tokenId' | 'verifiedEmail'>

/**
 * Accepts the invitations that name the person who has signed in, 50 at once: by issuer and
 * subject, or by a mail address that the issuer says is verified. Those to a suspended organisation
 * stay open.
 * @returns how many gave a role that the person did not have
 * @throws BrokerError `forbidden` for a call with a personal token, `conflict` when one of them was
 *   changed past Kontor
 */
export async function acceptInvitations(
  { db, now }: TenancyDeps,
  { person, caller, tokenId, verifiedEmail }: Accepting,
): Promise<number> {
  if (tokenId !== undefined)
    throw new BrokerError('forbidden', 'A token accepts no invitation: sign in at your issuer.')
  const at = now()
  const { issuer, subject, id: personId } = person
  const email = verifiedEmail?.toLowerCase() ?? null
  const named = { issuer, subject, email }
  // Without a lock: every person may call this, and changes of the tree would wait for each call.
  if (!(await isInvited(db, named, at))) return 0
  return db.transaction().execute(async (tx) => {
    const tree = await lockTree(tx)
    const invitations = await lockInvitationsOf(tx, named, at, atOnce)
    // After the rows, as a revocation locks them.
    await lockSealedSets(tx, 'invitations', 'memberships')
    let given = 0
    for (const { id, organisationId, role } of invitations) {
      if (!isActive(tree, organisationId)) continue
      const membership = { personId, organisationId, role }
      if (!(await hasRole(tx, membership))) {
        await addMembership(tx, caller.actor, { id: newId(at), ...membership }, at)
        given++
      }
      await markAccepted(tx, id)
      await record(tx, {
        at,
        actor: caller.actor,
        action: 'invitation.accepted',
        objectKind: 'invitation',
        objectId: id,
        outcome: 'succeeded',
        organisationId,
        details: { personId, role },
      })
    }
    return given
  })
}
