import type { Selectable } from 'kysely'
import type { DbOrTx, Tx } from '../../db/database.ts'
import type { VisibilityRules } from '../../db/schema.gen.ts'
import { writeSealed } from '../../vault/sealed-rows/write-sealed.ts'
import type { Rule, RuleValues } from './rule.ts'

const columns = [
  'id',
  'effect',
  'platform_id',
  'organisation_id',
  'level',
  'provider_id',
  'offering_id',
  'plan_id',
  'label_name',
  'label_value',
  'reason',
  'conceal',
  'comment',
  'created_at',
  'updated_at',
] as const

function fromRow(row: Pick<Selectable<VisibilityRules>, (typeof columns)[number]>): Rule {
  return {
    id: row.id,
    // both have check constraints with just these values
    effect: row.effect as Rule['effect'],
    who: {
      platformId: row.platform_id,
      organisationId: row.organisation_id,
      level: row.level as Rule['who']['level'],
    },
    what: {
      providerId: row.provider_id,
      offeringId: row.offering_id,
      planId: row.plan_id,
      label:
        row.label_name === null || row.label_value === null
          ? null
          : { name: row.label_name, value: row.label_value },
    },
    reason: row.reason,
    conceal: row.conceal,
    comment: row.comment,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toRow({ effect, who, what, reason, conceal, comment }: RuleValues) {
  return {
    effect,
    reason,
    conceal,
    comment,
    platform_id: who.platformId,
    organisation_id: who.organisationId,
    level: who.level,
    provider_id: what.providerId,
    offering_id: what.offeringId,
    plan_id: what.planId,
    label_name: what.label?.name ?? null,
    label_value: what.label?.value ?? null,
  }
}

/** All rules, oldest first. */
export async function listRules(db: DbOrTx): Promise<Rule[]> {
  const rows = await db
    .selectFrom('visibility_rules')
    .select(columns)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

export async function findRule(db: DbOrTx, id: string): Promise<Rule | undefined> {
  const row = await db
    .selectFrom('visibility_rules')
    .select(columns)
    .where('id', '=', id)
    .executeTakeFirst()
  return row === undefined ? undefined : fromRow(row)
}

export async function insertRule(tx: Tx, id: string, values: RuleValues, now: Date): Promise<void> {
  const insert = () =>
    tx
      .insertInto('visibility_rules')
      .values({ id, ...toRow(values), created_at: now, updated_at: now })
      .execute()
  const effect = values.effect === 'deny' ? 'restricts' : 'changes'
  await writeSealed(tx, 'visibility_rules', { id }, insert, effect)
}

export async function updateRule(tx: Tx, id: string, values: RuleValues, now: Date): Promise<void> {
  await writeSealed(tx, 'visibility_rules', { id }, () =>
    tx
      .updateTable('visibility_rules')
      .set({ ...toRow(values), updated_at: now })
      .where('id', '=', id)
      .execute(),
  )
}

export async function deleteRule(tx: Tx, id: string): Promise<void> {
  await writeSealed(tx, 'visibility_rules', { id }, () =>
    tx.deleteFrom('visibility_rules').where('id', '=', id).execute(),
  )
}
