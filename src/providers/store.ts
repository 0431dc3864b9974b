import { sql, type Selectable } from 'kysely'
import { advisoryLocks } from '../db/advisory-locks.ts'
import type { Db, DbOrTx, Tx } from '../db/database.ts'
import type { Providers } from '../db/schema.gen.ts'
import type { AccessScope } from '../tenancy/principal.ts'
import { writeSealed } from '../vault/sealed-rows/write-sealed.ts'
import type { Origins, Provider, ProviderValues } from './provider.ts'

const columns = [
  'id',
  'name',
  'display_name',
  'backend',
  'settings',
  'concurrency',
  'refresh_seconds',
  'reconcile_seconds',
  'store_binding_credentials',
  'deleting_binding_credentials_since',
  'mitigation',
  'mitigation_retain_hours',
  'allowed_networks',
  'allowed_ports',
  'approved_origins',
  'token_origin',
  'unapproved_since',
  'unapproved_until',
  'state',
  'revision',
  'credentials_version',
  'created_at',
] as const

function fromRow(row: Pick<Selectable<Providers>, (typeof columns)[number]>): Provider {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    backend: row.backend,
    // Checked against the back end's schema, which requires an object, before it was written.
    settings: row.settings as Record<string, unknown>,
    concurrency: row.concurrency,
    refreshSeconds: row.refresh_seconds,
    reconcileSeconds: row.reconcile_seconds,
    storeBindingCredentials: row.store_binding_credentials,
    // A process of 0.2.0 that sets the policy back leaves the time.
    deletingBindingCredentialsSince: row.store_binding_credentials
      ? null
      : row.deleting_binding_credentials_since,
    mitigation: row.mitigation as Provider['mitigation'],
    mitigationRetainHours: row.mitigation_retain_hours,
    allowedNetworks: row.allowed_networks,
    allowedPorts: row.allowed_ports,
    approvedOrigins: row.approved_origins,
    tokenOrigin: row.token_origin,
    unapprovedSince: row.unapproved_since,
    unapprovedUntil: row.unapproved_until,
    state: row.state as Provider['state'],
    revision: row.revision,
    credentialsVersion: row.credentials_version,
    createdAt: row.created_at,
  }
}

function originColumns(values: { readonly [Field in keyof Origins]?: Origins[Field] | undefined }) {
  return {
    approved_origins: values.approvedOrigins && [...values.approvedOrigins],
    token_origin: values.tokenOrigin,
    unapproved_since: values.unapprovedSince,
    unapproved_until: values.unapprovedUntil,
  }
}

export interface WithCredentials {
  readonly provider: Provider
  readonly sealed: Buffer | null
}

function selectProviders(db: DbOrTx) {
  return db.selectFrom('providers').select(columns)
}

/**
 * Inserts a provider, or restores a removed one of that name, whose published ids are then the same
 * as before.
 * @returns undefined when the name is taken
 */
export async function insertProvider(
  tx: Tx,
  id: string,
  values: ProviderValues,
  now: Date,
): Promise<Provider | undefined> {
  const columnValues = {
    display_name: values.displayName,
    backend: values.backend,
    settings: JSON.stringify(values.settings),
    credentials: values.credentials.sealed,
    credentials_version: values.credentials.version,
    concurrency: values.concurrency,
    refresh_seconds: values.refreshSeconds,
    reconcile_seconds: values.reconcileSeconds,
    store_binding_credentials: values.storeBindingCredentials,
    deleting_binding_credentials_since: null,
    mitigation: values.mitigation,
    mitigation_retain_hours: values.mitigationRetainHours,
    allowed_networks: values.allowedNetworks,
    allowed_ports: values.allowedPorts,
    ...originColumns(values),
    state: 'active',
    updated_at: now,
  }
  const row = await writeSealed(tx, 'providers', { name: values.name }, () =>
    tx
      .insertInto('providers')
      .values({ id, name: values.name, created_at: now, ...columnValues })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({ ...columnValues, revision: sql`providers.revision + 1` })
          .where('providers.state', '=', 'removed'),
      )
      .returning(columns)
      .executeTakeFirst(),
  )
  return row && fromRow(row)
}

/** Whether a provider's row is in the scope, by its name. */
function isInScope(scope: AccessScope) {
  return scope === 'all'
    ? sql<boolean>`true`
    : sql<boolean>`providers.name = any(${scope.providers})`
}

/** A provider, removed or not, if it is in the scope. */
export async function findProviderInScope(
  db: DbOrTx,
  scope: AccessScope,
  id: string,
): Promise<Provider | undefined> {
  const row = await selectProviders(db)
    .where('id', '=', id)
    .where(isInScope(scope))
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Until the transaction ends, changes of the provider, new instances and results of binds wait. */
export async function lockProvider(tx: Tx, id: string): Promise<Provider | undefined> {
  return (await lockWithCredentials(tx, id))?.provider
}

/** The same, with the sealed credentials: null for a removed provider. */
export async function lockWithCredentials(
  tx: Tx,
  id: string,
): Promise<WithCredentials | undefined> {
  const row = await selectProviders(tx)
    .select('credentials')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return row && { provider: fromRow(row), sealed: row.credentials }
}

/** One change of display names at a time over all processes. */
export async function lockNames(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${advisoryLocks.providerNames})`.execute(tx)
}

/** The names of all registered providers but one. */
export async function listNames(
  tx: Tx,
  exceptId: string,
): Promise<ReadonlyArray<Pick<Provider, 'name' | 'displayName'>>> {
  return tx
    .selectFrom('providers')
    .select(['name', 'display_name as displayName'])
    .where('state', '!=', 'removed')
    .where('id', '!=', exceptId)
    .execute()
}

export async function findProviderByName(db: DbOrTx, name: string): Promise<Provider | undefined> {
  const row = await selectProviders(db)
    .where('name', '=', name)
    .where('state', '!=', 'removed')
    .executeTakeFirst()
  return row && fromRow(row)
}

/**
 * A provider and its sealed credentials (null for a removed one) as of one moment: between two
 * queries the origin of the credentials could change.
 */
export async function findWithCredentials(
  db: DbOrTx,
  id: string,
): Promise<WithCredentials | undefined> {
  const row = await db
    .selectFrom('providers')
    .select([...columns, 'credentials'])
    .where('id', '=', id)
    .executeTakeFirst()
  return row && { provider: fromRow(row), sealed: row.credentials }
}

/** The version of the credentials that a provider of that name has had; undefined: none. */
export async function findCredentialsVersion(tx: Tx, name: string): Promise<number | undefined> {
  const row = await tx
    .selectFrom('providers')
    .select('credentials_version as version')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.version
}

/** The revisions of providers that are not removed. @param ids  only of these */
export async function listRevisions(
  db: Db,
  ids: readonly string[] | undefined,
): Promise<ReadonlyArray<Pick<Provider, 'id' | 'revision'>>> {
  const registered = db
    .selectFrom('providers')
    .select(['id', 'revision'])
    .where('state', '!=', 'removed')
  return ids === undefined
    ? registered.execute()
    : registered.where(sql<boolean>`id = any(${ids}::uuid[])`).execute()
}

export async function listProviders(db: DbOrTx, scope: AccessScope): Promise<Provider[]> {
  const rows = await selectProviders(db)
    .where('state', '!=', 'removed')
    .where(isInScope(scope))
    .orderBy('created_at')
    .orderBy('name')
    .execute()
  return rows.map(fromRow)
}

type ChangeableValues = Omit<ProviderValues, 'name' | 'backend'> &
  Pick<Provider, 'deletingBindingCredentialsSince'>
/** Undefined fields do not change. */
export type ProviderChanges = {
  readonly [Field in keyof ChangeableValues]?: ChangeableValues[Field] | undefined
}

export async function updateProvider(
  tx: Tx,
  id: string,
  changes: ProviderChanges,
  now: Date,
): Promise<void> {
  // Kysely leaves out fields that are undefined.
  await writeSealed(tx, 'providers', { id }, () =>
    tx
      .updateTable('providers')
      .set({
        display_name: changes.displayName,
        settings: changes.settings && JSON.stringify(changes.settings),
        credentials: changes.credentials?.sealed,
        credentials_version: changes.credentials?.version,
        concurrency: changes.concurrency,
        refresh_seconds: changes.refreshSeconds,
        reconcile_seconds: changes.reconcileSeconds,
        store_binding_credentials: changes.storeBindingCredentials,
        deleting_binding_credentials_since: changes.deletingBindingCredentialsSince,
        mitigation: changes.mitigation,
        mitigation_retain_hours: changes.mitigationRetainHours,
        allowed_networks: changes.allowedNetworks,
        allowed_ports: changes.allowedPorts,
        ...originColumns(changes),
        revision: sql`revision + 1`,
        updated_at: now,
      })
      .where('id', '=', id)
      .execute(),
  )
}

/** Approves origins. Every process opens the provider anew, because it may be called now. */
export async function setOrigins(tx: Tx, id: string, origins: Origins, now: Date): Promise<void> {
  await writeSealed(tx, 'providers', { id }, () =>
    tx
      .updateTable('providers')
      .set({ ...originColumns(origins), revision: sql`revision + 1`, updated_at: now })
      .where('id', '=', id)
      .execute(),
  )
}

/** Also deletes the credentials of a removed provider. */
export async function setProviderState(
  tx: Tx,
  id: string,
  state: 'draining' | 'removed',
  now: Date,
): Promise<void> {
  const update = () =>
    tx
      .updateTable('providers')
      .set({
        state,
        revision: sql`revision + 1`,
        updated_at: now,
        ...(state === 'removed'
          ? { credentials: null, credentials_version: sql`credentials_version + 1` }
          : {}),
      })
      .where('id', '=', id)
      .execute()
  await writeSealed(tx, 'providers', { id }, update, 'restricts')
}
