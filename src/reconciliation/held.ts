import { findIdleBinding, listIdleBindings } from '../bindings/idle.ts'
import type { Db } from '../db/database.ts'
import { findIdleInstance, listIdleInstances, type IdleInstance } from '../instances/idle.ts'

type IdleBinding = Awaited<ReturnType<typeof listIdleBindings>>[number]

/** A binding with its instance. */
export type HeldBinding = IdleInstance & { readonly bound: IdleBinding }

const instancesAtOnce = 200
const bindingsAtOnce = 500

/** All instances at a provider without an unfinished operation, in pages. */
export async function* instancesOf(db: Db, providerId: string): AsyncGenerator<IdleInstance[]> {
  for (let after: string | undefined; ;) {
    const page = await listIdleInstances(db, providerId, after, instancesAtOnce)
    if (page.length > 0) yield page
    if (page.length < instancesAtOnce) return
    after = page.at(-1)?.instance.key
  }
}

/** The bindings of such a page, each with its instance. */
export async function* bindingsOf(
  db: Db,
  page: readonly IdleInstance[],
): AsyncGenerator<HeldBinding[]> {
  const byKey = new Map(page.map((each) => [each.instance.key, each]))
  for (let after: string | undefined; ;) {
    const bindings = await listIdleBindings(db, [...byKey.keys()], after, bindingsAtOnce)
    if (bindings.length > 0) {
      yield bindings.flatMap((bound) => {
        const of = byKey.get(bound.binding.instanceKey)
        return of === undefined ? [] : [{ ...of, bound }]
      })
    }
    if (bindings.length < bindingsAtOnce) return
    after = bindings.at(-1)?.binding.key
  }
}

/** The instance as it is now; undefined when it has an unfinished operation, or is gone. */
export async function instanceNow(db: Db, key: string): Promise<IdleInstance | undefined> {
  return findIdleInstance(db, key)
}

export async function bindingNow(db: Db, key: string): Promise<HeldBinding | undefined> {
  const bound = await findIdleBinding(db, key)
  const of = bound === undefined ? undefined : await findIdleInstance(db, bound.binding.instanceKey)
  return bound === undefined || of === undefined ? undefined : { ...of, bound }
}
