import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { TenancyDeps } from '../../tenancy/deps.ts'
import type { Directory } from '../../tenancy/directory.ts'
import type { CreateToken, IssuedToken } from '../../types.gen.ts'
import type { Vault } from '../../vault/vault.ts'
import type { SignedIn } from '../person.ts'
import { includes } from '../roles.ts'
import { lockSealedSets } from '../../vault/sealed-rows/write-sealed.ts'
import { describeToken } from './read.ts'
import { countTokens, findView, insertToken } from './store.ts'
import { makeTokenText } from './text.ts'

export interface TokenDeps extends TenancyDeps {
  readonly vault: Pick<Vault, 'digest'>
  readonly directory: Pick<Directory, 'ancestorsOf' | 'organisation' | 'organisationNamed'>
}

const maxTokens = 20
const secondsOfDay = 86_400

/**
 * Issues a personal API token. It never has more than its person has at the time of a call.
 * @param givenId  of a form: sent twice, it issues one
 * @returns with its text, which is shown only here: Kontor keeps a keyed digest of it
 * @throws BrokerError `forbidden` for a call with a token, which would prolong itself;
 *   `invalid_request` for an organisation or a role that the person does not have by a membership,
 *   `conflict` when it has 20 tokens, or the
 *   form has issued its token
 */
export async function issueToken(
  deps: TokenDeps,
  signedIn: SignedIn,
  given: CreateToken,
  givenId?: string,
): Promise<IssuedToken> {
  const { person, caller, tokenId } = signedIn
  if (tokenId !== undefined)
    throw new BrokerError('forbidden', 'A token cannot issue tokens: sign in at your issuer.')
  const at = deps.now()
  const id = givenId ?? newId(at)
  const text = makeTokenText(id)
  const { name, access, expiresInDays, roles = null } = given
  const organisations = checkedOrganisations(deps, signedIn, given.organisations)
  checkRoles(signedIn, roles)
  await deps.db.transaction().execute(async (tx) => {
    // Two at once must not both be the last that has room.
    await lockSealedSets(tx, 'api_tokens')
    if ((await findView(tx, { personId: person.id, administers: [] }, id)) !== undefined)
      throw new BrokerError(
        'conflict',
        'The form was sent twice, and the token is issued. If you do not have its text, revoke it.',
      )
    if ((await countTokens(tx, person.id, at)) >= maxTokens)
      throw new BrokerError('conflict', `You have ${maxTokens} tokens. Revoke one first.`)
    const expiresAt = Math.floor(at.getTime() / 1_000) + expiresInDays * secondsOfDay
    const digest = deps.vault.digest(text)
    const row = { id, personId: person.id, digest, access, organisations, roles, expiresAt }
    await insertToken(tx, row, name, at)
    await record(tx, {
      at,
      actor: caller.actor,
      action: 'token.issued',
      objectKind: 'token',
      objectId: id,
      outcome: 'succeeded',
      details: {
        personId: person.id,
        access,
        expiresInDays,
        ...(organisations === null ? {} : { organisations: organisations.join(',') }),
        ...(roles === null ? {} : { roles: roles.join(',') }),
      },
    })
    await announce(tx, 'people')
  })
  const scope = { personId: person.id, administers: [] }
  return { ...(await describeToken(deps, scope, id)), token: text }
}

// Roles that claims grant are none of a token: nothing would end them.
const membershipsOf = ({ roles }: SignedIn) => roles.filter(({ from }) => from === 'membership')

function checkedOrganisations(
  { directory }: TokenDeps,
  signedIn: SignedIn,
  given: readonly string[] | undefined,
): readonly string[] | null {
  const memberships = membershipsOf(signedIn)
  if (memberships.length === 0)
    throw new BrokerError(
      'invalid_request',
      'You have no role by a membership, and a token has no other.',
    )
  if (given === undefined) return null
  const isMember = (id: string) =>
    directory
      .ancestorsOf(id)
      .some((above) => memberships.some(({ organisationId }) => organisationId === above.id))
  return given.map((reference) => {
    const found = directory.organisation(reference) ?? directory.organisationNamed(reference)
    // One without a role of the person looks like an unknown one.
    if (found === undefined || !isMember(found.id))
      throw new BrokerError(
        'invalid_request',
        `organisations: you have no role by a membership in an organisation "${reference}".`,
      )
    return found.id
  })
}

function checkRoles(signedIn: SignedIn, roles: CreateToken['roles'] | null): void {
  const missing = roles?.find(
    (role) => !membershipsOf(signedIn).some((grant) => includes(grant.role, role)),
  )
  if (missing !== undefined)
    throw new BrokerError('invalid_request', `roles: you do not have the role ${missing}.`)
}
