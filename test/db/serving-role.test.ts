// The database role that serves owns nothing. It has the rights that the code uses and no others
// (`npm run gen:check` compares them with the statements of the stores), so that a process that was taken over cannot rewrite the audit log.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { servingRights } from '../../src/db/serving-rights.gen.ts'
import { reconciliationOf } from '../reconciliation/runs.ts'
import { exerciseEveryEndpoint } from '../support/exercise-every-endpoint.ts'
import { startKontor, until } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import { spawnKontor } from '../support/kontor-process.ts'
import { createDatabase, createEmptyDatabase, signInAs } from '../support/postgres.ts'
import { scriptedProvider } from '../support/scripted-provider.ts'

t.setTimeout(90_000)

const keys = `k1:${randomBytes(32).toString('base64')}`
const token = randomBytes(32).toString('hex')

async function connect(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

/** An empty database with a role that owns it and one that is to serve, as a DBA makes them. */
async function createRoles(t: Test) {
  const { url } = await createEmptyDatabase(t)
  const admin = await connect(t, url)
  const [owner, serving] = ['owner', 'serving'].map(
    (name) => `kontor_${name}_${randomBytes(4).toString('hex')}`,
  ) as [string, string]
  for (const role of [owner, serving])
    await admin.query(`create role ${role} login password '${role}'`)
  await admin.query(`alter database ${new URL(url).pathname.slice(1)} owner to ${owner}`)
  t.teardown(async () => {
    await admin.query(`drop owned by ${owner}, ${serving} cascade`)
    await admin.query(`alter database ${new URL(url).pathname.slice(1)} owner to current_user`)
    await admin.query(`drop role ${owner}, ${serving}`)
  })
  const ownerUrl = signInAs(url, owner)
  return {
    admin,
    owner,
    serving,
    servingUrl: signInAs(url, serving),
    migrate: (...more: string[]) => runKontor(['migrate', ...more], { DATABASE_URL: ownerUrl }),
    serve: (url: string, ...more: string[]) =>
      spawnKontor(t, ['serve', ...more], {
        DATABASE_URL: url,
        KONTOR_KEYS: keys,
        KONTOR_ADMIN_TOKEN: token,
        PORT: '0',
      }),
    ownerUrl,
  }
}

t.test('the database gives it these rights and no others', async (t) => {
  const { url } = await createDatabase(t)
  const { rows } = await (
    await connect(t, url)
  ).query<{ name: string; rights: string[] }>(
    `with rights as (
      select relname as name, lower(privilege_type) as "right"
      from pg_class, aclexplode(relacl) where grantee = 'kontor_test_serving'::regrole
      union all
      select relname, lower(privilege_type) || ' (' || attname || ')'
      from pg_class join pg_attribute on attrelid = pg_class.oid, aclexplode(attacl)
      where grantee = 'kontor_test_serving'::regrole)
    select name, array_agg("right" order by "right") as rights
    from rights group by name order by name`,
  )
  t.strictSame(
    Object.fromEntries(rows.map(({ name, rights }) => [name, rights])),
    Object.fromEntries(
      Object.entries(servingRights).map(([table, rights]) => [
        table,
        ['select', ...rights].toSorted(),
      ]),
    ),
  )
})

t.test('an order, its audit event, a reconciliation and a rotation need no more', async (t) => {
  const { admin, serving, servingUrl, ownerUrl, migrate } = await createRoles(t)
  t.match(await migrate('--serving-role', serving), {
    code: 0,
    stdout: new RegExp(`^Migrated: .*\nThe role "${serving}" has the rights to serve, .*\n$`),
  })
  const kontor = await startKontor(t, {
    databaseUrl: servingUrl,
    environment: { KONTOR_KEYS: keys },
  })
  const provider = await scriptedProvider(t, kontor, 'whole')
  t.ok((await exerciseEveryEndpoint(kontor, provider)).length > 10)
  t.match(await reconciliationOf(kontor, provider.id).reconcile(), { state: 'succeeded' })
  for (const args of [
    ['key', 'rotate'],
    ['audit', 'verify'],
  ]) {
    const { code, stdout, stderr } = await runKontor(args, kontor.environment)
    t.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`)
  }
  const { rows } = await admin.query(
    `select from pg_class where relowner = '${serving}'::regrole
    union all select from pg_proc where proowner = '${serving}'::regrole`,
  )
  t.strictSame(rows, [], 'it owns nothing')

  t.match(
    await runKontor(['key', 'rotate'], { ...kontor.environment, DATABASE_URL: ownerUrl }),
    { code: 1, stderr: /whose transactions this one cannot see: set DATABASE_URL as they have it/ },
    'another role cannot know what they have sealed and not committed yet',
  )
})

const forbidden = [
  'alter table audit_events disable trigger all',
  'alter table audit_events disable trigger audit_append_only',
  'alter table audit_events drop column mac',
  'alter table audit_events owner to current_user',
  "set session_replication_role = 'replica'",
  'set role kontor',
  'drop table audit_links',
  'drop trigger audit_append_only on audit_events',
  'drop function audit_refuse_change() cascade',
  'create or replace function audit_refuse_change() returns trigger language plpgsql ' +
    "as 'begin return null; end'",
  'create trigger mine before insert on audit_events ' +
    'for each row execute function audit_refuse_change()',
  'create rule mine as on insert to audit_events do instead nothing',
  'create table mine (id int)',
  "update audit_events set actor = 'x'",
  'delete from audit_events',
  'truncate audit_events',
  "update audit_links set hash = ''",
  'delete from audit_links',
  'truncate audit_links, audit_head, audit_unlinked',
  'delete from audit_head',
  'update audit_unlinked set event_id = 0',
  'do $$ begin lock table audit_events in access exclusive mode; end $$',
  "insert into kysely_migration values ('9999_mine', '')",
  "copy audit_events to program 'cat'",
]

t.test('it cannot switch triggers off, change a table, or rewrite an event', async (t) => {
  const { url, servingUrl } = await createDatabase(t)
  const before = await connect(t, url)
  await before.query(
    `insert into audit_events (at, actor, action, object_kind, object_id, outcome)
    values (now(), 'a', 'b', 'c', 'd', 'e')`,
  )
  const client = await connect(t, servingUrl)
  for (const statement of forbidden)
    await t.rejects(client.query(statement), { code: '42501' }, statement)
  t.equal((await client.query("select from audit_events where actor = 'a'")).rowCount, 1)
})

t.test('a temporary table takes no entry of the ledger', async (t) => {
  const { url, servingUrl } = await createDatabase(t)
  const client = await connect(t, servingUrl)
  await client.query('create temporary table ledger_unposted (like public.ledger_unposted)')
  const id = '019a0000-0000-7000-8000-000000000001'
  await client.query(
    `insert into instances (id, platform_id, instance_id, provider_id, offering_id, plan_id,
       upstream_id, upstream_service_id, upstream_plan_id, organization_guid, space_guid, state,
       created_at, updated_at)
     values ($1, $1, 'i', $1, $1, $1, 'u', 's', 'p', 'o', 's', 'ready', now(), now())`,
    [id],
  )
  t.strictSame((await client.query('select from ledger_unposted')).rows, [])
  const owner = await connect(t, url)
  t.match((await owner.query('select cause, amount, instance_key from ledger_unposted')).rows, [
    { cause: 'reserved', amount: '1', instance_key: id },
  ])
  await owner.query(`insert into ledger_entries select * from ledger_unposted`)
  for (const change of ['update ledger_entries set amount = 0', 'delete from ledger_entries'])
    await t.rejects(owner.query(change), /ledger_entries is append-only/)
})

t.test('serve names the command for a schema that is missing, older, or not granted', async (t) => {
  const { admin, owner, serving, servingUrl, ownerUrl, migrate, serve } = await createRoles(t)
  const refuses = async (url: string, says: RegExp) => {
    const { code, stderr } = await serve(url).ended()
    t.match(stderr, says)
    t.match(stderr, /^kontor: [^\n]+\n$/, 'one line')
    t.equal(code, 1)
  }
  await refuses(
    servingUrl,
    /has no schema of Kontor.*: run "kontor migrate", or start with "kontor/,
  )
  t.equal((await admin.query("select to_regclass('kysely_migration') as made")).rows[0].made, null)

  const both = [serve(ownerUrl, '--migrate'), serve(ownerUrl, '--migrate')]
  for (const { child, output, ended } of both) {
    await until(
      () => output().stderr,
      (seen) => child.exitCode !== null || seen.includes('kontor is ready'),
    )
    child.kill('SIGTERM')
    t.match(await ended(), { code: 0, stderr: /kontor is ready/ }, 'started on an empty database')
  }
  const logs = both.map(({ output }) => output().stderr).join('')
  const owning = serve(ownerUrl)
  await until(
    () => owning.output().stderr,
    (seen) => owning.child.exitCode !== null || seen.includes('"unsafe":"database-owner"'),
  )
  owning.child.kill('SIGTERM')
  t.match(
    await owning.ended(),
    { code: 0, stderr: /kontor is ready/ },
    'a signal during the start stops it in order',
  )
  t.match(logs, /"checkpoint":"kontor-checkpoint\..*"checkpoint of the audit log"/)

  await refuses(
    servingUrl,
    new RegExp(`"${serving}" may not select on .*--serving-role ${serving}"`),
  )
  t.match(await migrate('--serving-role', 'kontor_no_such_role'), {
    code: 1,
    stderr: /There is no database role "kontor_no_such_role". Create it first/,
  })
  t.match(await migrate('--serving-role', owner), {
    code: 1,
    stderr: /Name a role that owns nothing/,
  })
  t.match(await migrate('--serving-role', serving), { code: 0 })
  await admin.query(`revoke update on orphans from ${serving}`)
  await admin.query(`grant truncate on orphans to ${serving}`)
  await refuses(servingUrl, /may not update on orphans: run "kontor migrate --serving-role/)
  const other = `${serving}_other`
  await admin.query(`create role ${other}`)
  await admin.query(`grant insert, truncate on audit_events, orphans to ${other}`)
  t.match(await migrate(), {
    code: 0,
    stdout: new RegExp(`newest schema.\nThe role "${serving}" has the rights to serve[^\n]*\n$`),
  })
  t.strictSame(
    (
      await admin.query("select has_table_privilege($1, 'audit_events', 'truncate') as may", [
        other,
      ])
    ).rows,
    [{ may: true }],
    'a role that got its rights otherwise keeps them',
  )
  await admin.query(`drop owned by ${other}`)
  await admin.query(`drop role ${other}`)
  t.equal(
    (
      await admin.query('select has_table_privilege($1, $2, $3) as may', [
        serving,
        'orphans',
        'truncate',
      ])
    ).rows[0].may,
    false,
    'it has no right that it does not need',
  )
  await admin.query(`grant ${owner} to ${serving}`)
  t.match(await migrate(), {
    code: 0,
    stdout: new RegExp(`The role "${serving}" has the rights of the role that owns the tables`),
  })
  await admin.query(`revoke ${owner} from ${serving}`)
  const { rows } = await admin.query<{ name: string }>(
    'delete from kysely_migration where name = (select max(name) from kysely_migration) returning name',
  )
  await refuses(
    servingUrl,
    new RegExp(`older than this release, which needs ${rows[0]?.name}: run "kontor migrate", or`),
  )
})
