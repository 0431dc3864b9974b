// Reading the audit log: filters, access scopes, exports, and that each of these is recorded too.
import { execFile, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import pg from 'pg'
import { Registry } from 'prom-client'
import t from 'tap'
import { request } from 'undici'
import { buildApp } from '../../src/app.ts'
import { parseHead } from '../../src/audit/chain/head-text.ts'
import { csvRecord } from '../../src/csv.ts'
import { checkExport } from '../../src/audit/reading/check.ts'
import { exportEvents } from '../../src/audit/reading/export.ts'
import { lookUpEvents } from '../../src/audit/reading/look-up-events.ts'
import { record } from '../../src/audit/record.ts'
import { apiScope } from '../../src/http/api/scope.ts'
import { publicScope } from '../../src/http/public/scope.ts'
import { newOpaqueId } from '../../src/ids.ts'
import type { AuditEventView } from '../../src/types.gen.ts'
import { acceptRows } from '../support/accept-rows.ts'
import { startKontor, until } from '../support/kontor.ts'

t.setTimeout(90_000)

const program = fileURLToPath(new URL('../../bin/kontor.js', import.meta.url))
const kontor = await startKontor(t)
const { admin, call } = kontor
const { db, now, directory } = kontor.running.runtime
const token = kontor.environment['KONTOR_ADMIN_TOKEN'] ?? ''

const land = newOpaqueId()
const stadt = newOpaqueId()
const elsewhere = newOpaqueId()
await db
  .insertInto('organisations')
  .values([
    {
      id: land,
      name: 'land',
      display_name: 'Land',
      level: 'land',
      parent_id: null,
      created_at: now(),
      updated_at: now(),
    },
    {
      id: stadt,
      name: 'stadt',
      display_name: 'Stadt',
      level: 'kommune',
      parent_id: land,
      created_at: now(),
      updated_at: now(),
    },
    {
      id: elsewhere,
      name: 'elsewhere',
      display_name: 'Elsewhere',
      level: 'kommune',
      parent_id: null,
      created_at: now(),
      updated_at: now(),
    },
  ])
  .execute()
await acceptRows(db, 'organisations')
await directory.reload()

const write = (n: number, organisationId: string, at: string, more = {}) =>
  record(db, {
    at: new Date(at),
    actor: 'platform:p',
    action: 'instance.provision',
    objectKind: 'instance',
    objectId: `r-${n}`,
    outcome: 'succeeded',
    organisationId,
    details: { n },
    ...more,
  })
for (let n = 1; n <= 6; n++)
  await write(n, [land, stadt, elsewhere][n % 3] ?? '', `2020-01-0${n}T12:00:00Z`)
const linked = () =>
  until(
    async () => (await admin('GET', '/metrics')).text,
    (text) => /^kontor_audit_unlinked 0$/m.test(text),
  )
// Reading is recorded too, so this query must not find its own event.
const last = async (action: string) =>
  (
    await admin(
      'GET',
      `/api/audit/events?limit=1&objectKind=audit&action=${encodeURIComponent(action)}`,
    )
  ).body.items[0] as AuditEventView

t.test(
  'events are filtered by time, organisation, object, actor, action and outcome',
  async (t) => {
    const found = async (query: string) =>
      (await admin('GET', `/api/audit/events?${query}`)).body.items.map(
        ({ objectId }: AuditEventView) => objectId,
      )
    const old = 'to=2021-01-01'
    t.strictSame(await found(old), ['r-6', 'r-5', 'r-4', 'r-3', 'r-2', 'r-1'], 'newest first')
    t.strictSame(
      await found('from=2020-01-02T12:00:00Z&to=2020-01-04T13:00:00%2B01:00'),
      ['r-3', 'r-2'],
      '`from` is included, `to` is not',
    )
    t.strictSame(await found(`organisation=${stadt}`), ['r-4', 'r-1'])
    t.strictSame(
      await found(`organisation=${land.toUpperCase()}`),
      ['r-6', 'r-4', 'r-3', 'r-1'],
      'with the organisations below it',
    )
    t.strictSame(await found('organisation=land'), ['r-6', 'r-4', 'r-3', 'r-1'], 'by name')
    t.strictSame(await found('objectKind=instance&objectId=r-5'), ['r-5'])
    t.strictSame(await found(`${old}&actor=nobody`), [])
    t.strictSame(await found(`${old}&action=instance.provision&outcome=succeeded&limit=1`), ['r-6'])
    const pages: string[] = []
    for (let cursor = '', rounds = 0; rounds < 3; rounds++) {
      const { body } = await admin('GET', `/api/audit/events?${old}&limit=2${cursor}`)
      pages.push(...body.items.map(({ objectId }: AuditEventView) => objectId))
      cursor = `&cursor=${body.next}`
      t.equal(body.next === null, rounds === 2)
    }
    t.strictSame(pages, ['r-6', 'r-5', 'r-4', 'r-3', 'r-2', 'r-1'])
  },
)

t.test(
  'a filter by an action finds the events that 0.1 stored under its former name',
  async (t) => {
    const former = [
      ['create', 'platform'],
      ['create', 'quota'],
      ['create', 'visibility_rule'],
      ['map', 'platform'],
      ['read credentials', 'binding'],
      ['provision', 'instance'],
      ['late-provision', 'instance'],
    ]
    for (const [action, objectKind] of former)
      await sql`insert into audit_events (at, actor, action, object_kind, object_id, outcome)
      values ('2018-01-01', 'admin', ${action}, ${objectKind}, 'former', 'succeeded')`.execute(db)
    const find = async (action: string) => {
      const filter = `objectId=former&action=${encodeURIComponent(action)}`
      const { body } = await admin('GET', `/api/audit/events?${filter}`)
      const exported = await admin('GET', `/api/audit/export?format=jsonl&${filter}`)
      const lines = exported.text.split('\n').filter((line) => line !== '')
      const shown = (event: AuditEventView) => `${event.action} ${event.objectKind}`
      const found = body.items.map(shown).toReversed()
      t.strictSame(
        lines.map((line) => shown(JSON.parse(line) as AuditEventView)),
        found,
        `${action}: the export has the same events`,
      )
      return found
    }
    t.strictSame(await find('platform.created'), ['create platform'])
    t.strictSame(await find('quota.created'), ['create quota'])
    t.strictSame(await find('visibility-rule.created'), ['create visibility_rule'])
    t.strictSame(await find('organisation.created'), [], 'the word of 0.1, but another kind')
    t.strictSame(await find('mapping.created'), ['map platform'])
    t.strictSame(await find('mapping.changed'), ['map platform'], '0.1 had one word for both')
    t.strictSame(await find('mapping.removed'), [])
    t.strictSame(await find('credentials.read'), ['read credentials binding'])
    t.strictSame(await find('instance.completed-late'), ['late-provision instance'])
    t.strictSame(await find('instance.provision'), ['provision instance'])
    t.strictSame(
      await find('create'),
      ['create platform', 'create quota', 'create visibility_rule'],
      'the former name finds them too',
    )
    t.strictSame(await find('constructor'), [])

    await write(1, elsewhere, '2018-02-01T00:00:00Z', { objectId: 'former' })
    t.strictSame(
      await find('instance.provision'),
      ['provision instance', 'instance.provision instance'],
      'a new event is stored under the new name, and both are found',
    )
    t.strictSame(await find('provision'), ['provision instance'])
  },
)

t.test('reading is recorded with its actor and filters', async (t) => {
  await admin('GET', '/api/audit/events?organisation=stadt&from=2020-01-01')
  t.match(await last('audit.read'), {
    actor: 'admin',
    action: 'audit.read',
    objectKind: 'audit',
    outcome: 'succeeded',
    details: { organisation: stadt, from: '2020-01-01T00:00:00.000Z', events: 2 },
  })
})

t.test('an invalid value is refused with the name of its field', async (t) => {
  const bad: ReadonlyArray<readonly [query: string, says: RegExp]> = [
    ['from=yesterday', /^from must match/],
    ['to=2020-13-01', /^to is not a time/],
    ['from=0000-01-01', /^from must be in the years 1 to 9999/],
    ['to=0001-01-01T00:00:00%2B01:00', /^to must be in the years/],
    ['from=9999-12-31T23:59:59-01:00', /^from must be in the years/],
    ['organisation=nobody', /^organisation: there is no organisation "nobody"/],
    [`organisation=${newOpaqueId()}`, /^organisation: there is no/],
    ['limit=1001', /^limit must match/],
    ['cursor=x', /^cursor must match/],
    ['actor=', /^actor must not be empty/],
    ['actor=a%00b', /^actor must match/],
    ['who=me', /^who is not a known field/],
  ]
  for (const [query, says] of bad) {
    t.match(
      await admin('GET', `/api/audit/events?${query}`),
      { status: 400, body: { detail: says } },
      query,
    )
    if (!/^(limit|cursor)/.test(query))
      t.match(
        await admin('GET', `/api/audit/export?format=csv&${query}`),
        { status: 400, body: { detail: says } },
        query,
      )
  }
  t.match(await admin('GET', '/api/audit/export'), {
    status: 400,
    body: { detail: /^format is missing/ },
  })
  for (const query of ['from=0001-01-01T00:00:00Z', 'to=9999-12-31T23:59:59.999Z'])
    t.equal((await admin('GET', `/api/audit/events?limit=1&${query}`)).status, 200, query)
  for (const path of ['/api/audit/events', '/api/audit/export?format=csv'])
    t.equal((await call('GET', path)).status, 401, 'a platform may not')
})

t.test('an agency finds and exports only events of its own organisations', async (t) => {
  const reader = { actor: 'person:1', organisations: [stadt] }
  const page = await lookUpEvents({ db, now }, reader, {}, { limit: 100, before: undefined })
  t.strictSame(
    page.items.map(({ objectId }) => objectId),
    ['r-4', 'r-1'],
  )
  let text = ''
  for await (const part of (
    await exportEvents(
      { db, now },
      { actor: 'person:1', organisations: [stadt, land] },
      { objectKind: 'instance' },
      'jsonl',
    )
  ).lines)
    text += part
  t.strictSame(
    text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as AuditEventView).objectId),
    ['r-1', 'r-3', 'r-4', 'r-6'],
  )
  t.strictSame(
    (
      await lookUpEvents(
        { db, now },
        { actor: 'person:1', organisations: [] },
        {},
        { limit: 100, before: undefined },
      )
    ).items,
    [],
    'of none',
  )
})

t.test(
  'an export as JSON Lines is complete, can be checked on its own, and is recorded before ' +
    'and after',
  async (t) => {
    for (let n = 0; n < 1_200; n++)
      await write(n + 100, elsewhere, '2022-01-01T00:00:00Z', { action: 'flood' })
    await linked()
    const { status, headers, text } = await admin('GET', '/api/audit/export?format=jsonl')
    t.equal(status, 200)
    t.match(headers, {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
      'content-disposition': /^attachment; filename="kontor-audit-\d{4}-\d\d-\d\d\.jsonl"$/,
    })
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEventView)
    t.equal(events.filter(({ action }) => action === 'flood').length, 1_200)
    t.equal(new Set(events.map(({ id }) => id)).size, events.length)
    t.strictSame(
      events.map(({ position }) => position),
      events.map((_, index) => index + 1),
      'every position, in order',
    )
    const head = `${events.length}:${events.at(-1)?.hash}`
    t.equal(headers['kontor-audit-end'], head)
    const exported = await until(
      () => last('audit.exported'),
      ({ outcome }) => outcome === 'succeeded',
    )
    t.match(exported, {
      action: 'audit.exported',
      details: { format: 'jsonl', events: events.length },
    })
    const begun = (
      await admin('GET', '/api/audit/events?action=audit.exported&outcome=accepted&limit=1')
    ).body.items[0]
    t.ok(BigInt(begun.id) < BigInt(exported.id))

    const lines = text.trim().split('\n')
    const n = lines.length
    const forge = (line: string | undefined) =>
      line?.replace(/"actor":"[^"]*"/, '"actor":"mallory"') ?? ''
    const unlinked = JSON.stringify({ ...events[3], position: null, hash: null, linkedAt: null })
    const check = async (
      lines: readonly string[],
      { after, head, isPart }: { after?: string; head?: string; isPart?: boolean } = {},
    ) => {
      const found: string[] = []
      const note = (text: string | undefined) => (text === undefined ? undefined : parseHead(text))
      const { events, followed, unlinked } = await checkExport(Readable.from(lines), {
        after: note(after),
        noted: note(head),
        isPart,
        onFinding: (sentence) => {
          found.push(sentence)
        },
      })
      return { events, followed, unlinked, found }
    }
    t.match(await check(lines, { head }), { events: n, followed: n, found: { length: 0 } })
    t.match(await check(lines, { head: `${n}:${'0'.repeat(64)}` }), {
      found: [/is not the one that was noted/],
    })
    t.match(await check(lines.with(10, forge(lines[10]))), {
      found: [`Changed: position 11, event ${events[10]?.id} does not have its hash.`],
    })
    t.strictSame(
      (await check(lines.with(10, forge(lines[10])).toSpliced(9, 1))).found,
      ['Removed: position 10 is missing.'],
      'one is removed and the next one changed',
    )
    t.strictSame((await check(lines.toSpliced(9, 3))).found, [
      'Removed: position 10 to 12 is missing.',
    ])
    t.strictSame(
      (await check([...lines, forge(lines[3])])).found,
      [`Inserted: position 4, event ${events[3]?.id} comes after position ${n}.`],
      'a second event at the same position',
    )
    t.match((await check([...lines, unlinked])).found, [/^Inserted: line \d+ is not linked/])
    t.equal(
      (await check([lines[1] ?? '', lines[0] ?? '', ...lines.slice(2)])).found.length,
      2,
      'out of order',
    )
    t.strictSame(
      (await check(lines.slice(0, 4), { head })).found,
      [`Position ${n}, which was noted, is not in the file: it ends with 4.`],
      'cut off',
    )
    t.strictSame((await check(['{', '[]', ''])).found, [
      'Line 1 is no event.',
      'Line 2 is no event.',
    ])

    const after = `5:${events[4]?.hash}`
    t.strictSame(
      (await check(lines.slice(5), { after, head })).found,
      [],
      'an export that continues an earlier one',
    )
    t.strictSame((await check(lines.slice(6), { after })).found, [
      'Removed: position 6 is missing.',
    ])
    t.strictSame((await check(lines.slice(5))).found, ['Removed: position 1 to 5 is missing.'])
    t.match((await check(lines.slice(5), { after: `5:${'0'.repeat(64)}` })).found, [
      /^Changed: position 6,/,
    ])

    const part = lines.toSpliced(9, 1).toReversed()
    t.match(
      await check([...part, unlinked], { isPart: true }),
      { events: n, followed: n - 2, unlinked: 1, found: { length: 0 } },
      'in any order, with gaps',
    )
    t.match((await check([...part, forge(lines[3])], { isPart: true })).found, [
      /^Inserted: position 4, event \d+ is there twice/,
    ])
    t.match((await check(part.with(20, forge(part[20])), { isPart: true })).found, [
      /^Changed: position/,
    ])
    t.match((await check(part, { isPart: true, head: `10:${events[9]?.hash}` })).found, [
      /^Position 10, which was noted, is not in the file/,
    ])

    const file = join(t.testdir(), 'audit.jsonl')
    await writeFile(file, text)
    t.match(await cli(['audit', 'check', file, '--head', head], {}), {
      code: 0,
      stderr: '',
      stdout: `${n} events, ${n} of them checked against the one before, up to ${head}\n`,
    })
    await writeFile(file, lines.slice(5).join('\n'))
    t.match(await cli(['audit', 'check', file], {}), {
      code: 1,
      stdout: /^Removed: position 1 to 5 is missing/,
      stderr: /is not as Kontor linked it: 1 finding\.$/m,
    })
    t.match(await cli(['audit', 'check', file, '--partial'], {}), { code: 0 })
    t.match(await cli(['audit', 'check', `${file}.none`], {}), {
      code: 1,
      stderr: /^kontor: ENOENT/,
    })
  },
)

t.test('consecutive exports lose no event that is committed late', async (t) => {
  const take = async (query: string) => {
    const { status, headers, text, body } = await admin(
      'GET',
      `/api/audit/export?format=jsonl${query}`,
    )
    return {
      status,
      end: String(headers['kontor-audit-end']),
      ids:
        status === 200
          ? text
              .split('\n')
              .filter((line) => line !== '')
              .map((line) => (JSON.parse(line) as AuditEventView).objectId)
          : [],
      detail: body?.detail,
    }
  }
  // As another process of Kontor; what another role writes has no start that can be seen.
  const late = new pg.Client({ connectionString: kontor.environment['DATABASE_URL'] })
  const foreign = new pg.Client({ connectionString: kontor.databaseUrl })
  for (const client of [late, foreign]) {
    await client.connect()
    t.teardown(() => client.end())
  }
  await foreign.query('begin; lock table audit_events in row exclusive mode')
  t.equal((await take('&from=2000-01-01')).end, '1970-01-01T00:00:00.000Z')
  await foreign.query('commit')
  await late.query('begin')
  const begun =
    (
      await late.query<{ at: Date }>(
        'insert into audit_events (at, actor, action, object_kind, object_id, outcome) ' +
          "values (now(), 'x', 'late', 'y', 'late', 'z') returning at",
      )
    ).rows[0]?.at ?? new Date(0)
  await write(1, elsewhere, now().toISOString(), { objectId: 'soon' })
  await linked()

  const chain = await take('')
  t.ok(chain.ids.includes('soon'))
  t.notOk(chain.ids.includes('late'))
  const byTime = await take('&from=2000-01-01')
  t.ok(
    Date.parse(byTime.end) <= begun.getTime() - 60_000,
    'a minute before the oldest open transaction',
  )
  t.ok(byTime.ids.includes('soon'), 'what is there by now is shown')
  t.notOk(byTime.ids.includes('late'))
  t.match(await take(`&to=${now().toISOString()}`), {
    status: 400,
    detail: /^to must not be after 20/,
  })

  await late.query('commit')
  await linked()
  const next = await take(`&cursor=${chain.end}`)
  t.ok(next.ids.includes('late'))
  t.notOk(next.ids.includes('soon'))
  t.match(await last('audit.exported'), { details: { after: chain.end, end: next.end } })
  const byTimeNext = await take(`&from=${byTime.end}`)
  t.ok(byTimeNext.ids.includes('late'))
  t.ok(Date.parse(byTimeNext.end) > Date.parse(byTime.end))

  t.match(await take(`&cursor=${next.end}&actor=x`), {
    status: 400,
    detail: /^cursor excludes filters/,
  })
  t.match(await take('&cursor=7'), { status: 400, detail: /^cursor must match/ })
  t.match(await take(`&cursor=7:${'0'.repeat(64)}`), {
    status: 409,
    detail: /^The chain has no position 7 with the hash/,
  })
  const reader = { actor: 'person:1', organisations: [stadt] }
  await t.rejects(
    exportEvents({ db, now }, reader, {}, 'jsonl', { position: 0, hash: Buffer.alloc(32) }),
    /^cursor excludes filters/,
  )
})

t.test('spreadsheets can read the CSV, and run nothing that a platform wrote', async (t) => {
  const names = [
    '=cmd|x',
    '+1',
    '-1',
    '@a',
    '\tb',
    'with "quotes", and comma',
    'two\nlines',
    'ümläut',
    'a;=cmd|x',
    'a\t+1',
    'a\n@b\r-1;\t2',
    'a"=1',
    '";"=1',
    'a;b-1,=2 =3',
  ]
  for (const name of names) await write(1, stadt, '2023-01-01T00:00:00Z', { objectId: name })
  const { headers, text } = await admin(
    'GET',
    '/api/audit/export?format=csv&from=2023-01-01&to=2023-01-02',
  )
  t.match(headers, { 'content-type': 'text/csv; charset=utf-8; header=present' })
  const [head, ...rows] = text.split('\r\n')
  t.equal(
    head,
    'position,id,at,actor,action,objectKind,objectId,outcome,organisationId,platformId,providerId,instanceId,details,uid,mac,linkedAt,hash',
  )
  t.equal(rows.length, names.length + 1)
  const cells = [
    "'=cmd|x",
    "'+1",
    "'-1",
    "'@a",
    "'\tb",
    '"with ""quotes"", and comma"',
    '"two\nlines"',
    'ümläut',
    "a;'=cmd|x",
    "a\t'+1",
    `"a\n'@b\r'-1;'\t2"`,
    `"a""'=1"`,
    `""";""'=1"`,
    '"a;b-1,=2 =3"',
  ]
  for (const [n, cell] of cells.entries())
    t.ok(
      rows[n]?.includes(`,instance.provision,instance,${cell},succeeded,${stadt},,,,"{""n"":1}",`),
      cell,
    )
  t.equal(csvRecord([-1, 2.5, '-1', null]), "-1,2.5,'-1,\r\n", 'numbers stay numbers')
})

t.test(
  'a client that disconnects ends the export, and what it has read is recorded all the same',
  async (t) => {
    const long = 'x'.repeat(900)
    for (let n = 0; n < 6_000; n += 500) {
      await Promise.all(
        Array.from({ length: 500 }, (_, m) =>
          write(n + m, elsewhere, '2024-01-01T00:00:00Z', {
            action: 'long',
            details: { long, longer: long, longest: long },
          }),
        ),
      )
    }
    const reply = await request(`${kontor.url}/api/audit/export?format=jsonl&action=long`, {
      headers: { authorization: `Bearer ${token}` },
    })
    for await (const part of reply.body) {
      t.ok(part)
      break
    }
    reply.body.destroy()
    const exported = await until(
      () => last('audit.exported'),
      ({ outcome }) => outcome === 'broken off',
    )
    t.ok(Number(exported.details?.['events']) < 6_000, 'it was not read to its end')
    t.equal((await admin('GET', '/readyz')).status, 200)
  },
)

t.test('kontor audit export writes what the API returns', async (t) => {
  const access = { KONTOR_URL: kontor.url, KONTOR_ADMIN_TOKEN: token }
  const { code, stdout, stderr } = await cli(
    ['audit', 'export', '--organisation', 'stadt', '--to', '2021-01-01'],
    access,
  )
  t.match({ code, stderr }, { code: 0, stderr: 'Complete up to 2021-01-01T00:00:00.000Z\n' })
  t.strictSame(
    stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as AuditEventView).objectId),
    ['r-1', 'r-4'],
  )
  t.match(
    await cli(
      ['audit', 'export', '--format', 'csv', '--object-kind', 'instance', '--object-id', 'r-2'],
      access,
    ),
    { code: 0, stdout: /^position,id[^]*,r-2,succeeded,[^]*\r\n$/ },
  )
  t.match(await cli(['audit', 'export', '--from', 'soon'], access), {
    code: 1,
    stdout: '',
    stderr: /^kontor: from must match/,
  })
  const first = await cli(['audit', 'export'], access)
  const [, end] = /^Complete up to (\d+:[0-9a-f]{64})\n$/.exec(first.stderr) ?? []
  const second = await cli(['audit', 'export', '--cursor', end ?? ''], access)
  const file = join(t.testdir(), 'audit.jsonl')
  await writeFile(file, second.stdout)
  t.match(await cli(['audit', 'check', file, '--after', end ?? ''], {}), { code: 0 })
  const head = spawn(
    'sh',
    ['-c', `'${process.execPath}' '${program}' audit export --action long | head -c 10`],
    { env: { PATH: process.env['PATH'] ?? '', ...access } },
  )
  let said = ''
  head.stderr.on('data', (part: Buffer) => {
    said += part.toString()
  })
  await new Promise((resolve) => {
    head.once('close', resolve)
  })
  t.equal(said, '', 'a reader that stops early is no error')
})

t.test('a call that the roles of a person do not allow is refused and recorded', async (t) => {
  const { runtime } = kontor.running
  const app = await buildApp(
    // A registry has one metric of each name, and the first app has registered them there.
    { ...runtime, metrics: { ...runtime.metrics, registry: new Registry() } },
    [
      (deps) => ({
        ...apiScope(deps),
        permissions: { 'POST /api/things/:id': ['auditor'] },
        addRoutes: (api) => void api.post('/things/:id', async () => 'done'),
      }),
      publicScope,
    ],
  )
  t.teardown(() => app.close())
  const authorization = `Bearer ${token}`
  t.equal(
    (
      await app.inject({
        method: 'POST',
        url: '/api/things/7?secret=hunter2',
        headers: { authorization },
      })
    ).statusCode,
    403,
  )
  t.equal((await app.inject({ method: 'POST', url: '/api/things/8' })).statusCode, 401)
  const { body } = await admin('GET', '/api/audit/events?objectKind=route')
  t.match(body.items, [
    {
      actor: 'admin',
      action: 'request.refused',
      objectKind: 'route',
      objectId: 'POST /api/things/:id',
      outcome: 'refused',
      details: { path: '/api/things/7' },
    },
  ])
  t.equal(body.items.length, 1, 'a request without valid credentials is not recorded')
  t.notOk(JSON.stringify(body).includes('hunter2'))
})

async function cli(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    maxBuffer: 100_000_000,
  }).then(
    (out) => ({ code: 0, ...out }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      stdout: error.stdout,
      stderr: error.stderr,
    }),
  )
}
