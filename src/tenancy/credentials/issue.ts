import { randomBytes } from 'node:crypto'
import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { BrokerError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import type { CreateCredential, IssuedCredential } from '../../types.gen.ts'
import type { Vault } from '../../vault/vault.ts'
import type { Caller } from '../caller.ts'
import { canonicalName } from '../certificate-name.ts'
import type { TenancyDeps } from '../deps.ts'
import type { Directory } from '../directory.ts'
import { lockTree } from '../organisations/store.ts'
import { subtreeOf } from '../organisations/tree.ts'
import { assertNoConsole, lockLivePlatform } from '../platforms/lock.ts'
import type { AccessScope } from '../principal.ts'
import { checkHandling } from './check-handling.ts'
import { nameOf, viewOf } from './read.ts'
import { insertCredential, listViews } from './store.ts'

export interface CredentialDeps extends TenancyDeps {
  readonly vault: Vault
  /** The one that the scopes of callers come from. */
  readonly directory: Pick<Directory, 'organisation'>
}

/** Of one kind: the one in use and its successor. */
const maxOfAKind = 2

/**
 * Issues one more credential for a platform; those it has stay valid.
 * @param platform  its id or name
 * @returns with the password, which is shown only here: Kontor keeps a keyed digest of it
 * @throws BrokerError `not_found`, `invalid_request` for fields of another kind, `conflict` for a
 * retired platform, a third credential of that kind, or a name that is in use; `forbidden` for what
 * only an operator may issue
 */
export async function issueCredential(
  deps: CredentialDeps,
  caller: Caller,
  platform: string,
  request: CreateCredential,
): Promise<IssuedCredential> {
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    const topmost = topmostOf(caller.scope, deps.directory)
    // A move that this process has not read yet must not leave a credential that it should have
    // ended: so the scope is that of the tree as it is, locked.
    const scope: AccessScope =
      caller.scope === 'all' || topmost === undefined
        ? 'all'
        : { ...caller.scope, organisations: [...subtreeOf(await lockTree(tx), topmost)] }
    // Locked before the check, so that no mapping is added between the two.
    const locked = await lockLivePlatform(tx, scope, platform)
    assertNoConsole(locked)
    const { id } = locked
    await checkHandling(tx, scope, id, request.kind)
    return issueCredentialIn(tx, deps, { ...caller, scope }, id, request, now, topmost)
  })
}

function topmostOf(
  scope: AccessScope,
  directory: CredentialDeps['directory'],
): readonly string[] | undefined {
  if (scope === 'all') return undefined
  const all = new Set(scope.organisations)
  return scope.organisations.filter((id) => !all.has(directory.organisation(id)?.parentId ?? ''))
}

/**
 * As `issueCredential`, in the transaction `tx` and without checking who may issue it.
 * @param topmost  ids of the topmost organisations of the agency that issues it; undefined for an
 *   operator
 */
export async function issueCredentialIn(
  tx: Tx,
  { vault }: Pick<CredentialDeps, 'vault'>,
  caller: Caller,
  platformId: string,
  request: CreateCredential,
  now: Date,
  topmost?: readonly string[],
): Promise<IssuedCredential> {
  checkFields(request)
  const { kind, issuer, subject, certificateName } = request
  const platform = await lockLivePlatform(tx, caller.scope, platformId)
  await checkNumber(tx, platformId, kind)
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
  const isNew = await insertCredential(tx, {
    ...row,
    platform_id: platformId,
    password_digest: password === undefined ? null : vault.digest(password),
    issuer_organisations: topmost === undefined ? null : [...topmost],
  })
  if (!isNew) throw new BrokerError('conflict', `${nameOf(row)} signs in already.`)
  await record(tx, {
    at: now,
    actor: caller.actor,
    action: 'credentials.issued',
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

function checkFields(request: CreateCredential): void {
  const allowed: readonly string[] = ['kind', ...fieldsOf[request.kind]]
  const foreign = Object.keys(request).find((field) => !allowed.includes(field))
  if (foreign !== undefined)
    throw new BrokerError('invalid_request', `${foreign} is no field of the kind ${request.kind}.`)
}

async function checkNumber(tx: Tx, platformId: string, kind: string): Promise<void> {
  const present = (await listViews(tx, platformId)).filter((each) => each.kind === kind)
  if (present.length < maxOfAKind) return
  const names = present.map((each) => `${each.id} (${nameOf(each)})`).join(' or ')
  throw new BrokerError(
    'conflict',
    `The platform has ${present.length} credentials of the kind ${kind}. ` +
      `Revoke one first: ${names}.`,
  )
}
