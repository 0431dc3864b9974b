import { record } from '../../audit/record.ts'
import { announce } from '../../db/channels.ts'
import type { Tx } from '../../db/database.ts'
import { subtreeOf, type Tree } from '../organisations/tree.ts'
import { deleteCredential, listAgencyCredentials, servesOthers } from './store.ts'

export interface Outgrown {
  /** As the change leaves it, and locked. */
  readonly tree: Tree
  readonly actor: string
  readonly now: Date
  /** Undefined: all platforms. `owner` as the change leaves it; undefined: as it is. */
  readonly platform?: { readonly id: string; readonly owner?: string | null }
}

const reason =
  'The platform orders for an organisation outside the scope of the agency that issued it.'

/**
 * Revokes the credentials that agencies issued for platforms that now order for organisations
 * outside the agency's scope, or belong to one: credentials of a platform read the bindings of all
 * who order through it. Called in the transaction of each change of a mapping, an owner or the
 * tree.
 */
export async function revokeOutgrown(
  tx: Tx,
  { tree, actor, now, platform }: Outgrown,
): Promise<void> {
  let isChanged = false
  for (const credential of await listAgencyCredentials(tx, platform?.id)) {
    const { id, kind, platform_id: platformId, issuer_organisations: roots } = credential
    const owner = platform?.owner === undefined ? credential.organisation_id : platform.owner
    const scope = subtreeOf(tree, roots)
    if (owner !== null && scope.has(owner) && !(await servesOthers(tx, platformId, [...scope])))
      continue
    if ((await deleteCredential(tx, platformId, id)) === undefined) continue
    isChanged = true
    await record(tx, {
      at: now,
      actor,
      action: 'credentials.revoked',
      objectKind: 'platform',
      objectId: platformId,
      outcome: 'succeeded',
      organisationId: credential.organisation_id,
      platformId,
      details: { credentialId: id, kind, reason },
    })
  }
  if (isChanged) await announce(tx, 'platforms')
}
