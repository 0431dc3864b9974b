import { randomBytes } from 'node:crypto'
import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { CreateCredential, IssuedCredential } from '../../types.gen.ts'
import type { Vault } from '../../vault/vault.ts'
import { canonicalName } from '../certificate-name.ts'
import type { TreeDeps } from '../organisations/create.ts'
import { lockLivePlatform } from '../platforms/change.ts'
import type { Caller } from '../caller.ts'
import { checkHandling } from './check-handling.ts'
import { insertCredential, listViews } from './store.ts'
import { nameOf, viewOf } from './read.ts'

export interface CredentialDeps extends TreeDeps {
  readonly vault: Vault
}

/** Of one kind: the one that is in use and the one that follows it. */
const maxOfAKind = 2

/**
 * Gives a platform one more credential; those it has stay valid.
 * @param reach  of who does it: the platform is within it
 * @returns with the password, which is shown only here: a keyed digest of it is kept
 * @throws BrokerError `not_found`, `invalid_request` for fields of another kind, `conflict` for a retired platform, a third
 * of that kind, or what another one signs in with; `forbidden` for what only an operator may issue
 */
export async function issueCredential(
  deps: CredentialDeps,
  caller: Caller,
  platformId: string,
  request: CreateCredential,
): Promise<IssuedCredential> {
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    // Locked, so that no place of it is mapped meanwhile.
    await lockLivePlatform(tx, platformId)
    await checkHandling(tx, caller.scope, platformId, request.kind)
    return issueCredentialIn(deps, tx, caller, platformId, request, now)
  })
}

/** As `issueCredential`, in the caller's transaction. */
export async function issueCredentialIn(
  deps: CredentialDeps,
  tx: Tx,
  caller: Caller,
  platformId: string,
  request: CreateCredential,
  now: Date,
): Promise<IssuedCredential> {
  const { kind, issuer, subject, certificateName } = checked(request)
  const platform = await lockLivePlatform(tx, platformId)
  const present = (await listViews(tx, platformId)).filter((each) => each.kind === kind)
  if (present.length >= maxOfAKind) {
    throw new BrokerError(
      'conflict',
      `The platform has ${present.length} credentials of the kind ${kind}. Revoke one first: ${present.map((each) => `${each.id} (${nameOf(each)})`).join(' or ')}.`,
    )
  }
  const id = newId(now)
  const username = kind === 'basic' ? `${platform.name}-${randomBytes(4).toString('hex')}` : null
  const password = kind === 'basic' ? randomBytes(24).toString('base64url') : undefined
  const row = {
    id,
    kind,
    username,
    issuer: issuer ?? null,
    subject: subject ?? null,
    certificate_name: certificateName === undefined ? null : canonicalName(certificateName),
    created_at: now,
    last_used_at: null,
  }
  if (
    !(await insertCredential(tx, {
      ...row,
      platform_id: platformId,
      password_digest: password === undefined ? null : deps.vault.digest(password),
    }))
  ) {
    throw new BrokerError('conflict', `${nameOf(row)} signs in already.`)
  }
  await record(tx, {
    at: now,
    actor: caller.actor,
    action: 'issue credentials',
    objectKind: 'platform',
    objectId: platformId,
    outcome: 'succeeded',
    organisationId: platform.organisationId,
    platformId,
    details: { credentialId: id, kind },
  })
  await announce(tx, 'platforms')
  return { ...viewOf(row), ...(password === undefined ? {} : { password }) }
}

const fieldsOf = { basic: [], bearer: ['issuer', 'subject'], mtls: ['certificateName'] } as const

function checked(request: CreateCredential): CreateCredential {
  const mine: readonly string[] = ['kind', ...fieldsOf[request.kind]]
  const foreign = Object.keys(request).find((field) => !mine.includes(field))
  if (foreign !== undefined)
    throw new BrokerError('invalid_request', `${foreign} is no field of the kind ${request.kind}.`)
  return request
}
