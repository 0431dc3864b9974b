import type { Db } from '../../db/database.ts'
import { digestColumns } from '../../vault/digest-columns.ts'
import { redigest } from '../../vault/redigest.ts'
import { vaultOf } from '../../vault/vault.ts'
import { requestAad, type BindContent, type BindingRequest } from '../binding.ts'
import { listDigested } from './store.ts'

/** Makes the digests of requests for bindings again, from the sealed requests. */
export function redigestBindings(db: Db, prefix: Buffer): ReturnType<typeof redigest> {
  const vault = vaultOf(db)
  return redigest(
    db,
    digestColumns.bindings,
    prefix,
    (after, limit) => listDigested(db, after, limit),
    ({ key, platformId, instanceKey, request, predecessorId }, digest) => {
      // bind.ts sealed it
      const known = vault.open(
        request,
        requestAad({ key, platformId, instanceKey }),
      ) as BindingRequest
      const [whole, ...others] = contentsOf(known, predecessorId)
      const content = others.find((each) => vault.isDigestOf(digest, each)) ?? whole
      return content === undefined ? undefined : vault.digest(content)
    },
  )
}

/**
 * What may have been ordered, the whole request first: a binding that replaces another has taken
 * over what its order left out.
 */
function contentsOf(
  {
    parameters = {},
    bindResource = {},
    appGuid = null,
  }: {
    readonly parameters?: BindContent['parameters']
    readonly bindResource?: BindContent['bindResource']
    readonly appGuid?: string | null
  },
  predecessor: string | null,
): BindContent[] {
  const whole: BindContent = { parameters, bindResource, appGuid, predecessor }
  if (predecessor === null) return [whole]
  const unscoped = { bindResource: {}, appGuid: null }
  return [
    whole,
    { ...whole, parameters: {} },
    { ...whole, ...unscoped },
    { ...whole, parameters: {}, ...unscoped },
  ]
}
