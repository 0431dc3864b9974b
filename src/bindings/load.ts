import type { Db } from '../db/database.ts'
import type { Operation } from '../operations/operation.ts'
import type { Binding } from './binding.ts'
import { findBindingByKey } from './store.ts'

/** The binding of an operation. Its row is written before the operation's and never deleted. */
export async function loadBinding(
  deps: { readonly db: Db },
  operation: Operation,
): Promise<Binding> {
  const binding =
    operation.bindingKey === null
      ? undefined
      : await findBindingByKey(deps.db, operation.platformId, operation.bindingKey)
  if (binding === undefined) throw new Error(`The operation ${operation.id} has no binding.`)
  return binding
}
