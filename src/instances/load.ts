import type { Db } from '../db/database.ts'
import type { Operation } from '../operations/operation.ts'
import type { Vault } from '../vault/vault.ts'
import type { Instance } from './instance.ts'
import { findInstanceByKey } from './store.ts'

/** What the effects need. */
export interface EffectDeps {
  readonly db: Db
  readonly vault: Vault
  readonly now: () => Date
  /** Whether the provider of an offering says that its instances can be fetched. */
  isInstanceRetrievable (offeringId: string): boolean
  isBindingRetrievable (offeringId: string): boolean
  /** What the bindings of an offering may hold beside credentials. */
  requiresOf (offeringId: string): readonly string[]
  /** The maintenance version that the catalog has for a plan now. */
  maintenanceVersionOf (planId: string): string | undefined
}

/** The instance of an operation. Its row is written before the operation's and never deleted. */
export async function loadInstance (deps: Pick<EffectDeps, 'db'>, operation: Operation): Promise<Instance> {
  const instance = await findInstanceByKey(deps.db, operation.platformId, operation.instanceKey)
  if (instance === undefined) throw new Error(`The operation ${operation.id} has no instance.`)
  return instance
}
