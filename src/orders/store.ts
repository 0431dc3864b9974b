import { sql, type Selectable } from 'kysely'
import type { DbOrTx, Tx } from '../db/database.ts'
import type { Orders } from '../db/schema.gen.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import type { Order, Shown } from './order.ts'

export const orderColumns = [
  'orders.id',
  'orders.number',
  'orders.organisation_id',
  'orders.person_id',
  'orders.state',
  'orders.offering_id',
  'orders.plan_id',
  'orders.shown',
  'orders.shown_at',
  'orders.instance_id',
  'orders.instance_name',
  'orders.parameters',
  'orders.parameters_version',
  'orders.purpose',
  'orders.cost_centre',
  'orders.protection_need',
  'orders.beneficiary_id',
  'orders.invoice_recipient_id',
  'orders.created_at',
  'orders.changed_at',
  'orders.submitted_at',
  'orders.submitted_by',
  'orders.due_at',
  'orders.claims',
  'orders.end_at',
  'orders.ended_by',
] as const

type Row = Pick<
  Selectable<Orders>,
  (typeof orderColumns)[number] extends `orders.${infer Column extends keyof Orders}`
    ? Column
    : never
>

export function orderOf(row: Row): Order {
  return {
    id: row.id,
    number: row.number,
    organisationId: row.organisation_id,
    personId: row.person_id,
    // check constraints allow just these values in both columns
    state: row.state as Order['state'],
    protectionNeed: row.protection_need as Order['protectionNeed'],
    offeringId: row.offering_id,
    planId: row.plan_id,
    // choose-plan.ts has made it
    shown: row.shown as unknown as Shown,
    shownAt: row.shown_at,
    instanceId: row.instance_id,
    instanceName: row.instance_name,
    parameters: row.parameters,
    parametersVersion: row.parameters_version,
    purpose: row.purpose,
    costCentre: row.cost_centre,
    beneficiaryId: row.beneficiary_id,
    invoiceRecipientId: row.invoice_recipient_id,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    submittedAt: row.submitted_at,
    submittedBy: row.submitted_by,
    dueAt: row.due_at,
    claims: row.claims,
    endAt: row.end_at,
    endedBy: row.ended_by,
  }
}

/** The request that made an order. */
export interface Request {
  readonly key: string
  /** Keyed digest of what was sent. */
  readonly digest: Buffer
}

/** @returns false when its number is taken, or the person has sent that key before */
export async function insertOrder(
  tx: Tx,
  order: Order,
  request: Request | undefined,
): Promise<boolean> {
  const row = await tx
    .insertInto('orders')
    .values({
      id: order.id,
      number: order.number,
      organisation_id: order.organisationId,
      person_id: order.personId,
      instance_id: order.instanceId,
      created_at: order.createdAt,
      request_key: request?.key ?? null,
      request_digest: request?.digest ?? null,
      ...draftValues(order),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

function draftValues(order: Order) {
  return {
    offering_id: order.offeringId,
    plan_id: order.planId,
    shown: JSON.stringify(order.shown),
    shown_at: order.shownAt,
    instance_name: order.instanceName,
    parameters: order.parameters,
    parameters_version: order.parametersVersion,
    purpose: order.purpose,
    cost_centre: order.costCentre,
    protection_need: order.protectionNeed,
    beneficiary_id: order.beneficiaryId,
    invoice_recipient_id: order.invoiceRecipientId,
    changed_at: order.changedAt,
  }
}

/** Writes what changes of a draft; the caller holds the lock of its row. */
export async function updateDraft(tx: Tx, order: Order): Promise<void> {
  await tx
    .updateTable('orders')
    .set({ ...draftValues(order), state: order.state })
    .where('id', '=', order.id)
    .execute()
}

export async function findOrder(
  db: DbOrTx,
  scope: AccessScope,
  number: string,
): Promise<Order | undefined> {
  const row = await db
    .selectFrom('orders')
    .select(orderColumns)
    .where('orders.number', '=', number)
    .where(isOrderWithin(scope))
    .executeTakeFirst()
  return row && orderOf(row)
}

/** Those of the organisations of the scope, and those that were ordered for one of them. */
export function isOrderWithin(scope: AccessScope) {
  return scope === 'all'
    ? sql<boolean>`true`
    : sql<boolean>`(orders.organisation_id = any(${scope.organisations}::uuid[])
        or orders.beneficiary_id = any(${scope.organisations}::uuid[])
          and orders.state = 'submitted')`
}

export async function lockOrder(tx: Tx, id: string): Promise<Order | undefined> {
  const row = await tx
    .selectFrom('orders')
    .select(orderColumns)
    .where('orders.id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return row && orderOf(row)
}

/** The order that a person has made with an Idempotency-Key, and the digest of that request. */
export async function findByRequest(
  db: DbOrTx,
  personId: string,
  key: string,
): Promise<{ readonly number: string; readonly digest: Buffer | null } | undefined> {
  const row = await db
    .selectFrom('orders')
    .select(['number', 'request_digest'])
    .where('person_id', '=', personId)
    .where('request_key', '=', key)
    .executeTakeFirst()
  return row && { number: row.number, digest: row.request_digest }
}

/** How many drafts a person has; those of the last one that commits may not count yet. */
export async function countDrafts(tx: Tx, personId: string): Promise<number> {
  const { count } = await tx
    .selectFrom('orders')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('person_id', '=', personId)
    .where('state', '=', 'draft')
    .executeTakeFirstOrThrow()
  return count
}
