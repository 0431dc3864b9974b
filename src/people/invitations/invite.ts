import { record } from '../../audit/record.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { isUuid, newId } from '../../ids.ts'
import type { NewMail } from '../../mail/mail.ts'
import { countInvitationMails, writeMails, type Mailing } from '../../mail/write.ts'
import type { Caller } from '../../tenancy/caller.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import { lockTree, ownerIn } from '../../tenancy/organisations/lock.ts'
import type { CreateInvitation } from '../../types.gen.ts'
import { assertActive } from '../memberships/assert-active.ts'
import { lockSealedSets } from '../../vault/sealed-rows/write-sealed.ts'
import { vaultOf } from '../../vault/vault.ts'
import { countOpen, deleteInvitation, findView, hasSame, insertInvitation } from './store.ts'
import type { Invitation } from './store.ts'

const secondsOfDay = 86_400
// Each stays for up to 30 days, and lists show all.
const maxOpen = 500
// Of an organisation within a day, and of these to one address.
const maxMails = 200
const maxMailsToOne = 3

/**
 * Invites a person, whom Kontor need not know yet, to a role in an organisation; one who is invited
 * by mail address gets a mail.
 * @param givenId  of a form: sent twice, it invites once
 * @returns id of the invitation
 * @throws BrokerError `invalid_request` for an organisation outside the scope, or when it names no
 *   person or names one twice; `forbidden` in a suspended organisation; `conflict` when the same
 *   invitation is open already, or 500 of the organisation are, or too many mails were written
 */
export async function invite(
  { db, now, sendsMail }: TenancyDeps & Mailing,
  caller: Caller,
  { organisation, role, expiresInDays, email, issuer, subject }: CreateInvitation,
  givenId?: string,
): Promise<string> {
  const bySubject = issuer !== undefined && subject !== undefined
  if (email === undefined ? !bySubject : issuer !== undefined || subject !== undefined)
    throw new BrokerError('invalid_request', 'Name either an email, or an issuer and a subject.')
  const at = now()
  const id = givenId ?? newId(at)
  await db.transaction().execute(async (tx) => {
    const tree = await lockTree(tx)
    const organisationId = await ownerIn(tree, caller.scope, 'organisation', organisation)
    assertActive(tree, caller, organisationId)
    const invitation = {
      id,
      organisationId,
      role,
      email: email?.toLowerCase() ?? null,
      issuer: issuer ?? null,
      subject: subject ?? null,
      expiresAt: Math.floor(at.getTime() / 1_000) + expiresInDays * secondsOfDay,
    }
    // Two at once must not both be the last that has room.
    await lockSealedSets(tx, 'invitations')
    if ((await findView(tx, caller.scope, id)) !== undefined) return
    await assertRoom(tx, invitation, at)
    await insertInvitation(tx, invitation, at)
    await record(tx, {
      at,
      actor: caller.actor,
      action: 'invitation.created',
      objectKind: 'invitation',
      objectId: id,
      outcome: 'succeeded',
      organisationId,
      details: { role },
    })
    const name = tree.get(organisationId)?.name ?? ''
    if (sendsMail && invitation.email !== null)
      await writeMails(tx, [await mailTo(tx, invitation, name, at)], at)
  })
  return id
}

/**
 * It names no address: that is read from the invitation while it is open.
 * @throws BrokerError `conflict` when too many were written: an invitation that is revoked and made
 *   again must not be a way to flood a mailbox, or to have Kontor's mails refused as such
 */
async function mailTo(
  tx: Tx,
  { id, organisationId, email }: Invitation,
  organisation: string,
  at: Date,
): Promise<NewMail> {
  const addressee = vaultOf(tx).fingerprint(['invitation-mail', email]).toString('hex')
  const since = new Date(at.getTime() - secondsOfDay * 1_000)
  const written = await countInvitationMails(tx, organisationId, addressee, since)
  if (written.all >= maxMails) throw tooMany(`${maxMails} mails of the organisation's invitations`)
  if (written.toAddress >= maxMailsToOne)
    throw tooMany(`${maxMailsToOne} mails of the organisation's invitations to this address`)
  const facts = { kind: 'invitation', invitation: id, organisation } as const
  const target = { personId: null, organisationId, vouchedUntil: null }
  return { key: `invitation/${id}`, facts, addressee, ...target }
}

function tooMany(mails: string): BrokerError {
  return new BrokerError(
    'conflict',
    `${mails} were written within a day. Invite by issuer and subject, or later.`,
  )
}

async function assertRoom(tx: Tx, invitation: Invitation, now: Date): Promise<void> {
  if (await hasSame(tx, invitation, now))
    throw new BrokerError('conflict', 'The same invitation is open already.')
  if ((await countOpen(tx, invitation.organisationId, now)) >= maxOpen)
    throw new BrokerError(
      'conflict',
      `${maxOpen} invitations of the organisation are open. Revoke one first.`,
    )
}

/** @throws BrokerError `not_found`, for one outside the scope just as for an unknown one */
export async function revokeInvitation(
  { db, now }: TenancyDeps,
  caller: Caller,
  id: string,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const row = isUuid(id) ? await findView(tx, caller.scope, id) : undefined
    if (row === undefined || !(await deleteInvitation(tx, id)))
      throw new BrokerError('not_found', 'There is no such invitation.')
    await record(tx, {
      at: now(),
      actor: caller.actor,
      action: 'invitation.revoked',
      objectKind: 'invitation',
      objectId: id,
      outcome: 'succeeded',
      organisationId: row.organisation_id,
    })
  })
}
