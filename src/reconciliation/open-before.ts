import type { Db } from '../db/database.ts'
import { nameOf } from './finding.ts'
import { listUnresolved } from './conclusion/store.ts'

/** The findings that are not resolved when a run begins. */
export interface OpenBefore {
  /** The fields that differ, by the finding's name; none for other kinds. */
  readonly fields: ReadonlyMap<string, readonly string[]>
  /** The provider's ids of the instances that have unknown bindings. */
  readonly bindingsIn: ReadonlySet<string>
}

const atOnce = 500

/** Their number is bounded by `maxOpen` in conclude.ts. */
export async function readOpen(db: Db, providerId: string): Promise<OpenBefore> {
  const [fields, bindingsIn] = [new Map<string, readonly string[]>(), new Set<string>()]
  for (let after: string | undefined; ;) {
    const page = await listUnresolved(db, providerId, after, atOnce)
    for (const finding of page) {
      fields.set(nameOf(finding), finding.fields)
      if (finding.kind === 'unknown' && finding.object === 'binding')
        bindingsIn.add(finding.upstreamInstanceId)
    }
    if (page.length < atOnce) return { fields, bindingsIn }
    after = page.at(-1)?.id
  }
}
