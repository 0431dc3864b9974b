// The database role that serves owns nothing, so that a process that was taken over can neither
// switch triggers off nor rewrite the audit log.
import type pg from 'pg'
import { BrokerError } from '../errors.ts'
import { servingRights } from './serving-rights.gen.ts'

/**
 * Gives a role the rights that a serving process uses, and takes every other one from it. Needs the
 * rights of the role that owns the tables.
 * @returns a sentence about what the role may do beyond that, for a person; undefined: nothing
 * @throws BrokerError `configuration` for a role that does not exist, or that owns the tables
 */
export async function grantServingRole(
  client: pg.Client,
  role: string,
): Promise<string | undefined> {
  if (await ownsTables(client, role))
    throw new BrokerError(
      'configuration',
      `The database role "${role}" has the rights of the role that owns the tables, so it could ` +
        'rewrite the audit log. Name a role that owns nothing.',
    )
  const name = client.escapeIdentifier(role)
  const { schema, mayUse, mayCreate } = await readSchema(client, role)
  await client.query('begin')
  try {
    if (!mayUse) await client.query(`grant usage on schema ${schema} to ${name}`)
    for (const [table, rights] of Object.entries(servingRights)) {
      await client.query(`revoke all on table ${table} from ${name}`)
      await client.query(`grant ${['select', ...rights].join(', ')} on table ${table} to ${name}`)
    }
    await client.query('insert into serving_roles (name) values ($1) on conflict do nothing', [
      role,
    ])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
  return mayCreate
    ? `The role ${name} may create objects in the schema ${schema}. Take that away: ` +
        `revoke create on schema ${schema} from public, ${name};`
    : undefined
}

/**
 * Whether a role has the rights of the one that owns the tables.
 * @throws BrokerError `configuration` for a role that does not exist
 */
async function ownsTables(client: pg.Client, role: string): Promise<boolean> {
  const {
    rows: [found],
  } = await client.query<{ owns: boolean }>(
    `select pg_has_role(pg_roles.oid, relowner, 'MEMBER') as owns
    from pg_roles, pg_class where rolname = $1 and pg_class.oid = 'audit_events'::regclass`,
    [role],
  )
  if (found === undefined)
    throw new BrokerError(
      'configuration',
      `There is no database role "${role}". Create it first, such as with: ` +
        `create role ${client.escapeIdentifier(role)} login password '...';`,
    )
  return found.owns
}

async function readSchema(
  client: pg.Client,
  role: string,
): Promise<{ readonly schema: string; readonly mayUse: boolean; readonly mayCreate: boolean }> {
  const {
    rows: [row],
  } = await client.query<{ schema: string; mayUse: boolean; mayCreate: boolean }>(
    `select quote_ident(nspname) as schema,
      has_schema_privilege($1, pg_namespace.oid, 'usage') as "mayUse",
      has_schema_privilege($1, pg_namespace.oid, 'create') as "mayCreate"
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where pg_class.oid = 'audit_events'::regclass`,
    [role],
  )
  if (row === undefined) throw new Error('The table audit_events does not exist.')
  return row
}

export interface ServingRole {
  readonly role: string
  /** Whether it has got the rights of the role that owns the tables since. */
  readonly owns: boolean
}

/** The roles that `grantServingRole` was used for, and that still exist. */
export async function listServingRoles(client: pg.Client): Promise<ServingRole[]> {
  const { rowCount: known } = await client.query(
    "select where to_regclass('serving_roles') is not null",
  )
  if (known === 0) return []
  const { rows } = await client.query<ServingRole>(
    `select name as role, pg_has_role(pg_roles.oid, relowner, 'MEMBER') as owns
    from serving_roles join pg_roles on rolname = name, pg_class
    where pg_class.oid = 'audit_events'::regclass
    order by name`,
  )
  return rows
}

export interface OwnRights {
  readonly role: string
  /** Whether the role may change the tables themselves. */
  readonly owns: boolean
  /** What a serving process does and this role may not, such as `insert on audit_events`. */
  readonly missing: readonly string[]
}

/** What the role of this connection may do. Needs a schema that is migrated. */
export async function readOwnRights(client: pg.Client): Promise<OwnRights> {
  const needed = Object.entries(servingRights).flatMap(([table, rights]) =>
    ['select', ...rights].map((right) => ({ table, right: right.split(' ')[0] ?? '' })),
  )
  const {
    rows: [row],
  } = await client.query<OwnRights>(
    `select current_user as role,
      (select pg_has_role(relowner, 'MEMBER') from pg_class
        where oid = to_regclass('audit_events')) as owns,
      array(
        select "right" || ' on ' || name
        from unnest($1::text[], $2::text[]) as needed (name, "right")
        where not case
          when to_regclass(name) is null then false
          when has_table_privilege(name, "right") then true
          -- A right may be limited to columns, but not that to delete.
          when "right" = 'delete' then false
          else has_any_column_privilege(name, "right")
        end) as missing`,
    [needed.map(({ table }) => table), needed.map(({ right }) => right)],
  )
  if (row === undefined) throw new Error('The database did not say who its user is.')
  return row
}
