import { listBindingsAtRest } from '../bindings/at-rest.ts'
import type { Db } from '../db/database.ts'
import { listInstancesAtRest, type InstanceAtRest } from '../instances/at-rest.ts'

type BindingAtRest = Awaited<ReturnType<typeof listBindingsAtRest>>[number]

const instancesAtOnce = 200
const bindingsAtOnce = 500

/** All that we hold at a provider and on which nothing is under way, in pages. */
export async function * instancesOf (db: Db, providerId: string): AsyncGenerator<InstanceAtRest[]> {
  for (let after: string | undefined; ;) {
    const page = await listInstancesAtRest(db, providerId, after, instancesAtOnce)
    if (page.length > 0) yield page
    if (page.length < instancesAtOnce) return
    after = page.at(-1)?.instance.key
  }
}

/** The bindings of such a page, each with its instance. */
export async function * bindingsOf (db: Db, page: readonly InstanceAtRest[]): AsyncGenerator<Array<InstanceAtRest & { readonly bound: BindingAtRest }>> {
  const byKey = new Map(page.map((each) => [each.instance.key, each]))
  for (let after: string | undefined; ;) {
    const bindings = await listBindingsAtRest(db, [...byKey.keys()], after, bindingsAtOnce)
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
