// Linking while orders go on: no event is lost, no order waits, and events name actor and object.
import { execFile } from 'node:child_process'
import { readFile, rename, stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import pg from 'pg'
import t from 'tap'
import { verifyAudit } from '../../src/audit/chain/verify.ts'
import { asOwner } from '../support/as-owner.ts'
import { finished, here, startKontor, until } from '../support/kontor.ts'
import { answer, scriptedUpstream, type Script } from '../support/scripted-upstream.ts'

t.setTimeout(90_000)

const program = fileURLToPath(new URL('../../bin/kontor.js', import.meta.url))
const file = join(t.testdir(), 'checkpoints.jsonl')
let answerCheckpoint: Script = answer(204, '')
const site = await scriptedUpstream(t, (request, response) => {
  answerCheckpoint(request, response)
})
const kontor = await startKontor(t, {
  environment: {
    KONTOR_CHECKPOINT_SECONDS: '0.2',
    KONTOR_CHECKPOINTS_FILE: file,
    KONTOR_CHECKPOINTS_URL: `${site.url.replace('//', '//kontor:hunter2@')}/checkpoints`,
  },
})
const other = await kontor.another()
const { admin, call } = kontor
const { db } = kontor.running.runtime
const at = (id: string) => `/v2/service_instances/${id}`

async function verify(): Promise<{ findings: string[]; events: number; waiting: number }> {
  const findings: string[] = []
  return {
    ...(await verifyAudit(db, {
      onFinding: (sentence) => {
        findings.push(sentence)
      },
    })),
    findings,
  }
}

const audited = async (objectId: string) =>
  db
    .selectFrom('audit_events')
    .select([
      'actor',
      'action',
      'object_kind',
      'outcome',
      'platform_id',
      'provider_id',
      'instance_id',
      'details',
    ])
    .where('object_id', '=', objectId)
    .orderBy('id')
    .execute()

t.test(
  'of many orders at a time, on two processes that both link, every event is linked once',
  async (t) => {
    const { view } = await kontor.addProvider('many', { concurrency: 40 })
    const ids = await kontor.find('many', 'db', 'small')
    const names = Array.from({ length: 40 }, (_, n) => `many-${n}`)
    const replies = await Promise.all(
      names.map((name, n) =>
        (n % 2 === 0 ? call : other.call)('PUT', `${at(name)}?accepts_incomplete=${n % 4 < 3}`, {
          ...ids,
          ...here,
        }),
      ),
    )
    // The provider has a slot for each order, so only a slow machine answers 202.
    for (const [n, { status }] of replies.entries())
      t.ok(status === 201 || (status === 202 && n % 4 < 3), `many-${n}: ${status}`)
    for (const name of names) t.equal((await finished(call, at(name))).body.state, 'succeeded')
    await until(verify, ({ waiting }) => waiting === 0)
    const seen = await verify()
    t.strictSame(seen.findings, [])
    t.ok(seen.events >= 70, 'accepted and ended, each')
    const whose = {
      actor: /^platform:/,
      action: 'instance.provision',
      object_kind: 'instance',
      provider_id: view.id,
      details: { operationId: /-/, orderedAt: /^20.*Z$/ },
    }
    t.match(await audited('many-6'), [
      { ...whose, outcome: 'accepted', instance_id: 'many-6' },
      { ...whose, outcome: 'succeeded', instance_id: 'many-6' },
    ])
    const atOnce = await audited('many-7')
    t.match(atOnce, [{ ...whose, outcome: 'succeeded', instance_id: 'many-7' }])
    t.equal(atOnce.length, 1, 'an order whose platform does not wait is recorded once, at its end')
  },
)

t.test('an order succeeds while the transaction of a linker is open', async (t) => {
  await kontor.addProvider('still')
  const ids = await kontor.find('still', 'db', 'small')
  const linker = new pg.Client({ connectionString: kontor.databaseUrl })
  await linker.connect()
  t.teardown(() => linker.end())
  await linker.query('begin')
  await linker.query('select * from audit_head for update')
  await linker.query('select * from audit_unlinked for update')
  t.equal((await call('PUT', at('still-1'), { ...ids, ...here })).status, 201)
  t.equal((await call('PUT', `${at('still-1')}/service_bindings/b`, { ...ids })).status, 201)
  t.match(
    (await kontor.admin('GET', '/metrics')).text,
    /^kontor_audit_unlinked [1-9]/m,
    'waiting events are counted',
  )
  t.ok((await verify()).waiting > 0)
  await linker.query('rollback')
  t.match(await until(verify, ({ waiting }) => waiting === 0), { findings: { length: 0 } })
})

t.test('an event that is committed after one with a higher id is linked after it', async (t) => {
  const late = new pg.Client({ connectionString: kontor.databaseUrl })
  await late.connect()
  t.teardown(() => late.end())
  await late.query('begin')
  const { rows } = await late.query<{ id: string }>(
    'insert into audit_events (at, actor, action, object_kind, object_id, outcome) ' +
      "values (now(), 'x', 'late', 'y', 'late', 'z') returning id",
  )
  const id = rows[0]?.id ?? ''
  t.equal(
    (
      await admin(
        'POST',
        `/api/providers/${(await admin('GET', '/api/providers')).body.items[0].id}/refresh`,
      )
    ).status,
    200,
  )
  await until(
    async () =>
      (await db.selectFrom('audit_links').select('position').where('event_id', '>', id).execute())
        .length,
    (higher) => higher > 0,
  )
  await late.query('commit')
  const link = await until(
    () =>
      db.selectFrom('audit_links').select('position').where('event_id', '=', id).executeTakeFirst(),
    (found) => found !== undefined,
  )
  const higher = await db
    .selectFrom('audit_links')
    .select('position')
    .where('event_id', '>', id)
    .orderBy('position')
    .executeTakeFirstOrThrow()
  t.ok(Number(higher.position) < Number(link?.position))
})

t.test('reads of credentials, catalog refreshes and canceled orders are recorded', async (t) => {
  const { view } = await kontor.addProvider('own', {
    behaviours: { '*': { mode: 'async', provisionSeconds: 60 } },
  })
  const ids = await kontor.find('own', 'db', 'small')
  await kontor.addProvider('quick')
  const quick = await kontor.find('quick', 'db', 'small')
  t.equal((await call('PUT', at('own-q'), { ...quick, ...here })).status, 201)
  t.equal((await call('PUT', `${at('own-q')}/service_bindings/own-b`, { ...quick })).status, 201)
  t.equal((await call('GET', `${at('own-q')}/service_bindings/own-b`)).status, 200)
  t.match(
    (await audited('own-b')).map(
      ({ action, outcome, instance_id: instance }) => `${action} ${outcome} ${instance}`,
    ),
    ['binding.bind succeeded own-q', 'credentials.read succeeded own-q'],
  )
  t.equal((await call('PUT', `${at('own-q')}/service_bindings/own-b`, { ...quick })).status, 200)
  t.strictSame(
    (await audited('own-b')).slice(2),
    (await audited('own-b')).slice(1, 2),
    'repeating the order reads them too',
  )
  t.equal((await call('GET', `${at('own-q')}/service_bindings/none`)).status, 404)
  t.strictSame(await audited('none'), [], 'a binding that does not exist was not read')

  t.equal((await admin('POST', `/api/providers/${view.id}/refresh`)).status, 200)
  t.match(
    (await audited(view.id)).map(({ actor, action, outcome }) => `${actor} ${action} ${outcome}`),
    [
      'admin provider.registered succeeded',
      'kontor catalog.published succeeded',
      'admin provider.refreshed unchanged',
    ],
  )
  t.equal(
    (await call('PUT', `${at('own-h')}?accepts_incomplete=true`, { ...ids, ...here })).status,
    202,
  )
  t.equal(
    (
      await call(
        'DELETE',
        `${at('own-h')}?accepts_incomplete=true&service_id=${ids.service_id}` +
          `&plan_id=${ids.plan_id}`,
      )
    ).status,
    202,
  )
  t.match(
    (await audited('own-h'))
      .map(({ action, outcome }) => `${action} ${outcome}`)
      .slice(0, 3)
      .toSorted(),
    ['instance.deprovision accepted', 'instance.provision accepted', 'instance.provision failed'],
  )
})

interface WrittenLine {
  readonly at: string
  readonly position: number
  readonly checkpoint: string
}

async function writtenLines(): Promise<WrittenLine[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as WrittenLine)
}

async function verifyByCommand(args: readonly string[], input = '') {
  const running = promisify(execFile)(process.execPath, [program, 'audit', 'verify', ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      DATABASE_URL: kontor.environment['DATABASE_URL'],
      KONTOR_KEYS: kontor.environment['KONTOR_KEYS'] ?? '',
    },
  })
  running.child.stdin?.end(input)
  return running.then(
    (out) => ({ code: 0, ...out }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      stdout: error.stdout,
      stderr: error.stderr,
    }),
  )
}

let acts = 0
/** Leaves an audit event, and waits for the checkpoint that counts it. */
async function act(): Promise<void> {
  const before = (await writtenLines()).at(-1)?.position ?? 0
  const name = `checkpoint-${++acts}`
  const made = await admin('POST', '/api/organisations', { name, displayName: name, level: 'land' })
  if (made.status !== 201) throw new Error(made.text)
  await until(writtenLines, (lines) => (lines.at(-1)?.position ?? 0) > before)
}

/** A request with this checkpoint or a later one, which may take its place. */
function postedSince(at = '') {
  return site.requests.find(({ body }) => (body as WrittenLine).at >= at)
}

/** The sum over both processes. */
async function metric(name: string): Promise<number> {
  const texts = await Promise.all(
    [admin, other.admin].map(async (by) => (await by('GET', '/metrics')).text),
  )
  return texts.reduce((sum, text) => {
    const line = text.split('\n').find((each) => each.startsWith(`${name} `))
    return sum + Number(line?.split(' ')[1] ?? 0)
  }, 0)
}

t.test('two processes write one checkpoint between them, to a file and an address', async (t) => {
  for (let n = 0; n < 3; n++) await act()
  const lines = await writtenLines()
  t.ok(lines.length > 3)
  t.equal(new Set(lines.map(({ checkpoint }) => checkpoint)).size, lines.length)
  const times = lines.map(({ at }) => Date.parse(at))
  t.strictSame(
    times.slice(1).filter((time, index) => time - (times[index] ?? 0) < 200),
    [],
    'one for each interval',
  )
  t.equal((await stat(file)).mode & 0o777, 0o600)
  const last = await until(
    () => postedSince(lines.at(-1)?.at),
    (request) => request !== undefined,
  )
  t.match(last, { method: 'POST', path: '/checkpoints' })
  const sent = last?.body as WrittenLine
  t.strictSame(
    sent,
    await until(
      async () => (await writtenLines()).find(({ checkpoint }) => checkpoint === sent.checkpoint),
      (line) => line !== undefined,
    ),
  )
  t.equal(last?.headers.authorization, `Basic ${btoa('kontor:hunter2')}`)
  t.equal(await metric('kontor_checkpoint_conflicts'), 0)
  t.ok((await metric('kontor_checkpoint_timestamp_seconds')) > 2 * 1_700_000_000)

  await rename(file, `${file}.1`)
  await act()
  t.equal((await stat(file)).mode & 0o777, 0o600, 'a file that is renamed is followed by another')
})

t.test('an address that fails or hangs holds up nothing and then gets the newest', async (t) => {
  const failures = () => metric('kontor_checkpoint_failures{destination="url"}')
  answerCheckpoint = answer(500)
  await act()
  await until(failures, (count) => count > 0)
  answerCheckpoint = answer(302, '', { location: `${site.url}/elsewhere` })
  const failed = await failures()
  await until(failures, (count) => count > failed)

  const held: ServerResponse[] = []
  answerCheckpoint = (_request, response) => {
    held.push(response)
  }
  await until(
    () => held.length,
    (count) => count > 0,
  )
  const asked = site.requests.length
  const written = (await writtenLines()).length
  for (let n = 0; n < 4; n++) await act()
  t.equal((await call('GET', '/v2/catalog')).status, 200)
  const newest = await writtenLines()
  t.ok(newest.length >= written + 4)
  t.ok(site.requests.length <= asked + 1, 'each process sends one at a time')
  answerCheckpoint = answer(200)
  for (const response of held) response.end()
  await until(
    () => postedSince(newest.at(-1)?.at),
    (request) => request !== undefined,
  )
  await until(failures, (count) => count === 0)
  t.notOk(site.requests.some(({ path }) => path === '/elsewhere'))
})

t.test('kontor audit verify reports findings by its exit code and its last line', async (t) => {
  const run = (...args: string[]) => verifyByCommand(args)
  const good = await run()
  t.match(good, { code: 0, stderr: '', stdout: /^\d+ events, head \d+:[0-9a-f]{64}/ })
  const [head = ''] = /\d+:[0-9a-f]{64}/.exec(good.stdout) ?? []
  t.match(await run('--head', head), { code: 0 })
  t.match(await run('--checkpoints', file, '--checkpoints', `${file}.1`), {
    code: 0,
    stdout: /^checkpoints: \d+, the newest of 20.*Z\n\d+ events, head/,
  })
  t.match(await run('--head', `1:${'0'.repeat(64)}`), {
    code: 1,
    stdout: /^Position 1 is not the one that was noted/,
    stderr: /^kontor: The audit log is not whole: 1 finding\.\n$/,
  })
  t.match(await run('--head', 'x'), { code: 1, stderr: /^kontor: A head is a position, a colon/ })
  const owner = new pg.Client({ connectionString: kontor.databaseUrl })
  await owner.connect()
  t.teardown(() => owner.end())
  await owner.query("set session_replication_role = 'replica'")
  await owner.query("update audit_events set actor = 'mallory' where id = 1")
  t.match(await run(), {
    code: 1,
    stdout: /^Changed: position \d+, event 1 is not as it was linked\.\n\d+ events, head/,
  })
})

t.test('a cut end shows in the metrics, and kontor audit verify finds it', async (t) => {
  const owner = asOwner(t, kontor)
  const { position, hash, seal } = await owner
    .selectFrom('audit_head')
    .select(['position', 'hash', 'seal'])
    .executeTakeFirstOrThrow()
  await act()
  await owner.transaction().execute(async (tx) => {
    await sql`set local session_replication_role = 'replica'`.execute(tx)
    await sql`with cut as (delete from audit_links where position > ${position} returning event_id)
      delete from audit_events using cut where id = event_id`.execute(tx)
    await tx.updateTable('audit_head').set({ position, hash, seal }).execute()
  })
  await until(
    () => metric('kontor_checkpoint_conflicts'),
    (count) => count > 0,
  )
  const log = (await readFile(file, 'utf8')).replaceAll(/^/gm, 'host kontor[1]: ')
  t.match(await verifyByCommand(['--checkpoints', '-'], log), {
    code: 1,
    stdout: /^Cut off: the chain went to position \d+ at the checkpoint of 20.*ends with \d+\.$/m,
  })
})
