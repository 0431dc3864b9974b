// What SQL without keys can change in the tables that decide who is let in, and what comes of it.
import { sql as raw } from 'kysely'
import pg from 'pg'
import t from 'tap'
import { createDigestRenewals } from '../../src/tenancy/credentials/renew-digests.ts'
import { listGenuineSets } from '../../src/vault/sealed-rows/list-sealed-sets.ts'
import { moveMark, sealAnew, withLockedTables } from '../../src/vault/sealed-rows/seal-anew.ts'
import { readSealing } from '../../src/vault/sealed-rows/sealing.ts'
import {
  newestNames,
  sealedTables,
  tableOfName,
  type SealedTableName,
} from '../../src/vault/sealed-rows/tables.ts'
import { verifySealed } from '../../src/vault/sealed-rows/verify-sealed.ts'
import { map, organisation, platform } from '../access/tenants.ts'
import { acceptRows, writeAsKontor } from '../support/accept-rows.ts'
import { asRole } from '../support/as-role.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { caller, here, startKontor, until, type Call } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'

t.setTimeout(120_000)

const kontor = await startKontor(t, { worker: false })
const { admin, environment } = kontor
const { view: north } = await kontor.addProvider('north')
const ids = await kontor.find('north', 'db', 'small')
const sql = new pg.Client({ connectionString: kontor.databaseUrl })
await sql.connect()
t.teardown(() => sql.end())
const ours = await organisation(kontor, 'ours', 'land')
const theirs = await organisation(kontor, 'theirs', 'land')
const mine = await platform(kontor, 'mine', ours)
const other = await platform(kontor, 'other', theirs)

/** What operators see of a table. */
async function stateOf(table: string) {
  const { body } = await admin('GET', '/api/integrity')
  return body.tables.find((each: { table: string }) => each.table === table)
}

async function metricOf(table: string): Promise<string | undefined> {
  const { text } = await admin('GET', '/metrics')
  return new RegExp(`^kontor_integrity_failures{table="${table}"} (.*)$`, 'm').exec(text)?.[1]
}

const reseal = async (table: SealedTableName) => {
  await acceptRows(kontor.running.runtime.db, table)
  await refresh()
}
// As the processes do by themselves, on each notification and every 30 s.
const refresh = () => kontor.running.runtime.refresh()
const services = async (call: Call) => (await call('GET', '/v2/catalog')).body.services?.length
let orders = 0
const order = (call: Call, more: object = here) =>
  call('PUT', `/v2/service_instances/i-${++orders}`, { ...ids, ...here, ...more })

/** Sets a column of the row that has an id, past Kontor; returns what undoes it. */
async function set(table: string, column: string, value: unknown, id: string) {
  const { rows } = await sql.query(`select ${column} as value from ${table} where id = $1`, [id])
  const put = (to: unknown) =>
    sql.query(`update ${table} set ${column} = $1 where id = $2`, [to, id])
  await put(value)
  await refresh()
  return async () => {
    await put(rows[0].value)
    await refresh()
  }
}

t.test('a new database accepts no row without a MAC', async (t) => {
  const { body } = await admin('GET', '/api/integrity')
  t.equal(body.isRight, true)
  t.notOk(body.tables.some(({ isSealed }: { isSealed: boolean }) => !isSealed))
  t.equal(await metricOf('platforms'), '0')
})

t.test('a platform that SQL moves to another organisation is let in nowhere', async (t) => {
  const undo = await set('platforms', 'organisation_id', theirs, mine.id)
  t.equal((await order(mine.call)).status, 401)
  t.equal((await order(other.call)).status, 201, 'the others go on')
  t.match(await stateOf('platforms'), {
    isRight: false,
    damaged: [mine.id],
    findings: [`platforms: Kontor did not write the row ${mine.id} as it is.`],
  })
  t.equal(await metricOf('platforms'), '1')
  const { rows } = await sql.query('select id from instances')
  const undoUpstream = await set('instances', 'upstream_id', 'of another tenant', rows[0].id)
  const verified = await runKontor(['audit', 'verify'], environment)
  t.match(verified, {
    code: 1,
    stdout: new RegExp(
      `platforms: Kontor did not write the row ${mine.id}[^]*` +
        `instances: Kontor did not write the row ${rows[0].id} as it is\\.\\n` +
        `The row ${rows[0].id} says: .* provider ${north.id} as "of another tenant" of`,
    ),
    stderr: /Protected tables are not as Kontor wrote them: 2 findings\./,
  })
  // An operator may accept it.
  const digest = /"kontor key reseal instances": ([0-9a-f]{64})$/m.exec(verified.stdout)?.[1] ?? ''
  const accept = (seen: string) =>
    runKontor(['key', 'reseal', 'instances', '--digest', seen, '--reason', 'x'], environment)
  t.match(await accept('00'), { code: 1, stderr: /have changed since you looked at them/ })
  t.match(await accept(digest), { code: 0, stdout: /^instances: 1 rows sealed$/m })
  await undoUpstream()
  await sql.query('delete from operations')
  await sql.query('delete from instances where id = $1', [rows[0].id])
  t.match(
    await admin('PATCH', `/api/platforms/${mine.id}`, { displayName: 'x' }),
    { status: 409, body: { detail: /kontor key reseal platforms/ } },
    'Kontor gives it no MAC by the way',
  )
  await undo()
  t.equal((await order(mine.call)).status, 201)
  t.equal((await stateOf('platforms')).isRight, true)
  t.equal(await metricOf('platforms'), '0')
})

t.test('a platform that SQL moves while another is damaged is let in nowhere', async (t) => {
  const third = await platform(kontor, 'third', theirs)
  const undo = await set('platforms', 'organisation_id', ours, third.id)
  t.equal((await order(other.call)).status, 201)
  const moved = [ours, other.id]
  await sql.query('update platforms set organisation_id = $1 where id = $2', moved)
  // Announced with the id of the new platform alone; the directory reads everything.
  t.equal((await admin('POST', '/api/platforms', { name: 'fourth' })).status, 201)
  t.equal((await order(other.call)).status, 401)
  const movedBack = [theirs, other.id]
  await sql.query('update platforms set organisation_id = $1 where id = $2', movedBack)
  await undo()
  t.equal((await order(other.call)).status, 201)
})

t.test('what SQL gives to an agency for a moment, the agency gets no credential for', async (t) => {
  const agency = await asRole(t, kontor, 'agency', { organisations: [ours], providers: [] })
  const issue = () => agency('POST', `/api/platforms/${other.id}/credentials`, { kind: 'basic' })
  t.equal((await issue()).status, 404)
  const changes = [
    ['platforms', 'organisation_id', ours, other.id],
    ['organisations', 'parent_id', ours, theirs],
  ] as const
  for (const [table, column, value, id] of changes) {
    const undo = await set(table, column, value, id)
    t.match(await issue(), {
      status: 409,
      body: { detail: new RegExp(`kontor key reseal ${table}`) },
    })
    await undo()
  }
  t.equal((await issue()).status, 404)
  t.equal((await order(other.call)).status, 201)
})

t.test('a credential that SQL inserts lets in no one', async (t) => {
  const made = await admin('POST', `/api/platforms/${other.id}/credentials`, { kind: 'basic' })
  const { id, username, password } = made.body
  const forged = '01a2078b-fbbe-7b44-b497-56d4ba8d5a71'
  for (const mac of ['mac', 'null', `'\\x02026b31'::bytea`]) {
    // With the digest of a password that the attacker knows.
    await sql.query(
      `insert into platform_credentials (id, platform_id, kind, username, password_digest, mac, created_at)
       select $1, $2, 'basic', 'thief', password_digest, ${mac}, now()
       from platform_credentials where id = $3`,
      [forged, mine.id, id],
    )
    await refresh()
    const as = (name: string) =>
      caller(kontor.url, {
        'x-broker-api-version': '2.17',
        authorization: basicAuth(name, password),
      })('GET', '/v2/catalog')
    t.equal((await as('thief')).status, 401, mac)
    t.equal((await as(username)).status, 200, 'the right ones go on')
    t.match(await stateOf('platform_credentials'), { isRight: false, damaged: [forged] }, mac)
    await sql.query('delete from platform_credentials where id = $1', [forged])
    await refresh()
    t.equal((await stateOf('platform_credentials')).isRight, true)
  }
})

t.test('a revoked credential that SQL puts back with its MAC lets in no one', async (t) => {
  const made = await admin('POST', `/api/platforms/${mine.id}/credentials`, { kind: 'basic' })
  const { id, username, password } = made.body
  await sql.query(
    'create temporary table kept as select * from platform_credentials where id = $1',
    [id],
  )
  const { rows } = await sql.query(
    `select * from sealed_sets where table_name = 'platform_credentials'`,
  )
  await admin('DELETE', `/api/platforms/${mine.id}/credentials/${id}`)
  const signIn = () =>
    caller(kontor.url, {
      'x-broker-api-version': '2.17',
      authorization: basicAuth(username, password),
    })('GET', '/v2/catalog')
  t.equal((await signIn()).status, 401)
  await sql.query('insert into platform_credentials select * from kept')
  await refresh()
  t.equal((await signIn()).status, 401)
  t.match(await stateOf('platform_credentials'), { isRight: false, damaged: { length: 0 } })
  await sql.query(
    `update sealed_sets set revision = $1, digest = $2, mac = $3
     where table_name = 'platform_credentials'`,
    [rows[0].revision, rows[0].digest, rows[0].mac],
  )
  await refresh()
  t.equal((await signIn()).status, 401, 'with the set of that time, too')
  t.equal((await stateOf('platform_credentials')).isRight, false)
  t.equal((await order(mine.call)).status, 201, 'the others go on')
  await sql.query('delete from platform_credentials where id = $1', [id])
  await reseal('platform_credentials')
  t.equal((await stateOf('platform_credentials')).isRight, true)
  t.equal((await signIn()).status, 401)
})

t.test('a mapping that SQL changes or removes keeps its organisation', async (t) => {
  await map(kontor, mine.id, 'space', ours)
  const inSpace = { context: { platform: 'kubernetes', namespace: 'space', clusterid: 'c' } }
  const { rows } = await sql.query('select id from organisation_mappings')
  const orderer = async () => {
    const { status } = await order(mine.call, inSpace)
    const found = await sql.query('select organisation_id from instances order by created_at desc')
    return [status, found.rows[0].organisation_id]
  }
  const undo = await set('organisation_mappings', 'organisation_id', theirs, rows[0].id)
  t.strictSame(await orderer(), [201, ours])
  const fresh = await kontor.another()
  const at = (call: string) =>
    caller(fresh.running.url ?? '', {
      authorization: mine.authorization,
      'x-broker-api-version': '2.17',
    })('PUT', call, {
      ...ids,
      ...here,
      ...inSpace,
    })
  t.equal((await at('/v2/service_instances/fresh')).status, 503, 'or is not known')
  await fresh.running.stop()
  t.equal((await stateOf('organisation_mappings')).isRight, false)
  await undo()
  t.equal((await stateOf('organisation_mappings')).isRight, true)
})

t.test('a visibility rule that SQL changes or deletes goes on to hide its plan', async (t) => {
  const made = await admin('POST', '/api/visibility-rules', {
    effect: 'deny',
    who: { platform: 'mine' },
    what: { provider: 'north' },
    reason: 'closed',
  })
  const { id } = made.body
  t.equal(await services(mine.call), 0)
  const undo = await set('visibility_rules', 'effect', 'allow', id)
  t.equal(await services(mine.call), 0)
  t.match(await stateOf('visibility_rules'), { isRight: false, damaged: [id] })
  await undo()
  await sql.query('delete from visibility_rules')
  await refresh()
  t.equal(await services(mine.call), 0)
  t.equal((await order(mine.call)).status, 400)
  t.match(await stateOf('visibility_rules'), { isRight: false, findings: [/removed or set back/] })
  const fresh = await kontor.another()
  t.equal((await fresh.call('GET', '/v2/catalog')).status, 503, 'a process without a good copy')
  await fresh.running.stop()
  const { digest } = await stateOf('visibility_rules')
  const reseal = async (seen: string) => {
    const command = ['key', 'reseal', 'visibility_rules', '--digest', seen, '--reason', 'looked at']
    return runKontor(command, environment)
  }
  // What SQL adds after the look is not accepted with it.
  const forged = '01a2078b-fbbe-7b44-b497-56d4ba8d5a72'
  await sql.query(
    `insert into visibility_rules (id, effect, reason, created_at, updated_at)
     values ($1, 'allow', 'open', now(), now())`,
    [forged],
  )
  t.match(await reseal(digest), { code: 1, stderr: /have changed since you looked at them/ })
  const status = await runKontor(['key', 'status'], environment)
  const shown = /^visibility_rules .* ([0-9a-f]{64})$/m.exec(status.stdout)?.[1] ?? ''
  t.not(shown, digest)
  t.match(await reseal(shown), { code: 0, stdout: /^visibility_rules: 1 rows sealed$/m })
  const { rows } = await sql.query(
    `select object_id, details from audit_events where action = 'rows.resealed'`,
  )
  t.match(rows.at(-1), {
    object_id: 'visibility_rules',
    details: { reason: 'looked at', digest: shown, rows: 1, accepted: 1, ids: forged },
  })
  t.equal((await admin('DELETE', `/api/visibility-rules/${forged}`)).status, 204)
  await refresh()
  t.equal((await stateOf('visibility_rules')).isRight, true)
  t.not(await services(mine.call), 0)
})

t.test('a quota that SQL raises, moves or deletes goes on to limit', async (t) => {
  const { body } = await admin('PUT', '/api/quotas', { organisation: 'ours', instances: 1 })
  const refused = { status: 400, body: { description: /quota of the organisation "ours"/ } }
  t.match(await order(mine.call), refused)
  for (const [column, value] of [
    ['instances', 100],
    ['organisation_id', theirs],
  ] as const) {
    const undo = await set('quotas', column, value, body.id)
    t.match(await order(mine.call), refused, column)
    t.equal((await stateOf('quotas')).isRight, false)
    await undo()
    t.equal((await stateOf('quotas')).isRight, true)
  }
  await sql.query('delete from quotas')
  t.match(await order(mine.call), refused, 'at once')
  await refresh()
  t.match(await order(mine.call), refused)
  t.equal((await stateOf('quotas')).isRight, false)
  await reseal('quotas')
  t.equal((await order(mine.call)).status, 201)
})

t.test('what SQL moves out of a quota goes on to count', async (t) => {
  const root = await organisation(kontor, 'root', 'bund')
  const left = await organisation(kontor, 'left', 'land', root)
  const onLeft = await platform(kontor, 'on-left', left)
  const onRight = await platform(
    kontor,
    'on-right',
    await organisation(kontor, 'right', 'land', root),
  )
  const { body } = await admin('PUT', '/api/quotas', { organisation: 'root', instances: 1 })
  t.equal((await order(onLeft.call)).status, 201)
  const refused = { status: 400, body: { description: /quota of the organisation "root"/ } }
  const taken = async () => (await admin('GET', `/api/quotas/${body.id}`)).body.taken
  for (const [table, id] of [
    ['organisations', left],
    ['platforms', onLeft.id],
  ] as const) {
    const column = table === 'organisations' ? 'parent_id' : 'organisation_id'
    // As an order of a time when the platform had no owner.
    if (table === 'platforms')
      await sql.query('update instances set organisation_id = null where platform_id = $1', [id])
    const undo = await set(table, column, null, id)
    t.match(await order(onRight.call), refused, table)
    t.equal(await taken(), 1)
    const fresh = await kontor.another()
    const call = caller(fresh.running.url ?? '', {
      authorization: onRight.authorization,
      'x-broker-api-version': '2.17',
    })
    t.match(await order(call), refused, `${table}: a process that never knew it`)
    await fresh.running.stop()
    await undo()
    t.equal(await taken(), 1)
  }
  await admin('PUT', '/api/quotas', { organisation: 'root', instances: 2 })
  await sql.query('delete from quotas')
  const undo = await set('organisations', 'parent_id', null, left)
  const replies = await Promise.all([1, 2, 3, 4].map((n) => order((n % 2 ? onLeft : onRight).call)))
  const accepted = replies.filter(({ status }) => status === 201)
  t.equal(accepted.length, 1, 'at once')
  await undo()
  await reseal('quotas')
})

t.test('mark and sets are read as of one moment', async (t) => {
  const { db, vault } = kontor.running.runtime
  const move = (change: (names: readonly string[]) => string[], held: () => Promise<void>) =>
    db.transaction().execute(async (tx) => {
      await raw`lock table sealed_sets in access exclusive mode`.execute(tx)
      const before = await readSealing(tx, vault)
      await moveMark(tx, vault, before, change(before.names), new Date())
      await held()
    })
  let reading: Promise<readonly unknown[]> | undefined
  await move(
    (names) => [...names, 'later(a)'],
    async () => {
      reading = listGenuineSets(db, vault)
      await until(
        async () =>
          (
            await sql.query('select from pg_stat_activity where query ~ $1 and wait_event = $2', [
              'sealed_sets',
              'relation',
            ])
          ).rowCount,
        (waiting) => waiting !== 0,
      )
    },
  )
  t.equal((await reading)?.length, sealedTables.length)
  await move(
    (names) => names.filter((name) => name !== 'later(a)'),
    async () => {},
  )
})

t.test('rows whose contents or MACs SQL swaps count for nothing', async (t) => {
  const swap = (columns: string) =>
    sql.query(
      `update platforms as one set (${columns}) =
         (select ${columns} from platforms as other
          where other.id = any($1::uuid[]) and other.id <> one.id)
       where one.id = any($1::uuid[])`,
      [[mine.id, other.id]],
    )
  for (const columns of ['organisation_id, kind', 'mac, kind']) {
    await swap(columns)
    await refresh()
    const both = [await services(mine.call), await services(other.call)]
    t.strictSame(both, [undefined, undefined], columns)
    t.match(await stateOf('platforms'), { damaged: [mine.id, other.id].toSorted() }, columns)
    await swap(columns)
    await refresh()
    t.equal((await stateOf('platforms')).isRight, true)
  }
})

t.test('an organisation that SQL resumes or moves keeps its state', async (t) => {
  await admin('POST', '/api/organisations/ours/suspend', { reason: 'test' })
  t.equal((await order(mine.call)).status, 403)
  const undo = await set('organisations', 'state', 'active', ours)
  t.equal((await order(mine.call)).status, 403)
  t.match(await stateOf('organisations'), { damaged: [ours] })
  await undo()
  await admin('POST', '/api/organisations/ours/resume', { reason: 'test' })
  t.equal((await order(mine.call)).status, 201)
})

t.test('a process that cannot trust an organisation binds nothing for it', async (t) => {
  const shared = await platform(kontor, 'shared', null)
  await map(kontor, shared.id, 'space', ours)
  const at = '/v2/service_instances/of-ours'
  const context = { platform: 'kubernetes', namespace: 'space', clusterid: 'c' }
  t.equal((await shared.call('PUT', at, { ...ids, ...here, context })).status, 201)
  t.equal((await shared.call('PUT', `${at}/service_bindings/b`, ids)).status, 201)
  await admin('POST', '/api/organisations/ours/suspend', { reason: 'test' })
  const undo = await set('organisations', 'state', 'active', ours)
  const started = await kontor.another()
  const there = caller(started.running.url ?? '', {
    authorization: shared.authorization,
    'x-broker-api-version': '2.17',
  })
  t.equal((await there('PUT', `${at}/service_bindings/c`, ids)).status, 503)
  t.equal((await there('GET', `${at}/service_bindings/b`)).status, 200)
  await undo()
  await admin('POST', '/api/organisations/ours/resume', { reason: 'test' })
  await started.running.stop()
})

t.test('an approval that SQL adds sends nothing to the origin', async (t) => {
  const undo = await set('providers', 'approved_origins', ['https://thief.example'], north.id)
  const undoRevision = await set('providers', 'revision', 99, north.id)
  t.equal((await order(other.call)).status, 503)
  t.match(await stateOf('providers'), { damaged: [north.id] })
  await undo()
  t.equal((await order(other.call)).status, 503, 'nor does the revision alone')
  await undoRevision()
  t.equal((await order(other.call)).status, 201, 'which is not taken for one that was read')
})

t.test('two processes that write one table at once leave it right', async (t) => {
  const revision = async () => {
    const { rows } = await sql.query(
      `select revision from sealed_sets where table_name = 'visibility_rules'`,
    )
    return Number(rows[0].revision)
  }
  const started = await kontor.another()
  const before = await revision()
  const made = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      (n % 2 === 0 ? admin : started.admin)('POST', '/api/visibility-rules', {
        effect: 'deny',
        who: { platform: 'shared' },
        what: { provider: 'north' },
        reason: `reason ${n}`,
      }),
    ),
  )
  t.strictSame([...new Set(made.map(({ status }) => status))], [201])
  const removed = await Promise.all(
    made.map(({ body }, n) =>
      (n % 3 === 0 ? admin : started.admin)('DELETE', `/api/visibility-rules/${body.id}`),
    ),
  )
  t.strictSame([...new Set(removed.map(({ status }) => status))], [204])
  t.equal(await revision(), before + 24)
  t.equal((await stateOf('visibility_rules')).isRight, true)
  await started.running.stop()
})

t.test('a process that reads in the middle of a write sees the table right', async (t) => {
  const { db } = kontor.running.runtime
  const lines = new Set<boolean>()
  const { promise: written, resolve: go } = Promise.withResolvers<void>()
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>()
  const write = writeAsKontor(db, 'organisations', { id: ours }, async (tx) => {
    await tx.updateTable('organisations').set({ level: 'bund' }).where('id', '=', ours).execute()
    go()
    await mayEnd
  })
  await written
  await refresh()
  lines.add((await stateOf('organisations')).isRight)
  const during = refresh()
  end()
  await Promise.all([write, during])
  lines.add((await stateOf('organisations')).isRight)
  await refresh()
  lines.add((await stateOf('organisations')).isRight)
  t.equal(await metricOf('organisations'), '0')
  t.strictSame([...lines], [true])
})

t.test('while rows are missing, restrictions hold at once, and the rest is refused', async (t) => {
  await organisation(kontor, 'lost', 'land')
  const lost = await platform(kontor, 'lost-platform', null)
  const issued = await admin('POST', `/api/platforms/${mine.id}/credentials`, { kind: 'basic' })
  const { id: credential, username, password } = issued.body
  const allow = { effect: 'allow', who: { platform: 'mine' }, what: { provider: 'north' } }
  const rule = await admin('POST', '/api/visibility-rules', { ...allow, reason: 'open' })
  const missing = [
    ['platform_credentials', 'platform_id', lost.id],
    ['platforms', 'id', lost.id],
    ['organisations', 'name', 'lost'],
    ['visibility_rules', 'id', rule.body.id],
  ]
  for (const [table, column, value] of missing) {
    await sql.query(`create temporary table lost_${table} as select * from ${table}`)
    await sql.query(`delete from lost_${table} where ${column}::text <> $1`, [value])
    await sql.query(`delete from ${table} where ${column}::text = $1`, [value])
  }
  await refresh()
  const signIn = caller(kontor.url, {
    'x-broker-api-version': '2.17',
    authorization: basicAuth(username, password),
  })
  t.equal((await signIn('GET', '/v2/catalog')).status, 200)
  const at = `/api/platforms/${mine.id}/credentials`
  t.equal((await admin('DELETE', `${at}/${credential}`)).status, 204)
  t.equal((await signIn('GET', '/v2/catalog')).status, 401)

  t.not(await services(mine.call), 0)
  const deny = { ...allow, effect: 'deny', reason: 'closed' }
  const denied = await admin('POST', '/api/visibility-rules', deny)
  t.equal(denied.status, 201)
  t.equal(await services(mine.call), 0)

  const suspend = (what: string) => admin('POST', `/api/${what}/suspend`, { reason: 'test' })
  t.equal((await suspend('organisations/theirs')).status, 200)
  t.equal((await order(other.call)).status, 403)
  t.equal((await suspend(`platforms/${mine.id}`)).status, 200)
  t.equal((await order(mine.call)).status, 403)

  const refused = (table: string) => ({
    status: 409,
    body: { detail: new RegExp(`^The table ${table} was changed past Kontor`) },
  })
  t.match(await admin('POST', at, { kind: 'basic' }), refused('platform_credentials'))
  const resume = (what: string) => admin('POST', `/api/${what}/resume`, { reason: 'test' })
  t.match(await resume(`platforms/${mine.id}`), refused('platforms'))
  t.match(await resume('organisations/theirs'), refused('organisations'))
  const undeny = () => admin('DELETE', `/api/visibility-rules/${denied.body.id}`)
  t.match(await undeny(), refused('visibility_rules'))

  for (const [table] of missing.toReversed())
    await sql.query(`insert into ${table} select * from lost_${table}`)
  t.equal((await resume(`platforms/${mine.id}`)).status, 200, 'it looks again')
  t.equal((await resume('organisations/theirs')).status, 200)
  t.equal((await undeny()).status, 204)
  t.equal((await order(mine.call)).status, 201)
  t.equal((await admin('DELETE', `/api/visibility-rules/${rule.body.id}`)).status, 204)
  t.equal((await order(other.call)).status, 201)
  t.equal((await admin('GET', '/api/integrity')).body.isRight, true)
})

t.test('a row that SQL altered leaves its table whole when Kontor deletes it', async (t) => {
  const made = await admin('POST', `/api/platforms/${mine.id}/credentials`, { kind: 'basic' })
  await set('platform_credentials', 'username', 'thief', made.body.id)
  t.match(await stateOf('platform_credentials'), { damaged: [made.body.id] })
  const at = `/api/platforms/${mine.id}/credentials/${made.body.id}`
  t.equal((await admin('DELETE', at)).status, 204)
  t.equal((await stateOf('platform_credentials')).isRight, true)
})

t.test('a mark that SQL removes, with all MACs, accepts no row', async (t) => {
  await sql.query('delete from vault_marks')
  await refresh()
  t.match(await stateOf('vault_marks'), { isRight: false })
  const tables = [
    'platforms',
    'platform_credentials',
    'organisations',
    'visibility_rules',
    'quotas',
  ] as const
  await sql.query('delete from sealed_sets')
  for (const table of tables) await sql.query(`update ${table} set mac = null`)
  await refresh()
  t.equal((await order(other.call)).status, 401)
  const fresh = await kontor.another()
  t.equal((await fresh.call('GET', '/v2/catalog')).status, 503)
  await fresh.running.stop()
  for (const table of tables) await reseal(table)
  const others = [
    'api_tokens',
    'invitations',
    'memberships',
    'organisation_mappings',
    'people',
    'providers',
    'registrations',
  ] as const
  for (const table of others) await reseal(table)
  t.equal((await admin('GET', '/api/integrity')).body.isRight, true)
  t.equal((await order(other.call)).status, 201)
})

t.test(
  'tables and columns that join later are sealed, and an older mark ends that not',
  async (t) => {
    const { db, vault } = kontor.running.runtime
    await admin('PUT', '/api/quotas', { organisation: 'ours', instances: 1 })
    // As a release sealed it that knew no quotas and fewer columns of providers.
    const names = newestNames
      .filter((name) => !name.startsWith('quotas('))
      .map((name) => (name.startsWith('providers(') ? 'providers(name,approved_origins)' : name))
    await withLockedTables(db, ['providers', 'quotas'], async (tx) => {
      const now = new Date()
      await moveMark(tx, vault, await readSealing(tx, vault), names, now)
      await sealAnew(tx, vault, names, 'providers', now)
    })
    const joined = ['quotas', 'providers'] as const
    const unseal = async () => {
      await sql.query(`delete from sealed_sets where table_name = 'quotas'`)
      await sql.query('update quotas set mac = null')
    }
    await unseal()
    // The first process has seen that both are sealed.
    const before = await kontor.another()
    const look = async ({ running: { runtime } }: typeof before) => {
      await runtime.refresh()
      const { tables, isMarkRight } = await verifySealed(runtime.db)
      return [
        isMarkRight,
        ...joined.map((name) => {
          const report = tables.find(({ table }) => table === name)
          return [report?.isSealed, report?.isWhole, report?.damaged.length]
        }),
      ]
    }
    t.strictSame(await look(before), [true, [false, true, 0], [true, true, 0]])
    const rename = { displayName: 'Northern' }
    t.match(
      await before.admin('PATCH', `/api/providers/${north.id}`, rename),
      { status: 200 },
      'and writes them so',
    )
    for (const table of ['vault_marks', 'sealed_sets', 'providers'])
      await sql.query(`create temporary table older_${table} as select * from ${table}`)
    t.match(await runKontor(['key', 'seal-rows'], environment), {
      code: 0,
      stdout: /^providers: 1 rows sealed\nquotas: 1 rows sealed\n/,
    })
    t.strictSame(await look(before), [true, [true, true, 0], [true, true, 0]])

    // The older mark with all that belongs to the two tables.
    for (const [table, columns, key] of [
      ['vault_marks', 'since, tables, mac', 'name'],
      ['sealed_sets', 'revision, digest, mac', 'table_name'],
      ['providers', 'mac', 'id'],
    ])
      await sql.query(
        `update ${table} as now set (${columns}) = (select ${columns} from older_${table} as older
         where older.${key} = now.${key})
       where now.${key}::text <> all ($1)`,
        [newestNames.map(tableOfName).filter((name) => name !== 'providers')],
      )
    await unseal()
    t.strictSame(await look(before), [false, [true, false, 1], [true, false, 1]])
    const started = await kontor.another()
    t.strictSame(await look(started), [true, [true, false, 1], [true, false, 1]])
    t.equal(
      (await started.call('GET', '/v2/catalog')).status,
      503,
      'other sets name the later ones',
    )
    await started.running.stop()
    await before.running.stop()
  },
)

t.test('a write that changes no row leaves the sealed set as it is', async (t) => {
  const { db } = kontor.running.runtime
  const revision = async () =>
    (await sql.query(`select revision from sealed_sets where table_name = 'platform_credentials'`))
      .rows[0].revision
  const { rows } = await sql.query('select id, password_digest from platform_credentials limit 1')
  const { id, password_digest: digest } = rows[0]
  const before = await revision()
  const renewals = createDigestRenewals(db, (error) => t.fail(String(error)))
  // As the second of two processes that move the digest of one password.
  renewals.note(id, Buffer.from('what it was before the first'), digest)
  await renewals.close()
  await renewals.flush()
  t.equal(await revision(), before)
  renewals.note(id, digest, Buffer.alloc(32))
  await renewals.flush()
  t.equal(BigInt(await revision()), BigInt(before) + 1n)
  renewals.note(id, Buffer.alloc(32), digest)
  await renewals.flush()
})
