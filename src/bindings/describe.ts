import { readBinding } from '../instances/listing/bindings/read.ts'
import type { ListingDeps } from '../instances/listing/deps.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { BindingView } from '../types.gen.ts'
import type { Vault } from '../vault/vault.ts'
import { openResult } from './binding.ts'
import { findBindingByKey } from './store.ts'

export interface DescribeDeps extends ListingDeps {
  readonly vault: Vault
}

/**
 * One binding, even if it is deleted, with the time before which its provider wants it renewed. Of
 * its result nothing else leaves this function.
 * @param id  Kontor's
 * @throws BrokerError `not_found`, also for one outside the scope
 */
export async function describeBinding(
  deps: DescribeDeps,
  scope: AccessScope,
  id: string,
): Promise<BindingView> {
  const view = await readBinding(deps, scope, id)
  return { ...view, renewBefore: await renewBeforeOf(deps, view) }
}

async function renewBeforeOf(
  { db, vault }: DescribeDeps,
  { id, platform }: BindingView,
): Promise<string | null> {
  const binding = await findBindingByKey(db, platform.id, id)
  if (binding === undefined || binding.result === null) return null
  return openResult(vault, binding, binding.result).metadata?.renew_before ?? null
}
