import type { Db } from '../../db/database.ts'
import { listDigested as listOperations } from '../../operations/digests/list.ts'
import { digestColumns } from '../../vault/digest-columns.ts'
import { redigest } from '../../vault/redigest.ts'
import { vaultOf } from '../../vault/vault.ts'
import { openChange, type UpdateContent } from '../change.ts'
import { identityMacOf, isGenuine } from '../identity.ts'
import { listIdentities } from '../identity/store.ts'
import { openParameters } from '../instance.ts'
import { listDigested } from './store.ts'

/**
 * Makes the digests of parameters again, from the sealed parameters: those of an instance whose
 * parameters an update changed have none.
 */
export function redigestInstances(db: Db, prefix: Buffer): ReturnType<typeof redigest> {
  const vault = vaultOf(db)
  return redigest(
    db,
    digestColumns.parameters,
    prefix,
    (after, limit) => listDigested(db, after, limit),
    // No order is compared with a deleted instance.
    (row) => (row.isDeleted ? null : vault.digest(openParameters(vault, row) ?? {})),
  )
}

/** Makes the MACs of what never changes of an instance again. */
export function redigestIdentities(db: Db, prefix: Buffer): ReturnType<typeof redigest> {
  const vault = vaultOf(db)
  return redigest(
    db,
    digestColumns.identities,
    prefix,
    async (after, limit) =>
      (await listIdentities(db, after, limit)).map((row) => ({ ...row, digest: row.identityMac })),
    (row) => {
      if (!isGenuine(vault, row)) throw new Error('The instance was changed past Kontor.')
      return identityMacOf(vault, row)
    },
  )
}

/** Makes the digests of updates again that are under way; those of others are not needed. */
export function redigestUpdates(db: Db, prefix: Buffer): ReturnType<typeof redigest> {
  const vault = vaultOf(db)
  return redigest(
    db,
    digestColumns.updates,
    prefix,
    (after, limit) => listOperations(db, after, limit),
    ({ key, platformId, instanceKey, change, planId, isFinished }, digest) => {
      if (isFinished || change === null) return null
      const { planId: wanted, ...rest } = openChange(vault, change, {
        id: key,
        platformId,
        instanceKey,
      })
      // The request may have named the plan that the instance had.
      const plans = wanted === undefined ? [null, planId] : [wanted]
      const content = plans
        .map((plan): UpdateContent => ({
          plan,
          parameters: rest.parameters ?? null,
          context: rest.context ?? null,
          maintenance: rest.maintenanceVersion ?? null,
        }))
        .find((each) => vault.isDigestOf(digest, each))
      return content === undefined ? null : vault.digest(content)
    },
  )
}
