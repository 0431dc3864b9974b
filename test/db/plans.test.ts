// Whether Postgres, with a million instances in its statistics, carries out each statement that has
// to be fast by an index. `npm run bench -- growth` looks at the same with a million rows.
import pg from 'pg'
import t from 'tap'
import { startKontor, until } from '../support/kontor.ts'
import { sendHotRequests } from '../support/plans/hot-requests.ts'
import { describeScans, findSmallIndexes, grows, keepsGates } from '../support/plans/judge.ts'
import { loadRows } from '../support/plans/load-rows.ts'
import { scansOf, type Scan } from '../support/plans/scans.ts'
import { watchStatements, type Statement } from '../support/plans/watch-statements.ts'
import { createDatabase } from '../support/postgres.ts'
import type { Teardown } from '../support/teardown.ts'

const loaded = 5_000
const pretended = 1_000_000

/** What each step reads at least, beside what timers read meanwhile. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  provision: ['operations by operations_pkey', 'instances by instances_pkey'],
  'provision again': ['instances by instances_live', 'operations by operations_running'],
  'last operation': ['operations by operations_of_instance'],
  'fetch an instance': ['instances by instances_live'],
  update: ['instances by instances_live', 'operations by operations_pkey'],
  bind: ['instances by instances_live', 'bindings by bindings_live', 'bindings by bindings_pkey'],
  'bind again': ['bindings by bindings_live'],
  'fetch a binding': ['bindings by bindings_live'],
  'last operation of a binding': ['operations by operations_of_instance'],
  unbind: ['bindings by bindings_live', 'bindings by bindings_pkey'],
  'unbind again': ['bindings by bindings_live'],
  deprovision: ['bindings by bindings_of_instance', 'instances by instances_pkey'],
  'deprovision again': ['instances by instances_live'],
  // Claims of due operations and orphans, and the ends of steps.
  'operations that workers carry on': [
    'operations by operations_due',
    'operations by operations_due_of_platform',
    'operations by operations_pkey',
    'orphans by orphans_due',
    'orphans by orphans_pkey',
  ],
  'provision under a quota': ['ledger_balances by ledger_balances_pkey'],
  'GET /api/operations': ['operations by operations_pkey, walked'],
  'GET /api/operations?state=failed': ['operations by operations_failed, walked'],
  'GET /api/operations?kind=unbind&state=failed': ['operations by operations_failed_of_kind'],
  'GET /api/operations?instanceId=unknown': ['operations by operations_of_instance'],
  'GET /api/instances?state=provisioning': ['operations by operations_running'],
  'GET /api/instances?state=failed': ['operations by operations_failed_of_instance, walked'],
  'GET /api/instances?state=gone': ['instances by instances_gone'],
  'GET /api/instances?state=gone&instanceId=unknown': ['operations by operations_of_instance'],
  'GET /api/instances?expiresBefore=2001-01-01': ['bindings by bindings_expiring'],
  'GET /api/bindings?state=binding': ['operations by operations_running'],
  'GET /api/bindings?state=failed': ['operations by operations_failed_of_instance, walked'],
  'GET /api/bindings?expiresBefore=2001-01-01': ['bindings by bindings_expiring'],
  'GET /api/orders?state=discarded': ['orders by orders_drafts, walked'],
  'GET /api/instances?owner=unknown': ['instance_labels by instance_labels_of_owner'],
  'GET /api/instances?costCentre=unknown': ['instance_labels by instance_labels_of_cost_centre'],
  'GET /api/instances?labels=unknown': ['instance_labels by instance_labels_of_label'],
  'GET /api/orders?person=00000000-0000-7000-8000-000000000000': ['orders by orders_of_person'],
  'GET /api/orphans?state=open': ['orphans by orphans_in_state'],
  'GET /api/orphans?cause=abandoned': ['orphans by orphans_by_cause'],
  'GET /api/audit/events?actor=unknown': ['audit_events by audit_events_of_actor'],
  'GET /api/audit/events?action=platform.retired': ['audit_events by audit_events_of_rare_action'],
  'GET /api/audit/events?outcome=refused': ['audit_events by audit_events_of_rare_outcome'],
  'GET /api/audit/events?objectId=unknown': ['audit_events by audit_events_of_object'],
  // The chain of the audit log.
  'until all is linked': [
    'audit_events by audit_events_pkey',
    'audit_links by audit_links_event_id_key',
  ],
}

t.test('each hot statement uses an index when there are a million instances', async (t) => {
  const { url, servingUrl } = await createDatabase(t)
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {}) // the database is dropped while it is connected
  await client.connect()
  t.teardown(() => client.end())

  const statements = await collectStatements(t, servingUrl, client)

  await loadRows(client, loaded, { failed: 8 })
  await outdateQueue(client)
  await pretend(client)
  const small = await findSmallIndexes(client)

  const scansOfText = new Map<string, readonly Scan[]>()
  const read = async (step: string, statement: Statement): Promise<readonly Scan[]> => {
    const { text } = statement
    const keeps = keepsGates(step)
    const key = `${keeps} ${text}`
    const known = scansOfText.get(key)
    if (known !== undefined) return known
    const scans = await scansOf(client, statement)
    scansOfText.set(key, scans)
    const growing = scans.filter((scan) => grows(scan, small, keeps))
    t.strictSame(growing, [], `${step}: ${text}`)
    return scans
  }
  for (const [step, sent] of statements) {
    const scans: Scan[] = []
    for (const statement of sent) scans.push(...(await read(step, statement)))
    const described = describeScans(scans)
    const missing = (wanted[step] ?? []).filter((each) => !described.includes(each))
    t.strictSame(missing, [], `${step}, which reads ${described.join(', ')}`)
  }
  t.strictSame(
    Object.keys(wanted).filter((step) => !statements.has(step)),
    [],
  )

  t.ok(scansOfText.size > 60, 'the statements are seen at all')
})

async function collectStatements(
  t: Teardown,
  servingUrl: string,
  client: pg.Client,
): Promise<Map<string, Statement[]>> {
  const way = await watchStatements(t, servingUrl)
  const kontor = await startKontor(t, { databaseUrl: way.url })
  const { simulator } = await kontor.addProvider('north', {
    behaviours: { '*': { mode: 'sync' }, 'north-app': { mode: 'async', provisionSeconds: 0.3 } },
  })
  const statements = await sendHotRequests({
    ...kontor,
    sync: await kontor.find('north', 'db'),
    async: await kontor.find('north', 'app'),
    breakNextProvision: () =>
      simulator.faults.add({ on: 'provision', when: 'after', do: { closeConnection: true } }),
    take: way.take,
  })
  await until(
    async () => (await client.query('select from audit_unlinked')).rowCount,
    (count) => count === 0,
  )
  statements.set('until all is linked', way.take())
  await kontor.running.stop()
  return statements
}

/** What waits is always newer than what waited when Postgres last looked. */
async function outdateQueue(client: pg.Client): Promise<void> {
  await client.query(`
    insert into audit_unlinked (event_id) select id from audit_events order by id limit 30;
    analyze audit_unlinked;
    delete from audit_unlinked;
    insert into audit_unlinked (event_id) select id from audit_events order by id desc limit 1500`)
}

/**
 * Postgres estimates the rows of a table by the density in its statistics and the size of the file:
 * so a few pages look as if they held a million rows. That makes a scan of the table look cheaper
 * than it would be, never dearer.
 */
async function pretend(client: pg.Client): Promise<void> {
  await client.query(
    `update pg_class set reltuples = reltuples * $1::real
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')
      and reltuples > $2::real`,
    [pretended / loaded, loaded / 10],
  )
}
