// Ten attacks by a pen in the database that has no key. None yields a secret or access, and each
// shows where an operator looks: in the log, in a metric, in an answer of the management API, in
// `kontor audit verify`.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import pg from 'pg'
import { pino } from 'pino'
import t from 'tap'
import { verifyAudit } from '../../src/audit/chain/verify.ts'
import { verifyCheckpoints } from '../../src/audit/checkpoints/verify-checkpoints.ts'
import { run } from '../../src/cli/run.ts'
import { readConfig } from '../../src/config.ts'
import { describeFailure, verifySealed } from '../../src/vault/sealed-rows/verify-sealed.ts'
import { map, organisation, platform } from '../access/tenants.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { catalogOf } from '../support/catalogs.ts'
import { caller, here, startKontor, until } from '../support/kontor.ts'
import { answer, scriptedUpstream, tlsFile } from '../support/scripted-upstream.ts'

t.setTimeout(90_000)

const checkpoints = join(t.testdir(), 'checkpoints.jsonl')
const kontor = await startKontor(t, { worker: false })
const sql = new pg.Client({ connectionString: kontor.databaseUrl })
await sql.connect()
t.teardown(() => sql.end())
// As the owner of the database: no trigger fires.
await sql.query("set session_replication_role = 'replica'")

// The process that is watched, with its log.
const lines: string[] = []
const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
const settings = { KONTOR_CHECKPOINT_SECONDS: '0.2', KONTOR_CHECKPOINTS_FILE: checkpoints }
const watched = await run(readConfig({ ...kontor.environment, ...settings }), log, {
  worker: true,
  http: true,
})
t.teardown(() => watched.stop())
const { db } = watched.runtime
const url = watched.url ?? ''
const admin = caller(url, { authorization: `Bearer ${kontor.environment['KONTOR_ADMIN_TOKEN']}` })
const as = (authorization: string) => caller(url, { authorization, 'x-broker-api-version': '2.17' })

const { view: north } = await kontor.addProvider('north')
const attacker = await scriptedUpstream(t, answer(200, catalogOf('north')), 'localhost')
const ours = await organisation(kontor, 'ours', 'land')
const theirs = await organisation(kontor, 'theirs', 'land')
const mine = await platform(kontor, 'mine', ours)
const other = await platform(kontor, 'other', theirs)
await map(kontor, mine.id, 'space', ours)
const { body: rule } = await kontor.admin('POST', '/api/visibility-rules', {
  effect: 'deny',
  who: { platform: 'mine' },
  what: { offering: 'north-app' },
  reason: 'closed',
})
const { body: quota } = await kontor.admin('PUT', '/api/quotas', {
  organisation: 'ours',
  instances: 1,
})
const ids = await kontor.find('north', 'db', 'small')
await watched.runtime.refresh()
const call = as(mine.authorization)
const inSpace = { context: { platform: 'kubernetes', namespace: 'space', clusterid: 'c' } }
const order = (more: object = here) =>
  call('PUT', '/v2/service_instances/i-2', { ...ids, ...here, ...more })
const first = '/v2/service_instances/i-1'
await call('PUT', first, { ...ids, ...here, parameters: { secret: 'hunter1' } })
const { rows: older } = await sql.query('select id, parameters from instances')
await call('PATCH', first, { service_id: ids.service_id, parameters: { secret: 'hunter2' } })
const known = Buffer.from(other.authorization.slice(6), 'base64').toString().split(':')[1] ?? ''

interface Attack {
  /** Statements of SQL, each with its values. */
  readonly sql: ReadonlyArray<readonly [text: string, ...values: unknown[]]>
  /**
   * What the attacker tries then, and gets.
   * @param seen  what the process has logged since
   */
  tries(seen: () => string): Promise<unknown>
  readonly gets: unknown
  readonly log: RegExp
  readonly metric: RegExp
  /** A path of the management API, and what it answers. */
  readonly shown?: readonly [path: string, body: object]
  readonly verify?: RegExp
}

const changedRows = /"level":50,.*"table":"TABLE".*the rows of a table were changed past Kontor/
const ofTable = (table: string, id?: string) => ({
  log: new RegExp(changedRows.source.replace('TABLE', table)),
  metric: new RegExp(`^kontor_integrity_failures\\{table="${table}"\\} [1-9]`, 'm'),
  shown: ['/api/integrity', { isRight: false }] as const,
  verify:
    id === undefined
      ? new RegExp(`^${table}: a row was removed or set back`)
      : new RegExp(`^${table}: Kontor did not write the row ${id} as it is`),
})
const status = async (answered: Promise<{ readonly status: number }>) => (await answered).status
const ofProvider = {
  tries: async () => {
    await admin('POST', `/api/providers/${north.id}/refresh`)
    return [
      attacker.requests.length,
      await status(as(other.authorization)('PUT', first, { ...ids, ...here })),
    ]
  },
  gets: [0, 503],
  log: /"level":50,.*"provider":"north".*the registration of a provider is unusable/,
  metric: /^kontor_provider_registration_unusable\{provider="north"\} 1$/m,
  shown: [
    `/api/providers/${north.id}`,
    { credentialsProblem: /something other than Kontor/i },
  ] as const,
}
const setSettings = (change: object) =>
  [
    'update providers set settings = settings || $1, revision = revision + 1 where id = $2',
    change,
    north.id,
  ] as const
const refusedByQuota = { status: 400, body: { description: /quota of the organisation "ours"/ } }

const attacks: Readonly<Record<string, Attack>> = {
  'origin of a provider': { ...ofProvider, sql: [setSettings({ url: attacker.url })] },
  'TLS authority of a provider': {
    ...ofProvider,
    sql: [setSettings({ tlsCa: tlsFile('ca.pem') })],
  },
  'credentials row': {
    sql: [
      [
        `insert into platform_credentials
           (id, platform_id, kind, username, password_digest, mac, created_at)
         select $1, $2, kind, 'thief', password_digest, mac, now()
         from platform_credentials where platform_id = $3`,
        '01a2078b-fbbe-7b44-b497-56d4ba8d5a71',
        mine.id,
        other.id,
      ],
    ],
    tries: () => status(as(basicAuth('thief', known))('GET', first)),
    gets: 401,
    ...ofTable('platform_credentials', '01a2078b-fbbe-7b44-b497-56d4ba8d5a71'),
  },
  "platform's organisation": {
    sql: [['update platforms set organisation_id = $1 where id = $2', theirs, mine.id]],
    tries: () => status(order()),
    gets: 401,
    ...ofTable('platforms', mine.id),
  },
  mapping: {
    sql: [['update organisation_mappings set organisation_id = $1', theirs]],
    tries: () => order(inSpace),
    gets: refusedByQuota,
    ...ofTable('organisation_mappings', '.*'),
  },
  'visibility rule deleted': {
    sql: [['delete from visibility_rules where id = $1', rule.id]],
    tries: async () => (await call('GET', '/v2/catalog')).body.services.length as number,
    gets: 1,
    ...ofTable('visibility_rules'),
  },
  'quota raised': {
    sql: [['update quotas set instances = 100 where id = $1', quota.id]],
    tries: () => order(),
    gets: refusedByQuota,
    ...ofTable('quotas', quota.id as string),
  },
  'old sealed value': {
    sql: [['update instances set parameters = $1 where id = $2', older[0].parameters, older[0].id]],
    tries: async () => (await call('GET', first)).text.includes('hunter'),
    gets: false,
    log: /"level":50,/,
    metric: /^kontor_sealed_values_unopened_total\{column="instances\.parameters"\} [1-9]/m,
  },
  'swapped rows': {
    sql: [
      [
        `update platforms as one set organisation_id = other.organisation_id, mac = other.mac
         from platforms as other
         where one.id in ($1, $2) and other.id in ($1, $2) and one.id <> other.id`,
        mine.id,
        other.id,
      ],
    ],
    tries: async () => [await status(order()), await status(as(other.authorization)('GET', first))],
    gets: [401, 401],
    ...ofTable('platforms', mine.id),
  },
  'tail of the audit log cut': {
    sql: [
      [
        'update audit_head set position = kept.position, hash = kept.hash, seal = kept.seal from kept',
      ],
      [
        `delete from audit_events where id in
           (select event_id from audit_links, kept where audit_links.position > kept.position)`,
      ],
      ['delete from audit_links using kept where audit_links.position > kept.position'],
    ],
    tries: async (seen) => until(seen, (text) => text.includes('behind a checkpoint')),
    gets: /./,
    log: /"level":50,.*the database lies behind a checkpoint: it was set back or cut/,
    metric: /^kontor_checkpoint_conflicts [1-9]/m,
    verify: /^(Cut off|Rewritten): /,
  },
}

/** What `kontor audit verify --checkpoints` says. */
async function verify(): Promise<string[]> {
  const findings: string[] = []
  const onFinding = (sentence: string) => findings.push(sentence)
  await verifyAudit(db, { onFinding })
  findings.push(...(await verifySealed(db)).tables.flatMap(describeFailure))
  const bytes = Readable.from([await readFile(checkpoints)]) as AsyncIterable<Buffer>
  await verifyCheckpoints(db, { inputs: [{ name: 'file', bytes }], hasKey: () => true, onFinding })
  return findings
}

const tables = [
  'providers',
  'platform_credentials',
  'platforms',
  'organisation_mappings',
  'visibility_rules',
  'quotas',
  'instances',
]

/** Puts the tables back as they were, as an operator would. */
async function putBack(): Promise<void> {
  for (const table of tables)
    await sql.query(`delete from ${table}; insert into ${table} select * from before_${table}`)
  await watched.runtime.refresh()
  await admin('POST', `/api/providers/${north.id}/refresh`)
}

await until(() => existsSync(checkpoints), Boolean)

/** Waits until the event of an act is linked. */
async function linkedAfter(act: () => Promise<unknown>): Promise<void> {
  const last = async () =>
    (await sql.query('select max(position)::int as last from audit_links')).rows[0].last as number
  const before = await last()
  await act()
  await until(last, (now) => now > before)
}

t.test('a table that is set back whole, with its set, and catches up', async (t) => {
  const revision = async () => {
    const { rows } = await sql.query(
      `select revision::int from sealed_sets where table_name = 'visibility_rules'`,
    )
    return rows[0].revision as number
  }
  const written = async (isRight: (newest: { position: number; revision: number }) => boolean) =>
    until(async () => {
      const newest = JSON.parse(
        (await readFile(checkpoints, 'utf8')).trim().split('\n').at(-1) ?? '',
      )
      return { position: newest.position, revision: Number(newest.sets.visibility_rules) }
    }, isRight)
  const hide = (offering: string, from = 'other', admin = kontor.admin) =>
    admin('POST', '/api/visibility-rules', {
      effect: 'deny',
      who: { platform: from },
      what: { offering },
      reason: 'closed',
    })
  const shown = async () =>
    (await as(other.authorization)('GET', '/v2/catalog')).body.services.length as number
  const ofRules = async () => (await verify()).filter((each) => each.includes('visibility_rules'))
  await sql.query('create table rules as table visibility_rules')
  await sql.query('create table sets as table sealed_sets')
  await hide('north-db')
  await watched.runtime.refresh()
  t.equal(await shown(), 1)
  const before = await revision()
  const { position } = await written((newest) => newest.revision === before)
  t.strictSame(await ofRules(), [])

  // Checkpoints of the same end of the chain tell no order.
  await linkedAfter(() => admin('PATCH', `/api/platforms/${other.id}`, { displayName: 'Rules' }))
  const from = lines.length
  await sql.query('delete from visibility_rules; insert into visibility_rules select * from rules')
  await sql.query(
    `update sealed_sets set revision = sets.revision, digest = sets.digest, mac = sets.mac
     from sets where sets.table_name = sealed_sets.table_name
     and sets.table_name = 'visibility_rules'`,
  )
  await watched.runtime.refresh()
  t.equal(await shown(), 1, 'a process that has seen the later revision refuses it')
  t.match(lines.slice(from).join(''), ofTable('visibility_rules').log)
  // Its event moves the end of the chain, which tells the order of checkpoints.
  await admin('PATCH', `/api/platforms/${other.id}`, { displayName: 'Other' })
  await written((newest) => newest.revision === before - 1 && newest.position > position)
  t.match((await ofRules()).join('\n'), /^Set back: visibility_rules had .*; now it has \d+\.$/m)

  const fresh = await kontor.another()
  for (const offering of ['north-db', 'north-app'])
    t.equal((await hide(offering, 'first', fresh.admin)).status, 201)
  await fresh.running.stop()
  t.ok((await revision()) > before)
  t.match(
    (await ofRules()).join('\n'),
    /^Set back: visibility_rules had .*; at the later one of .* it had \d+\.$/m,
    'checkpoints show it for good',
  )
})

t.test('ten attacks', async (t) => {
  await until(
    async () => (await sql.query('select from audit_unlinked')).rowCount,
    (waiting) => waiting === 0,
  )
  await sql.query('create table kept as select * from audit_head')
  await admin('PATCH', `/api/platforms/${other.id}`, { displayName: 'Others' })
  await until(
    async () =>
      (await sql.query('select from audit_head, kept where audit_head.position > kept.position'))
        .rowCount,
    (moved) => moved === 1,
  )
  for (const table of tables) await sql.query(`create table before_${table} as table ${table}`)
  for (const [name, attack] of Object.entries(attacks))
    await t.test(name, async (t) => {
      const from = lines.length
      for (const [text, ...values] of attack.sql) await sql.query(text, values)
      await watched.runtime.refresh()
      const seen = () => lines.slice(from).join('')
      t.match(await attack.tries(seen), attack.gets)
      t.match(seen(), attack.log)
      t.match((await admin('GET', '/metrics')).text, attack.metric)
      if (attack.shown !== undefined) {
        const [path, body] = attack.shown
        t.match((await admin('GET', path)).body, body)
      }
      if (attack.verify !== undefined)
        t.match((await verify()).join('\n'), new RegExp(attack.verify, 'm'))
      await putBack()
    })
})
