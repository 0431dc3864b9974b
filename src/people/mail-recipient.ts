import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { ClaimedMail } from '../mail/mail.ts'
import { isMailAddress, type DropReason, type RecipientOf } from '../mail/recipient.ts'
import type { Directory } from '../tenancy/directory.ts'
import type { Language, NotificationKind } from '../types.gen.ts'
import { assertUnchanged } from '../vault/sealed-rows/write-sealed.ts'
import { findOpen } from './invitations/store.ts'
import type { KnownPeople } from './known-people.ts'
import { countingGrants, rolesIn } from './roles.ts'

export interface RecipientDeps {
  readonly db: Db
  readonly now: () => Date
  readonly directory: Pick<Directory, 'ancestorsOf'>
  readonly people: Pick<KnownPeople, 'personById' | 'grantsOf'>
}

// One who is invited has not said yet, and people of Kontor are asked in German first.
const languageOfInvited: Language = 'de'

/** Whom a mail goes to now: it is asked when it is sent, because roles and addresses change. */
export function createRecipientOf(deps: RecipientDeps): RecipientOf {
  return async (mail) => {
    const { facts, personId } = mail
    if (facts.kind === 'invitation') return invited(deps, facts.invitation)
    const person = personId === null ? undefined : deps.people.personById(personId)
    if (person === undefined || !isEntitled(deps, mail)) return dropped('not-entitled')
    if (person.muted.includes(facts.kind as NotificationKind)) return dropped('switched-off')
    const { email: address, name, language } = person
    if (address === null || !isMailAddress(address)) return dropped('no-address')
    return { address, name, language }
  }
}

function dropped(reason: DropReason): { readonly dropped: DropReason } {
  return { dropped: reason }
}

/** Whether the person has a role in the organisation, or had one by claims a short time ago. */
function isEntitled(
  { directory, people, now }: RecipientDeps,
  { personId, organisationId, vouchedUntil }: ClaimedMail,
): boolean {
  if (personId === null || organisationId === null) return organisationId === null
  if (rolesIn(directory, people.grantsOf(personId), organisationId).size > 0) return true
  const claimed = { organisationId, role: 'viewer', from: 'claims' } as const
  return (
    vouchedUntil !== null && vouchedUntil > now() && countingGrants(directory, [claimed]).length > 0
  )
}

/** The address of an invitation that is open still, and as Kontor wrote it. */
async function invited({ db, now }: RecipientDeps, id: string): ReturnType<RecipientOf> {
  const address = await db.transaction().execute(async (tx) => {
    const open = await findOpen(tx, id, now())
    return open !== undefined && (await isUnchanged(tx, id)) ? open.email : undefined
  })
  if (address === undefined) return dropped('obsolete')
  if (address === null || !isMailAddress(address)) return dropped('no-address')
  return { address, name: null, language: languageOfInvited }
}

async function isUnchanged(tx: Tx, id: string): Promise<boolean> {
  try {
    await assertUnchanged(tx, 'invitations', { id })
    return true
  } catch (error) {
    if (error instanceof BrokerError && error.code === 'conflict') return false
    throw error
  }
}
