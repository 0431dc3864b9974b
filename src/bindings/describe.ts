import { listBindings, readBinding } from '../instances/listing/bindings/read.ts'
import type { ListingDeps } from '../instances/listing/deps.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { BindingView } from '../types.gen.ts'
import type { Vault } from '../vault/vault.ts'
import { openResult, type Binding } from './binding.ts'
import { findBindingByKey, listBindingsByKey } from './store.ts'

export interface DescribeDeps extends ListingDeps {
  readonly vault: Pick<Vault, 'open'>
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
  const binding = await findBindingByKey(deps.db, view.platform.id, id)
  return { ...view, renewBefore: renewBeforeOf(deps, binding) }
}

/**
 * The newest bindings of an instance, as `describeBinding` shows each.
 * @param instance  as `describeInstance` has returned it
 */
export async function describeBindingsOf(
  deps: DescribeDeps,
  scope: AccessScope,
  { id, platform }: { readonly id: string; readonly platform: { readonly id: string } },
  limit: number,
): Promise<BindingView[]> {
  const { items } = await listBindings(deps, scope, { instance: id, instances: {} }, limit)
  // An instance may have thousands of others, whose credentials are not for this page.
  const keys = items.map((item) => item.id)
  const bindings = await listBindingsByKey(deps.db, platform.id, id, keys)
  const known = new Map(bindings.map((binding) => [binding.key, binding]))
  return items.map((view) => ({ ...view, renewBefore: renewBeforeOf(deps, known.get(view.id)) }))
}

function renewBeforeOf({ vault }: DescribeDeps, binding: Binding | undefined): string | null {
  if (binding === undefined || binding.result === null) return null
  try {
    return openResult(vault, binding, binding.result).metadata?.renew_before ?? null
  } catch {
    // One result whose key is lost must not take the list of all bindings away.
    return null
  }
}
