// Each manipulation of the audit log that an attacker with all rights on the database could try,
// and the finding that reports it.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import t, { type Test } from 'tap'
import { linkEvents } from '../../src/audit/chain/link.ts'
import { formatHead } from '../../src/audit/chain/head-text.ts'
import { verifyAudit, type Verified } from '../../src/audit/chain/verify.ts'
import type { Head } from '../../src/audit/event.ts'
import { record } from '../../src/audit/record.ts'
import { openDatabase, type Db } from '../../src/db/database.ts'
import { newOpaqueId } from '../../src/ids.ts'
import { migrateToLatest } from '../../src/migrate.ts'
import { digestKeyAad } from '../../src/vault/formats.ts'
import { parseKeyRing } from '../../src/vault/key-ring.ts'
import { sealBytes } from '../../src/vault/seal.ts'
import { openVault } from '../../src/vault/vault.ts'
import { createDatabase, createEmptyDatabase } from '../support/postgres.ts'
import type { Teardown } from '../support/teardown.ts'

const keys = parseKeyRing(`k1:${Buffer.alloc(32, 7).toString('base64')}`)
const now = () => new Date()

interface Site {
  readonly db: Db
  readonly url: string
  sql(...statements: string[]): Promise<unknown[]>
  link(): Promise<Head>
  verify(noted?: Head): Promise<Verified & { findings: string[] }>
}

async function openSite(t: Teardown, events: number): Promise<Site> {
  const { url } = await createDatabase(t)
  const db = openDatabase(url, { connections: 2, name: 'test' })
  t.teardown(() => db.destroy())
  await openVault(db, keys)
  const site: Site = {
    db,
    url,
    // As the owner of the database: no trigger fires.
    async sql(...statements) {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      try {
        await client.query("set session_replication_role = 'replica'")
        let rows: unknown[] = []
        for (const statement of statements) rows = (await client.query(statement)).rows as unknown[]
        return rows
      } finally {
        await client.end()
      }
    },
    async link() {
      const linked = await linkEvents({ db, now }, 1_000)
      if (linked === undefined) throw new Error('Another process is linking.')
      return linked.head
    },
    verify: (noted) => verifyAll(db, noted),
  }
  for (let n = 1; n <= events; n++) await write(db, n)
  return site
}

async function write(db: Db, n: number): Promise<void> {
  await record(db, {
    at: now(),
    actor: `platform:${n}`,
    action: 'instance.provision',
    objectKind: 'instance',
    objectId: `i-${n}`,
    outcome: 'succeeded',
    organisationId: newOpaqueId(),
    platformId: newOpaqueId(),
    providerId: newOpaqueId(),
    instanceId: `i-${n}`,
    details: { operationId: `o-${n}`, tries: n, last: true, ratio: 0.1 },
  })
}

t.test('an untouched log has no findings, before and after it is linked', async (t) => {
  const site = await openSite(t, 3)
  t.match(await site.verify(), {
    findings: { length: 0 },
    events: 0,
    waiting: 3,
    head: { position: 0 },
  })
  const head = await site.link()
  await write(site.db, 4)
  t.match(await site.verify(head), {
    findings: { length: 0 },
    events: 3,
    waiting: 1,
    unsealed: 0,
    head: { position: 3 },
  })
  await site.link()
  t.match(await site.verify(head), {
    findings: { length: 0 },
    events: 4,
    waiting: 0,
    head: { position: 4 },
  })
})

t.test('an unusual text or number still matches its seal', async (t) => {
  const site = await openSite(t, 0)
  await record(site.db, {
    at: now(),
    actor: 'a\ud800b',
    action: 'request.refused',
    objectKind: 'y',
    objectId: 'ü\u{1f600}"\\\n',
    outcome: 'z',
    details: { text: '\udc00 \u2028 "', big: 1e21, small: 5e-324, minus: -0, none: NaN },
  })
  await site.link()
  t.match(await site.verify(), { findings: { length: 0 }, events: 1 })
})

t.test('every column of an event is sealed: a change is found, linked or not', async (t) => {
  const site = await openSite(t, 2)
  await site.link()
  await write(site.db, 3)
  const rows = (await site.sql('select * from audit_events order by id')) as Array<
    Record<string, unknown>
  >
  const changes: Record<string, string> = {
    at: "at + interval '1 microsecond'",
    actor: "actor || '1'",
    action: "'binding.bind'",
    object_kind: "'binding'",
    object_id: "'i-9'",
    outcome: "'failed'",
    details: 'details || \'{"tries": 99}\'',
    uid: 'gen_random_uuid()',
    organisation_id: 'gen_random_uuid()',
    platform_id: 'null',
    provider_id: 'gen_random_uuid()',
    instance_id: "'i-9'",
    mac: "decode(repeat('00', 32), 'hex')",
  }
  t.strictSame(
    Object.keys(rows[0] ?? {})
      .filter((column) => column !== 'id')
      .toSorted(),
    Object.keys(changes).toSorted(),
    'every column is tried',
  )
  for (const [column, value] of Object.entries(changes)) {
    await site.sql(
      'create table kept as select * from audit_events',
      `update audit_events set ${column} = ${value} where id in (2, 3)`,
    )
    const { findings } = await site.verify()
    t.match(
      findings,
      [/^Changed: position 2, event 2 /, /^Forged: event 3, not linked yet/],
      column,
    )
    t.equal(findings.length, 2)
    await site.sql(
      `update audit_events set ${column} = kept.${column} from kept ` +
        'where kept.id = audit_events.id',
      'drop table kept',
    )
    t.strictSame((await site.verify()).findings, [], 'restored, it has no findings')
  }
  await site.sql(
    'alter table audit_events alter id drop identity',
    'update audit_events set id = 7 where id = 2',
  )
  t.match(
    (await site.verify()).findings,
    [/^Removed: the event of position 2, event 2 is gone/, /^Inserted: event 7 is not part/],
    'id',
  )
})

t.test('a removed event is found: the first, one in the middle, the last', async (t) => {
  const site = await openSite(t, 5)
  await site.link()
  await site.sql('delete from audit_events where id in (1, 3, 5)')
  t.match((await site.verify()).findings, [
    /^Removed: the event of position 1, event 1 is gone/,
    /position 3, event 3/,
    /position 5, event 5/,
  ])
})

t.test(
  'an event that is removed before it is linked is found, unless its row in the queue goes too',
  async (t) => {
    const site = await openSite(t, 3)
    await site.sql('delete from audit_events where id = 2')
    t.match((await site.verify()).findings, [
      /^Removed: event 2 was gone before it could be linked/,
    ])
    t.strictSame((await linkEvents({ db: site.db, now }, 10))?.missing, ['2'])
    t.match(
      await site.verify(),
      { events: 2, waiting: 0, findings: [/^Removed: event 2 was gone/] },
      'linking does not hide that',
    )
  },
)

t.test('removed links are found, with their events or without', async (t) => {
  const site = await openSite(t, 6)
  await site.link()
  await site.sql(
    'delete from audit_links where position in (2, 3)',
    'delete from audit_events where id = 3',
  )
  t.match((await site.verify()).findings, [
    /^Removed: position 2 to 3 of the chain is missing/,
    /^Inserted: event 2 is not part of the chain, or its link was removed/,
  ])
})

t.test('two exchanged events are found, and two exchanged links', async (t) => {
  const site = await openSite(t, 5)
  await site.link()
  await site.sql(
    'alter table audit_events alter id drop identity',
    'update audit_events set id = case id when 2 then -4 else -2 end where id in (2, 4)',
    'update audit_events set id = -id where id < 0',
  )
  t.match(
    (await site.verify()).findings,
    [/^Changed: position 2, event 2/, /^Changed: position 4, event 4/],
    'the events',
  )
  await site.sql(
    'update audit_events set id = case id when 2 then -4 else -2 end where id in (2, 4)',
    'update audit_events set id = -id where id < 0',
  )
  t.strictSame((await site.verify()).findings, [])
  await site.sql(
    'update audit_links set position = case position when 2 then -4 else -2 end ' +
      'where position in (2, 4)',
    'update audit_links set position = -position where position < 0',
  )
  t.match(
    (await site.verify()).findings.filter((sentence) => sentence.startsWith('Reordered')),
    [/position 2, event 4/, /position 3, event 3/, /position 4, event 2/, /position 5, event 5/],
    'the links',
  )
})

t.test('an inserted event is found, whether Kontor linked it or not', async (t) => {
  const site = await openSite(t, 2)
  await site.link()
  const forged =
    'insert into audit_events (at, actor, action, object_kind, object_id, outcome, uid, mac) ' +
    "values (now(), 'admin', 'operation.settled', 'operation', 'x', 'succeeded', " +
    "gen_random_uuid(), decode(repeat('ab', 32), 'hex'))"
  await site.sql(forged)
  t.match((await site.verify()).findings, [/^Inserted: event 3 is not part of the chain/])
  await site.sql("set session_replication_role = 'origin'", forged)
  t.strictSame(
    (await linkEvents({ db: site.db, now }, 10))?.doubtful,
    ['4'],
    'linking finds it too',
  )
  t.match((await site.verify()).findings, [
    /^Forged: position 3, event 4 was changed before it was linked, or not written by Kontor/,
    /event 3/,
  ])
})

t.test('a copy of a sealed event is found', async (t) => {
  const site = await openSite(t, 2)
  await site.link()
  const columns =
    'uid, at, actor, action, object_kind, object_id, outcome, ' +
    'organisation_id, platform_id, provider_id, instance_id, details, mac'
  const copy =
    `insert into audit_events (${columns}) ` + `select ${columns} from audit_events where id = 1`
  await t.rejects(site.sql(copy), /audit_events_uid/)
  await site.sql('drop index audit_events_uid', "set session_replication_role = 'origin'", copy)
  await site.link()
  t.match((await site.verify()).findings, [/^Inserted: event \d+ is a copy of an earlier one/])
})

t.test('an event without a seal is allowed during an upgrade, and found after it', async (t) => {
  const site = await openSite(t, 0)
  const old =
    'insert into audit_events (at, actor, action, object_kind, object_id, outcome) ' +
    "values (now(), 'admin', 'register', 'provider', 'p', 'succeeded')"
  const writeUnsealed = () => site.sql("set session_replication_role = 'origin'", old)
  await writeUnsealed()
  await write(site.db, 1)
  await writeUnsealed()
  await site.link()
  t.match(await site.verify(), { findings: { length: 0 }, events: 3, unsealed: 2 })
  await writeUnsealed()
  await linkEvents({ db: site.db, now: () => new Date(Date.now() + 25 * 3_600_000) }, 10)
  t.match((await site.verify()).findings, [/^Not sealed: position 4, event 4/])
})

t.test(
  'the head shows that the end was cut off, a noted head that the head was set back',
  async (t) => {
    const site = await openSite(t, 3)
    const early = (await site.sql('select * from audit_head'))[0]
    t.equal(early, undefined)
    await site.link()
    const old = (
      await site.sql(
        "select position, encode(hash, 'hex') as hash, encode(seal, 'hex') as seal from audit_head",
      )
    )[0] as { position: string; hash: string; seal: string }
    await write(site.db, 4)
    await write(site.db, 5)
    const head = await site.link()
    const cut = [
      'delete from audit_links where position > 3',
      'delete from audit_events where id > 3',
    ]
    await site.sql(...cut)
    t.match((await site.verify()).findings, [
      /^The end of the chain is cut off: position 4 to 5 is missing/,
    ])
    t.match(formatHead(head), /^5:[0-9a-f]{64}$/)

    await site.sql(
      'update audit_head set position = 3, ' +
        'hash = (select hash from audit_links where position = 3)',
    )
    t.match(
      (await site.verify()).findings,
      [/^The head of the chain \(position 3\) was changed/],
      'a head cannot be sealed without the key',
    )
    await t.rejects(
      site.link(),
      /The head of the audit chain is not as Kontor wrote it/,
      'and nothing is linked after it',
    )

    await site.sql(
      `update audit_head set position = ${old.position}, ` +
        `hash = decode('${old.hash}', 'hex'), seal = decode('${old.seal}', 'hex')`,
    )
    t.strictSame(
      (await site.verify()).findings,
      [],
      'an attacker who kept an old head can restore it',
    )
    t.match(
      (await site.verify(head)).findings,
      [/^The chain once went to position 5; now it ends with 3/],
      'but a head that was noted elsewhere shows it',
    )
    await write(site.db, 6)
    await write(site.db, 7)
    await site.link()
    t.strictSame((await site.verify()).findings, [])
    t.match((await site.verify(head)).findings, [/^Position 5 is not the one that was noted/])

    await site.sql('delete from audit_head')
    t.match((await site.verify()).findings, [/^The head of the chain is gone/])
    await t.rejects(site.link(), /The head of the audit chain is gone/, 'and no new chain is begun')
  },
)

t.test('a chain that was recomputed without the key is found, from the change on', async (t) => {
  const site = await openSite(t, 4)
  await site.link()
  await site.sql("update audit_events set outcome = 'failed' where id = 2")
  // Hashes need no key, so that every reader can check an export; seals do.
  const sha = (...parts: Array<string | Buffer>) =>
    parts
      .reduce<ReturnType<typeof createHash>>(
        (hash, part) => hash.update(part),
        createHash('sha256'),
      )
      .digest()
  const links = (await site.sql(
    'select position, event_id, event_hash, ' +
      `to_char(linked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at ` +
      'from audit_links order by position',
  )) as Array<{ position: string; event_id: string; at: string; event_hash: Buffer }>
  const { eventHashOf } = await import('../../src/audit/digests.ts')
  const { listLinks } = await import('../../src/audit/chain/store.ts')
  const [, second] = await listLinks(site.db, 0, 4, 10)
  let before: Buffer = Buffer.alloc(32)
  for (const link of links) {
    const eventHash =
      link.event_id === '2' && second?.event != null ? eventHashOf(second.event) : link.event_hash
    before = sha(
      before,
      JSON.stringify([Number(link.position), link.event_id, link.at, eventHash.toString('hex')]),
    )
    await site.sql(
      `update audit_links set event_hash = decode('${eventHash.toString('hex')}', 'hex'), ` +
        `hash = decode('${before.toString('hex')}', 'hex') where position = ${link.position}`,
    )
  }
  await site.sql(`update audit_head set hash = decode('${before.toString('hex')}', 'hex')`)
  t.match((await site.verify()).findings, [
    /^The head of the chain \(position 4\) was changed/,
    /^Reordered or forged: the link at position 2/,
    /^Forged: position 2/,
    /link at position 3/,
    /link at position 4/,
  ])
})

t.test('the database refuses to update, delete or truncate events and links', async (t) => {
  const site = await openSite(t, 1)
  await site.link()
  const asUsual = (statement: string) =>
    site.sql("set session_replication_role = 'origin'", statement)
  for (const table of ['audit_events', 'audit_links']) {
    const column = table === 'audit_events' ? 'outcome' : 'seal'
    await t.rejects(asUsual(`update ${table} set ${column} = ${column}`), /is append-only/)
    await t.rejects(asUsual(`delete from ${table}`), /is append-only/)
    await t.rejects(asUsual(`truncate ${table}`), /is append-only/)
  }
  await t.rejects(asUsual('delete from audit_head'), /is append-only/)
  await t.rejects(asUsual('truncate audit_head'), /is append-only/)
})

/** A database that was migrated up to but not including one file. */
async function migrateBefore(t: Test, file: string): Promise<{ url: string; client: pg.Client }> {
  const { url } = await createEmptyDatabase(t)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  const folder = new URL('../../migrations/', import.meta.url)
  const files = (await readdir(folder)).filter((each) => each.endsWith('.sql')).toSorted()
  const before = Object.fromEntries(
    await Promise.all(
      files
        .slice(0, files.indexOf(file))
        .map(async (each) => [each, await readFile(new URL(each, folder), 'utf8')] as const),
    ),
  )
  await migrateToLatest(url, { folder: pathToFileURL(`${t.testdir(before)}/`) })
  return { url, client }
}

async function openAudit(t: Test, url: string): Promise<Db> {
  const db = openDatabase(url, { connections: 2, name: 'test' })
  t.teardown(() => db.destroy())
  await openVault(db, keys)
  return db
}

async function verifyAll(db: Db, noted?: Head): Promise<Verified & { findings: string[] }> {
  const findings: string[] = []
  const verified = await verifyAudit(db, {
    noted,
    onFinding: (sentence) => {
      findings.push(sentence)
    },
  })
  return { ...verified, findings }
}

t.test('a migration that queues linked events again does not stop the linking', async (t) => {
  const { url, client } = await migrateBefore(t, '0016_audit_backlog.sql')
  // Such a database has a digest key, and the vault of today reads columns that later files add.
  await client.query('insert into vault_secrets (name, sealed) values ($1, $2)', [
    'digest-key',
    sealBytes(keys, Buffer.alloc(32, 5), digestKeyAad(0), 1),
  ])
  await client.query(`alter table vault_secrets add column version integer not null default 0;
    alter table vault_processes add column value_format smallint,
      add column sealed_tables text[] not null default '{}',
      add column newest_digest_key integer, add column digest_key integer`)
  const db = await openAudit(t, url)
  await client.query(`alter table vault_secrets drop column version;
    alter table vault_processes drop column value_format, drop column sealed_tables,
      drop column newest_digest_key, drop column digest_key`)
  await write(db, 1)
  await write(db, 2)
  // An older process links while the migration is under way.
  t.match(await linkEvents({ db, now }, 10), { count: 2, head: { position: 2 } })
  await migrateToLatest(url)
  await write(db, 3)
  t.match(await linkEvents({ db, now }, 10), { count: 1, head: { position: 3 } })
  t.strictSame((await client.query('select * from audit_unlinked')).rows, [])
  t.match(await verifyAll(db), { events: 3, waiting: 0 })
})

t.test('a linked event that is queued again is linked once, and verify reports it', async (t) => {
  const site = await openSite(t, 1)
  await site.link()
  await site.sql('insert into audit_unlinked (event_id) select id from audit_events')
  t.strictSame((await site.verify()).findings, [
    'Queued again: event 1 is part of the chain, and waits to be linked.',
  ])
  await write(site.db, 2)
  t.match(await site.link(), { position: 2 })
  const { findings, ...rest } = await site.verify()
  t.strictSame(findings, [])
  t.match(rest, { events: 2, waiting: 0 })
})

t.test('verify reports events that have waited for more than ten minutes', async (t) => {
  const site = await openSite(t, 2)
  const waitFor = (minutes: number) =>
    site.sql(`update audit_unlinked set since = now() - interval '${minutes} minutes'`)
  await waitFor(9)
  t.strictSame((await site.verify()).findings, [])
  await waitFor(11)
  t.strictSame((await site.verify()).findings, [
    'Events have waited to be linked for 11 minutes. Does a worker run?',
  ])
  await site.link()
  t.strictSame((await site.verify()).findings, [])
})

t.test('events that were recorded before there was a chain become its beginning', async (t) => {
  const { url, client } = await migrateBefore(t, '0010_audit_chain.sql')
  await client.query(
    'insert into audit_events (at, actor, action, object_kind, object_id, outcome) ' +
      "select now(), 'admin', 'register', 'provider', n, 'succeeded' " +
      'from generate_series(1, 3) as n',
  )
  await migrateToLatest(url)
  const db = await openAudit(t, url)
  await write(db, 4)
  t.match(await linkEvents({ db, now }, 10), { count: 4, head: { position: 4 } })
  const { findings, ...rest } = await verifyAll(db)
  t.strictSame(findings, [])
  t.match(rest, { events: 4, unsealed: 3 })
})
