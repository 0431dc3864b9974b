// What deletes read of bindings, in one statement each.
import type { DbOrTx } from '../../db/database.ts'
import { run, Statement, statement } from '../../db/parts.ts'
import type { Instance } from '../../instances/instance.ts'
import type { Joined } from '../../instances/instance-with-operations.ts'
import type { Binding } from '../binding.ts'
import { columnList, columns, fromRow, type Row, type VersionedBinding } from '../store.ts'

const joinedColumns = ['version', ...columns]
  .map((name) => `, bindings.${name} as "bindings.${name}"`)
  .join('')

/** Reads the live binding of that id, of any instance, beside an instance. */
export function joinBinding(platformId: string, bindingId: string): Joined {
  return {
    columns: new Statement([joinedColumns], []),
    // By its own id, because an instance may have many. The limit keeps the plan at a look-up by
    // index, even if it was made while the table was empty.
    join: statement`left join lateral (
        select ${columnList}, xmin::text as version from bindings
        where platform_id = ${platformId} and binding_id = ${bindingId} and deleted_at is null
        limit 1
      ) as bindings on true`,
  }
}

/** The binding in a row that `joinBinding` has read. */
export function joinedBinding(row: object): VersionedBinding | undefined {
  const all = row as Readonly<Record<string, unknown>>
  const own = Object.fromEntries(columns.map((name) => [name, all[`bindings.${name}`]]))
  return own['id'] === null
    ? undefined
    : { ...fromRow(own as Row), version: String(all['bindings.version']) }
}

/**
 * What a delete of an instance has to unbind: its live bindings, and whether orphans of others are
 * open.
 */
export async function listToUnbind(
  db: DbOrTx,
  { platformId, key, providerId, upstreamId }: Instance,
): Promise<{ readonly bindings: readonly Binding[]; readonly hasOrphans: boolean }> {
  const rows = await run<{ readonly has_orphans: boolean } & (Row | { readonly id: null })>(
    db,
    statement`select has_orphans, ${columnList} from (
        select exists (select from orphans
          where upstream_id = ${upstreamId} and provider_id = ${providerId} and state = 'open'
            and upstream_binding_id is not null) as has_orphans
      ) as orphaned
      left join bindings
        on instance_key = ${key} and platform_id = ${platformId} and deleted_at is null
      order by created_at`,
  )
  return {
    bindings: rows.flatMap((row) => (row.id === null ? [] : [fromRow(row)])),
    hasOrphans: rows[0]?.has_orphans === true,
  }
}
