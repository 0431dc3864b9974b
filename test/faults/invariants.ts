// Compares what Kontor's rows say with what the provider really holds.
import { sql } from 'kysely'
import type { Simulator } from '../../tools/simulator/types.ts'
import { until, type TestKontor } from '../support/kontor.ts'

export interface Rows {
  readonly instances: ReadonlyArray<{
    id: string
    instance_id: string
    state: string
    upstream_id: string
    upstream_plan_id: string
  }>
  readonly bindings: ReadonlyArray<{ binding_id: string; state: string; upstream_id: string }>
  readonly running: ReadonlyArray<{ id: string; kind: string; state: string; retries: number }>
  /** How many removals are still to come without an operator. */
  readonly orphans: number
}

type WithDb = Pick<TestKontor, 'running'>

/** What Kontor's rows say exists, and what is unfinished; of one instance or of all. */
export async function readRows(kontor: WithDb, instanceId?: string): Promise<Rows> {
  // Read first: what is settled now stays as it is.
  const unfinished = await readUnfinished(kontor, instanceId)
  return { ...unfinished, ...(await readExisting(kontor, instanceId)) }
}

async function readUnfinished(
  { running: { runtime } }: WithDb,
  instanceId: string | undefined,
): Promise<Pick<Rows, 'running' | 'orphans'>> {
  const rows = await runtime.db
    .selectFrom('operations')
    .select(['id', 'kind', 'state', 'retries'])
    .where('state', 'not in', ['succeeded', 'failed'])
    .$if(instanceId !== undefined, (query) => query.where('instance_id', '=', instanceId ?? ''))
    .unionAll((union) =>
      union
        .selectFrom('orphans')
        .select(['id', sql.lit('orphan').as('kind'), 'state', 'retries'])
        .where('state', '=', 'open')
        .where('next_retry_at', 'is not', null)
        .$if(instanceId !== undefined, (query) =>
          query.where('instance_id', '=', instanceId ?? ''),
        ),
    )
    .execute()
  const running = rows.filter(({ kind }) => kind !== 'orphan')
  return { running, orphans: rows.length - running.length }
}

async function readExisting(
  { running: { runtime } }: WithDb,
  instanceId: string | undefined,
): Promise<Pick<Rows, 'instances' | 'bindings'>> {
  const instances = await runtime.db
    .selectFrom('instances')
    .select(['id', 'instance_id', 'state', 'upstream_id', 'upstream_plan_id'])
    .where('deleted_at', 'is', null)
    .$if(instanceId !== undefined, (query) => query.where('instance_id', '=', instanceId ?? ''))
    .execute()
  const keys = instances.map(({ id }) => id)
  const bindings =
    keys.length === 0
      ? []
      : await runtime.db
          .selectFrom('bindings')
          .select(['binding_id', 'state', 'upstream_id', 'instance_key'])
          .where('deleted_at', 'is', null)
          .where('instance_key', 'in', keys)
          .execute()
  return { instances, bindings }
}

/** Waits until everything is settled. @returns the rows then */
export async function settled(
  kontor: WithDb,
  instanceId?: string,
  limitMs?: number,
): Promise<Rows> {
  const unfinished = await until(
    () => readUnfinished(kontor, instanceId),
    ({ running, orphans }) => orphans === 0 && running.every(({ state }) => state === 'parked'),
    limitMs,
  )
  await assertFound(kontor)
  return { ...unfinished, ...(await readExisting(kontor, instanceId)) }
}

/** Lists of what is not ready begin with the operations that have not succeeded. */
async function assertFound({ running: { runtime } }: WithDb): Promise<void> {
  const { rows } = await sql`
    select 'instance' as kind, id from instances
    where deleted_at is null and state in ('provisioning', 'failed') and id not in (
      select instance_key from operations
      where binding_key is null and kind <> 'update' and state <> 'succeeded')
    union all
    select 'binding', id from bindings
    where deleted_at is null and state in ('binding', 'failed') and id not in (
      select binding_key from operations
      where binding_key is not null and state <> 'succeeded')`.execute(runtime.db)
  if (rows.length > 0) throw new Error(`No list of what is not ready has ${JSON.stringify(rows)}.`)
}

/** What both sides hold, as the provider names it; equal when they agree. */
export function compare(rows: Rows, simulator: Pick<Simulator, 'state'>) {
  const held = simulator.state().instances
  return {
    ours: rows.instances
      .filter(({ state }) => state === 'ready')
      .map((row) => `${row.upstream_id} ${row.upstream_plan_id}`)
      .toSorted(),
    theirs: held.map((instance) => `${instance.instance_id} ${instance.plan_id}`).toSorted(),
    ourBindings: rows.bindings
      .filter(({ state }) => state === 'ready')
      .map((row) => row.upstream_id)
      .toSorted(),
    theirBindings: held
      .flatMap(({ bindings }) => bindings.map((binding) => binding.binding_id))
      .toSorted(),
  }
}

interface Asserts {
  strictSame(found: unknown, wanted: unknown, ...message: [string]): unknown
}

/** Asserts that Kontor's rows and the provider's list agree. */
export function agree(t: Asserts, rows: Rows, simulator: Pick<Simulator, 'state'>): void {
  const { ours, theirs, ourBindings, theirBindings } = compare(rows, simulator)
  t.strictSame(ours, theirs, "Kontor's instances are the provider's")
  t.strictSame(ourBindings, theirBindings, "Kontor's bindings are the provider's")
  t.strictSame(simulator.state().duplicates, [], 'nothing was created twice')
}
