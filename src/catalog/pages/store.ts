// All that is stored of the catalog, page by page.
import { sql, type RawBuilder } from 'kysely'
import type { DbOrTx } from '../../db/database.ts'
import type { UpstreamFlags } from '../published.ts'

/** What orders and rules need of a body. */
export interface Facts {
  readonly kept: Readonly<Record<string, unknown>>
  /** Names of fields that must not be parsed either. */
  readonly omitted: readonly string[]
}

interface Text {
  /** JSON text without what stands in columns of its own. */
  readonly body: string
  /** JSON text of `Facts` of a body that must not be parsed; else null. */
  readonly facts: string | null
}

export interface OfferingRow extends Text {
  readonly id: string
  readonly providerId: string
  readonly upstreamId: string
  readonly revision: string
  readonly name: string
  readonly position: number
  readonly upstreamFlags: UpstreamFlags
  readonly isWithdrawn: boolean
}

export interface PlanRow extends Text {
  readonly id: string
  readonly offeringId: string
  readonly upstreamId: string
  readonly name: string
  readonly position: number
  readonly isWithdrawn: boolean
  readonly providerId: string
  readonly upstreamServiceId: string
  readonly upstreamPlanId: string
}

// One page is parsed in one go, so its rows and bytes are limited.
const maxRows = 150
const maxBytes = 150_000

// What 0.2.0 published may hold millions of values, which take up to half a second to parse.
const maxParsedBytes = 262_144
const maxParsedValues = 30_000

/** Whether a text is small, or long for few values, as with a picture in it. */
function mayBeParsed(text: RawBuilder<string>): RawBuilder<boolean> {
  return sql`(octet_length(${text}) <= ${sql.lit(maxParsedBytes)}
    or char_length(${text}) - char_length(translate(${text}, ',[{', ''))
      <= ${sql.lit(maxParsedValues)})`
}

// Of a field that is too large what orders need: instances of the plan keep it.
const needed = sql`case
    when ${mayBeParsed(sql`value::text`)} then value
    when key = 'requires' and json_typeof(value) = 'array' then (
      select coalesce(json_agg(distinct entry), '[]') from json_array_elements_text(value) entry
      where entry in ('route_forwarding', 'syslog_drain', 'volume_mount'))
    when key = 'maintenance_info' and json_typeof(value -> 'version') = 'string'
      then json_build_object('version', value -> 'version')
  end`

/** For the column `body` of a page, as text. Postgres takes one apart that must not be parsed. */
function factsWith(names: readonly string[]): RawBuilder<string | null> {
  return sql`case when not ${mayBeParsed(sql`body`)} and left(body, 1) = '{' then (
      select json_build_object(
        'kept', coalesce(json_object_agg(key, value) filter (where value is not null), '{}'),
        'omitted', coalesce(json_agg(key) filter (where value is null), '[]'))::text
      from (
        select key, ${needed} as value from json_each(body::json) where key = any(${names})
      ) named
    ) end`
}

const offeringFacts = factsWith([
  'allow_context_updates',
  'bindable',
  'metadata',
  'plan_updateable',
  'requires',
  'tags',
])
const planFacts = factsWith([
  'bindable',
  'binding_rotatable',
  'maintenance_info',
  'maximum_polling_duration',
  'metadata',
  'plan_updateable',
  'schemas',
])

const firstId = '00000000-0000-0000-0000-000000000000'

/** The end of the page before; the next page begins after it. */
export interface ChangeCursor {
  readonly revision: string
  readonly id: string
}

/** Before all that changed later than this revision of the catalog. */
export function cursorAfter(revision: string): ChangeCursor {
  return { revision: String(BigInt(revision) + 1n), id: firstId }
}

/** A page of the offerings that changed after the cursor, withdrawn ones too; empty at the end. */
export async function listChangedOfferings(
  db: DbOrTx,
  after: ChangeCursor,
): Promise<OfferingRow[]> {
  return listOfferings(
    db,
    sql`(revision, id) > (${after.revision}::bigint, ${after.id}::uuid)`,
    sql`revision, id`,
  )
}

export interface ProviderCursor {
  readonly providerId: string
  readonly upstreamId: string
}

export const firstOffering: ProviderCursor = { providerId: firstId, upstreamId: '' }

/**
 * A page of all offerings, withdrawn ones too, provider by provider; empty at the end.
 * @param only  the one provider to read
 */
export async function listAllOfferings(
  db: DbOrTx,
  after: ProviderCursor,
  only?: string,
): Promise<OfferingRow[]> {
  const isAfter = sql`(provider_id, upstream_id) > (${after.providerId}::uuid, ${after.upstreamId})`
  return listOfferings(
    db,
    only === undefined ? isAfter : sql`provider_id = ${only}::uuid and ${isAfter}`,
    sql`provider_id, upstream_id`,
  )
}

async function listOfferings(
  db: DbOrTx,
  condition: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
): Promise<OfferingRow[]> {
  const { rows } = await sql<OfferingRow>`
    select id, provider_id as "providerId", upstream_id as "upstreamId", revision, name, position,
      body, ${offeringFacts} as facts, upstream_flags as "upstreamFlags",
      withdrawn_at is not null as "isWithdrawn"
    from (
      select id, provider_id, upstream_id, revision, name, position, body::text as body,
        upstream_flags, withdrawn_at,
        sum(octet_length(body::text)) over (order by ${order}) as bytes
      from offerings where ${condition} order by ${order} limit ${sql.lit(maxRows)}
    ) page
    where bytes - octet_length(body) < ${sql.lit(maxBytes)}
    order by ${order}`.execute(db)
  return rows
}

export interface PlanCursor {
  readonly offeringId: string
  readonly upstreamId: string
}

export const firstPlan: PlanCursor = { offeringId: firstId, upstreamId: '' }

/** A page of the plans of these offerings, withdrawn ones too; empty at the end. */
export async function listPlans(
  db: DbOrTx,
  offeringIds: readonly string[],
  after: PlanCursor,
): Promise<PlanRow[]> {
  const { rows } = await sql<PlanRow>`
    select id, offering_id as "offeringId", upstream_id as "upstreamId", name, position, body,
      ${planFacts} as facts, withdrawn_at is not null as "isWithdrawn", provider_id as "providerId",
      upstream_service_id as "upstreamServiceId", upstream_plan_id as "upstreamPlanId"
    from (
      select plans.id, offering_id, upstream_id, name, position, body::text as body, withdrawn_at,
        provider_id, upstream_service_id, upstream_plan_id,
        sum(octet_length(body::text)) over (order by offering_id, upstream_id) as bytes
      from plans join plan_targets on plan_targets.plan_id = plans.id
      where offering_id = any(${offeringIds}::uuid[])
        and (offering_id, upstream_id) > (${after.offeringId}::uuid, ${after.upstreamId})
      order by offering_id, upstream_id limit ${sql.lit(2 * maxRows)}
    ) page
    where bytes - octet_length(body) < ${sql.lit(maxBytes)}
    order by offering_id, upstream_id`.execute(db)
  return rows
}

/** Ids of all offerings of these providers. */
export async function listOfferingIds(
  db: DbOrTx,
  providerIds: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('offerings')
    .select('id')
    .where(sql<boolean>`provider_id = any(${providerIds}::uuid[])`)
    .execute()
  return new Set(rows.map(({ id }) => id))
}
