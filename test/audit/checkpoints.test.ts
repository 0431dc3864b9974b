// Signed checkpoints, kept where an attacker with the database cannot change them: what they show.
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import pg from 'pg'
import t, { type Test } from 'tap'
import { linkEvents } from '../../src/audit/chain/link.ts'
import { verifyAudit } from '../../src/audit/chain/verify.ts'
import { appendLine, assertAppendable } from '../../src/audit/checkpoints/append-line.ts'
import { formatLine } from '../../src/audit/checkpoints/checkpoint.ts'
import {
  makeCheckpoint,
  markWritten,
  type SignedCheckpoint,
} from '../../src/audit/checkpoints/make-checkpoint.ts'
import { postNewest } from '../../src/audit/checkpoints/post-newest.ts'
import { verifyCheckpoints } from '../../src/audit/checkpoints/verify-checkpoints.ts'
import { record } from '../../src/audit/record.ts'
import { openDatabase } from '../../src/db/database.ts'
import { parseKeyRing } from '../../src/vault/key-ring.ts'
import { macsOf } from '../../src/vault/mac.ts'
import { sealSet } from '../../src/vault/sealed-rows/sealed-set.ts'
import { newestNames } from '../../src/vault/sealed-rows/tables.ts'
import { openVault } from '../../src/vault/vault.ts'
import { within } from '../../src/within.ts'
import { acceptRows } from '../support/accept-rows.ts'
import { createDatabase } from '../support/postgres.ts'
import { answer, scriptedUpstream } from '../support/scripted-upstream.ts'

const ring = parseKeyRing(`k1:${Buffer.alloc(32, 7).toString('base64')}`)
const minuteMs = 60_000

async function openSite(t: Test) {
  const { url, servingUrl } = await createDatabase(t)
  const db = openDatabase(servingUrl, { connections: 2, name: 'test' })
  const attacker = new pg.Client({ connectionString: url })
  await attacker.connect()
  // As the owner of the database: no trigger fires.
  await attacker.query("set session_replication_role = 'replica'")
  t.teardown(() => Promise.all([db.destroy(), attacker.end()]))
  await openVault(db, ring)
  let time = Date.parse('2026-11-29T12:00:00Z')
  const now = () => new Date(time)
  return {
    db,
    sql: async (...statements: string[]) => {
      for (const statement of statements) await attacker.query(statement)
    },
    /** As Kontor does. */
    async writeSet(revision: bigint, sum: bigint) {
      const { digest, mac } = sealSet(macsOf(ring), newestNames, 'platforms', revision, sum)
      await attacker.query('delete from sealed_sets')
      await attacker.query('insert into sealed_sets values ($1, $2, $3, $4)', [
        'platforms',
        String(revision),
        digest,
        mac,
      ])
    },
    wait: (ms: number) => {
      time += ms
    },
    async write(count: number) {
      for (let n = 0; n < count; n++)
        await record(db, {
          at: new Date(),
          actor: 'admin',
          action: 'platform.created',
          objectKind: 'platform',
          objectId: String(n),
          outcome: 'succeeded',
        })
      await linkEvents({ db, now }, 1_000)
    },
    make: (seen?: SignedCheckpoint) => makeCheckpoint({ db, now }, minuteMs, seen),
    /** The line that goes to a file. */
    async line(): Promise<string> {
      time += minuteMs
      const round = await makeCheckpoint({ db, now }, minuteMs, undefined)
      if (round?.kind !== 'made') throw new Error('No checkpoint was made.')
      return formatLine(round.newest, round.newest.token)
    },
    async verify(text: string | Buffer[], keys: readonly string[] = ['k1']) {
      const findings: string[] = []
      const onFinding = (sentence: string) => {
        findings.push(sentence)
      }
      const bytes = Readable.from(typeof text === 'string' ? [Buffer.from(text)] : text)
      const inputs = [{ name: 'file', bytes: bytes as AsyncIterable<Buffer> }]
      const hasKey = (id: string) => keys.includes(id)
      return { ...(await verifyCheckpoints(db, { inputs, hasKey, onFinding })), findings }
    },
    async verifyChain() {
      const findings: string[] = []
      await verifyAudit(db, { onFinding: (sentence) => findings.push(sentence) })
      return findings
    },
  }
}

t.test('one is made each minute if anything has changed, and each hour in any case', async (t) => {
  const site = await openSite(t)
  await site.write(2)
  const first = await site.make()
  t.match(first, { kind: 'made', newest: { head: { position: 2 } }, conflicts: { length: 0 } })
  site.wait(20_000)
  t.match(await site.make(), { kind: 'recent', waitMs: 40_000 })
  site.wait(40_000)
  t.match(await site.make(), { kind: 'made' }, 'the one before has not been written down')
  const newest = (await site.make())?.newest
  await markWritten(site.db, newest?.token ?? '')
  site.wait(minuteMs)
  t.match(await site.make(), { kind: 'unchanged', newest: { token: newest?.token } })
  await site.write(1)
  t.match(await site.make(), { kind: 'made', newest: { head: { position: 3 } } })
  await markWritten(site.db, (await site.make())?.newest.token ?? '')
  site.wait(3_599_000)
  t.match(await site.make(), { kind: 'unchanged' })
  site.wait(1_000)
  t.match(await site.make(), { kind: 'made' })
})

t.test('SQL cannot hold checkpoints back, and a false end is not signed', async (t) => {
  const site = await openSite(t)
  await site.write(2)
  await site.make()
  for (const token of ["'x'", 'null', "replace(token, '.', '.A')"]) {
    await site.sql(`update audit_checkpoint set token = ${token}, is_written = true`)
    t.match(await site.make(), { kind: 'made' }, token)
  }
  await site.sql('delete from audit_links where position = 2')
  site.wait(minuteMs)
  await t.rejects(site.make(), /The end of the audit chain is not as Kontor wrote it/)
  await site.sql('delete from audit_checkpoint')
  await t.rejects(site.make(), /The row of audit_checkpoint is gone/)
})

t.test(
  'a cut end that the chain itself cannot show is found, and so is what replaces it',
  async (t) => {
    const site = await openSite(t)
    await site.write(3)
    const early = await site.line()
    await site.sql('create table kept as select * from audit_head')
    await site.write(2)
    const lines = [early, await site.line()].join('\n')
    const seen = (await site.make())?.newest
    t.match(await site.verify(lines), { findings: { length: 0 }, count: 2, torn: 0 })

    await site.sql(
      'delete from audit_events where id > 3',
      'delete from audit_links where position > 3',
      'update audit_head set position = kept.position, hash = kept.hash, seal = kept.seal from kept',
    )
    t.strictSame(await site.verifyChain(), [], 'nothing within the database shows it')
    const cut = /^Cut off: the chain went to position 5 at the checkpoint of 2026-.*ends with 3\.$/
    t.match((await site.verify(lines)).findings, [cut])
    site.wait(minuteMs)
    t.match(await site.make(seen), { kind: 'made', conflicts: [cut] }, 'a running process notices')
    await site.write(2)
    t.strictSame(await site.verifyChain(), [])
    t.match((await site.verify(lines)).findings, [/^Rewritten: position 5 is not as it was at the/])
    t.match(await site.make(seen), { conflicts: { length: 0 } }, 'it is not due yet')
    site.wait(minuteMs)
    t.match(await site.make(seen), { conflicts: [/^Rewritten: position 5/] })
  },
)

t.test('a sealed table that was set back is found', async (t) => {
  const site = await openSite(t)
  const write = (revision: number, sum: number) => site.writeSet(BigInt(revision), BigInt(sum))
  await write(7, 0x07)
  const earlier = await site.line()
  await write(9, 0x09)
  const lines = [await site.line(), earlier].join('\n')
  t.strictSame((await site.verify(lines)).findings, [])
  await write(10, 0x0a)
  t.strictSame((await site.verify(lines)).findings, [], 'later changes are none of its business')
  await write(7, 0x07)
  t.match((await site.verify(lines)).findings, [
    /^Set back: platforms had revision 9 at the checkpoint of 2026-.*; now it has 7\.$/,
  ])
  await write(9, 0xff)
  t.match((await site.verify(lines)).findings, [/^Changed: revision 9 of platforms is not as it/])
  await site.sql('delete from sealed_sets')
  t.match((await site.verify(lines)).findings, [
    /^Set back: platforms .*; now it has none of Kontor\.$/,
  ])
})

t.test('a sealed table that was set back and has caught up is found', async (t) => {
  const site = await openSite(t)
  const lines: string[] = []
  const checkpoint = async (revision: number, sum: number, events = 1) => {
    await site.writeSet(BigInt(revision), BigInt(sum))
    await site.write(events)
    lines.push(await site.line())
  }
  const findings = async (...order: number[]) =>
    (await site.verify(order.map((at) => lines[at] ?? '').join('\n'))).findings
  await checkpoint(7, 0x07)
  await checkpoint(9, 0x09)
  t.strictSame(await findings(0, 1), [])
  await checkpoint(8, 0x18)
  await checkpoint(11, 0x0b)
  const fall = /^Set back: platforms had revision 9 at .*; at the later one of 2026.* it had 8\.$/
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [2, 0, 3, 1],
  ])
    t.match(await findings(...order), [fall], 'whatever the order of the files')
  t.strictSame(await findings(0, 1, 3), [], 'what no checkpoint saw cannot be found')
  await checkpoint(11, 0x1b, 0)
  t.match(await findings(3, 4), [
    /^Changed: revision 11 of platforms had other rows at the checkpoint of 2026.* than at the/,
  ])
  await checkpoint(10, 0x0a, 0)
  t.match(await findings(4, 5), [/revision 11 at .* it had 10\.$/, /now it has 10\.$/])
})

t.test('a sealed set that Kontor did not make is not signed', async (t) => {
  const site = await openSite(t)
  await site.writeSet(7n, 7n)
  const line = await site.line()
  const seen = (await site.make())?.newest
  const highest = 2n ** 63n - 1n
  await site.sql(
    `update sealed_sets set revision = ${highest}`,
    `insert into sealed_sets select n, 1, digest, mac from sealed_sets, generate_series(1, 9) n`,
  )
  site.wait(minuteMs)
  const round = await site.make(seen)
  t.match(round, { kind: 'made', newest: { sets: { length: 0 } } })
  t.match(round?.conflicts, [/^Set back: platforms had revision 7 at .*now it has none of Kontor/])
  t.match((await site.verify(line)).findings, [/now it has none of Kontor\.$/])
  await acceptRows(site.db, 'platforms')
  t.strictSame((await site.verify([line, await site.line()].join('\n'))).findings, [])
})

t.test('what is forged, of another database or with an unknown key is named', async (t) => {
  const [site, other] = [await openSite(t), await openSite(t)]
  await site.write(1)
  await other.write(1)
  // A clone of the same template shares its id; a database that was migrated does not.
  await other.sql('update audit_checkpoint set database_id = gen_random_uuid()')
  const line = await site.line()
  const [, payload = '', mac = ''] = /kontor-checkpoint\.([\w-]+)\.([\w-]+)/.exec(line) ?? []
  const changed = Buffer.from(payload, 'base64url')
    .toString()
    .replace('"position":1', '"position":0')
  const forged = line.replace(payload, Buffer.from(changed).toString('base64url'))
  await openVault(other.db, parseKeyRing(`k1:${Buffer.alloc(32, 7).toString('base64')}`))
  const foreign = await other.line()
  const unknown = line.replace(
    mac,
    Buffer.concat([Buffer.of(2, 2), Buffer.from('k9'), Buffer.alloc(32)]).toString('base64url'),
  )
  const { findings, count } = await site.verify([line, forged, foreign, unknown].join('\n'))
  t.match(findings, [
    /^Forged: line 2 of file is no checkpoint of Kontor\.$/,
    /^line 3 of file is a checkpoint of another database\.$/,
    /^line 4 of file is a checkpoint with the key "k9", not in the ring\.$/,
  ])
  t.equal(count, 1)
  t.match((await site.verify('')).findings, ['There is no checkpoint of this database.'])
  const many = Array.from({ length: 25 }, () => forged).join('\n')
  t.match((await site.verify(many)).findings, { length: 12, 10: '... and 15 more: forged.' })
})

t.test('logs of any kind are read, in bounded memory; a torn line is no finding', async (t) => {
  const site = await openSite(t)
  await site.write(1)
  const line = await site.line()
  const text = [
    `Nov 29 12:00:00 host kontor[1]: ${line}`,
    JSON.stringify({ log: `${line}\n`, stream: 'stderr' }),
    '{"level":30,"msg":"kontor is ready"}',
    '\0\uffff not json {{{',
    // A process was killed here, and the next one wrote on.
    line.slice(0, line.indexOf('kontor-checkpoint') + 200),
    line,
    line.slice(0, -12),
  ].join('\n')
  t.match(await site.verify(text), { findings: { length: 0 }, count: 3, torn: 2 })

  const megabyte = Buffer.alloc(1_048_576, 'x')
  function* huge() {
    yield Buffer.from(`${line}\n`)
    for (let n = 0; n < 300; n++) yield megabyte
    yield Buffer.from(`\n${line}`)
  }
  const before = process.memoryUsage().rss
  t.match(await site.verify([...huge()]), { findings: { length: 0 }, count: 2 })
  t.ok(process.memoryUsage().rss - before < 100 * 1_048_576)
})

t.test('a line begins anew after a torn one, and only a regular file takes lines', async (t) => {
  const folder = t.testdir()
  const file = join(folder, 'lines')
  await appendLine(file, 'one')
  await writeFile(file, 'tor', { flag: 'a' })
  await appendLine(file, 'two')
  t.equal(await readFile(file, 'utf8'), 'one\ntor\ntwo\n')
  t.equal((await stat(file)).mode & 0o777, 0o600)
  await t.rejects(assertAppendable(folder), { code: 'EISDIR' })
  await t.rejects(assertAppendable(join(folder, 'none', 'lines')), { code: 'ENOENT' })
  await t.rejects(assertAppendable('/dev/null'), /is not a regular file/)
  const hangs = new Promise(() => {})
  await t.rejects(within(20, hangs, 'it does not open'), /^it does not open$/)
})

t.test('an address whose certificate nothing vouches for gets nothing', async (t) => {
  const upstream = await scriptedUpstream(t, answer(200), 'localhost')
  const problem = await new Promise<string>((resolve) => {
    const poster = postNewest({
      url: new URL(upstream.url.replace('//', '//kontor:hunter2@')),
      onFailure: resolve,
      onSuccess() {
        resolve('')
      },
    })
    t.teardown(() => poster.stop())
    poster.post('{}')
  })
  t.match(problem, /^127\.0\.0\.1:\d+ cannot be reached: (UNABLE_TO_|DEPTH_ZERO_|SELF_|ERR_TLS_)/)
  t.strictSame(upstream.requests, [])
})
