import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { CostCentre } from '../../types.gen.ts'
import { takesAway } from '../takes-away.ts'
import { assertUnchanged, writeSealed } from '../../vault/sealed-rows/write-sealed.ts'
import type { Organisation } from '../organisation.ts'
import type { Tree } from './tree.ts'

/**
 * Locks the tree against changes until the transaction ends; readers do not wait. Every change that
 * depends on the position of an organisation, or on its not being retired, needs this lock.
 * @throws BrokerError `conflict` when the row of one was changed past Kontor
 */
export async function lockTree(tx: Tx): Promise<Tree> {
  await sql`lock table organisations in share row exclusive mode`.execute(tx)
  await assertUnchanged(tx, 'organisations')
  const rows = await tx
    .selectFrom('organisations')
    .select(['id', 'name', 'level', 'parent_id', 'state'])
    .execute()
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        name: row.name,
        // check constraints allow just these values in both columns
        level: row.level as Organisation['level'],
        state: row.state as Organisation['state'],
        parentId: row.parent_id,
      },
    ]),
  )
}

export interface OrganisationValues {
  readonly displayName: string
  readonly level: Organisation['level']
  readonly parentId: string | null
  readonly leitwegId: string | null
  readonly costCentres: readonly CostCentre[]
}

/** @returns false when the name is taken */
export async function insertOrganisation(
  tx: Tx,
  id: string,
  name: string,
  values: OrganisationValues,
  now: Date,
): Promise<boolean> {
  const row = await writeSealed(tx, 'organisations', { id }, () =>
    tx
      .insertInto('organisations')
      .values({
        id,
        name,
        display_name: values.displayName,
        level: values.level,
        parent_id: values.parentId,
        leitweg_id: values.leitwegId,
        cost_centres: JSON.stringify(values.costCentres),
        created_at: now,
        updated_at: now,
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst(),
  )
  return row !== undefined
}

export async function updateOrganisation(
  tx: Tx,
  id: string,
  change: Partial<OrganisationValues> & { readonly state?: Organisation['state'] },
  now: Date,
): Promise<void> {
  const update = () =>
    tx
      .updateTable('organisations')
      .set({
        ...(change.displayName === undefined ? {} : { display_name: change.displayName }),
        ...(change.level === undefined ? {} : { level: change.level }),
        ...(change.parentId === undefined ? {} : { parent_id: change.parentId }),
        ...(change.leitwegId === undefined ? {} : { leitweg_id: change.leitwegId }),
        ...(change.costCentres === undefined
          ? {}
          : { cost_centres: JSON.stringify(change.costCentres) }),
        ...(change.state === undefined ? {} : { state: change.state }),
        updated_at: now,
      })
      .where('id', '=', id)
      .execute()
  await writeSealed(
    tx,
    'organisations',
    { id },
    update,
    takesAway(change) ? 'restricts' : 'changes',
  )
}

/**
 * What belongs to an organisation and is not retired: names of its child organisations and
 * platforms, number of mappings.
 */
export async function listBelow(
  tx: Tx,
  id: string,
): Promise<{
  readonly organisations: string[]
  readonly platforms: string[]
  readonly mappings: number
}> {
  const organisations = await tx
    .selectFrom('organisations')
    .select('name')
    .where('parent_id', '=', id)
    .where('state', '!=', 'retired')
    .orderBy('name')
    .execute()
  const platforms = await tx
    .selectFrom('platforms')
    .select('name')
    .where('organisation_id', '=', id)
    .where('state', '!=', 'retired')
    // It is retired with the organisation.
    .where('kind', '!=', 'console')
    .orderBy('name')
    .execute()
  const { mappings } = await tx
    .selectFrom('organisation_mappings')
    .select(sql<number>`count(*)::int`.as('mappings'))
    .where('organisation_id', '=', id)
    .executeTakeFirstOrThrow()
  return {
    organisations: organisations.map(({ name }) => name),
    platforms: platforms.map(({ name }) => name),
    mappings,
  }
}
