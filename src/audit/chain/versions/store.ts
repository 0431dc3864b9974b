// Versions of rows, as the rows have them and as the audit log knows them. A row that was set back
// as a whole has a smaller one.
import { sql } from 'kysely'
import type { Db } from '../../../db/database.ts'

export interface RowVersion {
  readonly id: string
  /** As people know the row. */
  readonly name: string
  readonly version: number
  /** The highest that an event names; null: none does. */
  readonly recorded: number | null
}

/** The live instances by key, with the versions of their parameters. */
export async function listInstanceVersions(
  db: Db,
  after: string | undefined,
  limit: number,
): Promise<RowVersion[]> {
  const { rows } = await sql<RowVersion>`/* planned anew */
    select part.id, part.instance_id as name, part.parameters_version as version, recorded
    from (
      select id, instance_id, parameters_version from instances
      where deleted_at is null and (${after ?? null}::uuid is null or id > ${after ?? null}::uuid)
      order by id limit ${limit}) as part
    cross join lateral (
      select max((details ->> 'parametersVersion')::int) as recorded from audit_events
      where object_kind = 'instance' and object_id = part.instance_id
        and action = 'instance.update' and details ->> 'instanceKey' = part.id::text) as events
    order by part.id`.execute(db)
  return rows
}

/** The registered providers with the revisions of their rows. */
export async function listProviderVersions(db: Db): Promise<RowVersion[]> {
  const { rows } = await sql<RowVersion>`/* planned anew */
    select providers.id, name, revision as version, recorded
    from providers
    cross join lateral (
      select max((details ->> 'revision')::int) as recorded from audit_events
      where object_kind = 'provider' and object_id = providers.id::text
        and action = 'provider.changed') as events
    order by name`.execute(db)
  return rows
}
