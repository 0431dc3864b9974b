// After "kontor key rotate --all" and the removal of the old key: what a person can do who has the
// old key ring, a copy of the database from before, and write access to the database of now.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t from 'tap'
import { verifyAudit } from '../../src/audit/chain/verify.ts'
import {
  eventHashOf,
  headSealOf,
  linkHashOf,
  linkSealOf,
  macOf,
  noHash,
} from '../../src/audit/digests.ts'
import { listLinks } from '../../src/audit/chain/store.ts'
import type { StoredEvent } from '../../src/audit/event.ts'
import { identityMacOf } from '../../src/instances/identity.ts'
import { newId } from '../../src/ids.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { openDigestKey, type DigestKey } from '../../src/vault/digest-keys/digest-key.ts'
import { makeDigest } from '../../src/vault/digest-keys/digest.ts'
import { parseKeyRing } from '../../src/vault/key-ring.ts'
import { derivedKey, macsOf } from '../../src/vault/mac.ts'
import { openBytes, prefixOf, type Aad } from '../../src/vault/seal.ts'
import { sealRow, weightOf } from '../../src/vault/sealed-rows/row-mac.ts'
import { listRows } from '../../src/vault/sealed-rows/rows/store.ts'
import { sealSet } from '../../src/vault/sealed-rows/sealed-set.ts'
import { newestNames, sealedTable } from '../../src/vault/sealed-rows/tables.ts'
import { writeAsKontor } from '../support/accept-rows.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { finished, here, startKontor, until } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'

t.setTimeout(120_000)

const [k1, k2] = ['k1', 'k2'].map((id) => `${id}:${randomBytes(32).toString('base64')}`)
const old = parseKeyRing(k1 ?? '')
const kontor = await startKontor(t, { environment: { KONTOR_KEYS: k1 ?? '' } })
const { environment } = kontor
await kontor.addProvider('north')
await kontor.addProvider('slow', {
  behaviours: { '*': { mode: 'async', provisionSeconds: 0.1, updateSeconds: 90 } },
})
const ids = await kontor.find('north', 'db', 'small')
const sql = new pg.Client({ connectionString: kontor.databaseUrl })
await sql.connect()
t.teardown(() => sql.end())
// As the owner of the tables: no trigger fires.
await sql.query(`set session_replication_role = 'replica'`)
const I = '/v2/service_instances/i'
const order = { ...ids, ...here, parameters: { size: 1 } }
const bindings = {
  b: { ...ids, parameters: { role: 'reader' }, bind_resource: { app_guid: 'a' } },
  c: { ...ids, predecessor_binding_id: 'b' },
  d: { ...ids, predecessor_binding_id: 'b', parameters: { role: 'writer' } },
}
await ordered('PUT', I, order)
for (const [name, body] of Object.entries(bindings))
  await ordered('PUT', `${I}/service_bindings/${name}`, body)

/** Tests may not assert outside of `t.test`. */
async function ordered(method: string, path: string, body: unknown): Promise<void> {
  const { status, text } = await kontor.call(method, path, body)
  if (status > 202) throw new Error(`${method} ${path}: ${status} ${text}`)
}

const S = '/v2/service_instances/s'
const slow = { ...(await kontor.find('slow', 'db', 'small')), ...here }
await ordered('PUT', `${S}?accepts_incomplete=true`, slow)
await finished(kontor.call, S)
const update = { service_id: slow.service_id, plan_id: slow.plan_id, parameters: { more: 1 } }
await ordered('PATCH', `${S}?accepts_incomplete=true`, update)

// A person is signed in, with a digest that the ring could make.
await sql.query(
  `insert into sessions (id, digest, person_id, issuer, subject, claimed, authenticated_at, created_at,
     expires_at, user_agent, last_used_at)
   values ($1, $2, $1, 'i', 's', '{}', now(), now(), now() + interval '1 day', '', now())`,
  [newId(new Date()), randomBytes(32)],
)

/** What leaked, beside the ring. */
async function copy(table: string, where = 'true') {
  return (await sql.query(`select * from ${table} where ${where}`)).rows
}
const [leakedInstance] = await copy('instances', `instance_id = 'i'`)
const leakedKeys = await copy('vault_secrets')
const oldDigestKey = openDigestKey(old, 1, leakedKeys[0]) as DigestKey // it is sealed with k1
const auditKey = derivedKey(oldDigestKey.key, 'audit log')
const aad: Aad = ['instances', 'parameters', leakedInstance.id, leakedInstance.platform_id, 0]

await kontor.running.stop()
environment['KONTOR_KEYS'] = `${k2},${k1}`
const rotated = await runKontor(['key', 'rotate', '--all'], environment)

environment['KONTOR_KEYS'] = k2 ?? ''
const now = await kontor.another()
const { db, vault } = now.running.runtime

async function findings(): Promise<string[]> {
  const all: string[] = []
  await verifyAudit(db, { onFinding: (sentence) => all.push(sentence) })
  return all
}

t.test('the rotation has ended', async (t) => {
  t.equal(openBytes(old, leakedInstance.parameters, aad).toString(), '{"size":1}')
  t.match(rotated, { code: 0, stdout: /Digests .* again: 9\nThe key "k1" seals nothing any more/ })
  t.strictSame(await copy('sessions'), [], 'all people sign in again')
})
t.test('everything still works, and orders sent again are known', async (t) => {
  t.strictSame(await findings(), [])
  t.match(await now.call('PUT', I, order), { status: 200 })
  t.match(await now.call('PUT', I, { ...order, parameters: { size: 2 } }), { status: 409 })
  for (const [name, body] of Object.entries(bindings)) {
    const B = `${I}/service_bindings/${name}`
    t.match(await now.call('PUT', B, body), { status: 200 }, name)
    t.match(await now.call('PUT', B, { ...body, parameters: { role: 'x' } }), { status: 409 }, name)
  }
  const again = (more: object) =>
    now.call('PATCH', `${S}?accepts_incomplete=true`, { ...update, ...more })
  t.match(await again({}), { status: 202 })
  t.match(await again({ parameters: { more: 2 } }), { status: 422 })
})

t.test('a password moves to the new digest key when it signs in', async (t) => {
  const digests = () => copy('platform_credentials')
  await until(digests, ([row]) => row.password_digest.length > 32)
  t.match(await now.call('GET', '/v2/catalog'), { status: 200 })
  const other = await kontor.another()
  t.match(await other.call('GET', '/v2/catalog'), { status: 200 })

  // One that was issued before the rotation, at two processes at once.
  const { runtime } = now.running
  const { username, password } = await createPlatform(runtime, commandLineCaller('test'), 'second')
  const digestOf = async () =>
    (await copy('platform_credentials', `username = '${username}'`))[0].password_digest as Buffer
  t.ok(vault.isDigestOf(await digestOf(), password))
  await writeAsKontor(db, 'platform_credentials', { username }, (tx) =>
    tx
      .updateTable('platform_credentials')
      .set({ password_digest: makeDigest(oldDigestKey, password) })
      .where('username', '=', username)
      .execute(),
  )
  await Promise.all([runtime.refresh(), other.running.runtime.refresh()])
  const signIn = ({ call }: typeof other) =>
    call('GET', '/v2/catalog', undefined, { authorization: basicAuth(username, password) })
  const signIns = await Promise.all([now, other, now, other].map(signIn))
  t.strictSame(
    signIns.map(({ status }) => status),
    [200, 200, 200, 200],
  )
  await until(digestOf, (digest) => digest.length > 32)
  await other.running.stop()
  await runtime.refresh()
  t.equal((await signIn(now)).status, 200)
  t.equal((await now.admin('GET', '/api/integrity')).body.isRight, true)
})

t.test('nothing newer opens, neither with the old ring nor with an old data key', async (t) => {
  t.match(await now.call('PUT', `${I}2`, { ...order, parameters: { size: 9 } }), { status: 201 })
  const [instance] = await copy('instances', `instance_id = 'i'`)
  const [fresh] = await copy('instances', `instance_id = 'i2'`)
  const freshAad: Aad = ['instances', 'parameters', fresh.id, fresh.platform_id, 0]
  t.throws(() => openBytes(old, fresh.parameters, freshAad), /sealed with the key "k2"/)
  // The data key of before, wrapped with k1, and what is encrypted now.
  const wrapped = prefixOf('k1', 3).length + 60
  const mixed = Buffer.concat([
    leakedInstance.parameters.subarray(0, wrapped),
    instance.parameters.subarray(wrapped),
  ])
  t.throws(() => openBytes(old, mixed, aad), /does not open/)
  // And the other way round: a value under the old data key.
  await sql.query(`update instances set parameters = $1 where id = $2`, [
    leakedInstance.parameters,
    leakedInstance.id,
  ])
  t.match(await now.call('GET', I), { status: 503 })
  await sql.query(`update instances set parameters = $1 where id = $2`, [
    instance.parameters,
    leakedInstance.id,
  ])
})

t.test('no row is accepted, and no digest of a password signs in', async (t) => {
  const macs = macsOf(old)
  const table = sealedTable('platform_credentials')
  const all = await copy('platform_credentials')
  const [kept] = all
  const [keptSet] = await copy('sealed_sets', `table_name = 'platform_credentials'`)
  const mine = makeDigest(oldDigestKey, 'mine')
  t.equal(vault.isDigestOf(mine, 'mine'), false, 'nor of a request')
  /** Gives the rows of the table, and the table, MACs of the old ring. */
  const sealWithOldRing = async () => {
    let sum = 0n
    for (const row of await listRows(db, table)) {
      const mac = sealRow(macs, table, row)
      sum += weightOf(mac)
      await sql.query('update platform_credentials set mac = $1 where id = $2', [mac, row.key])
    }
    const set = sealSet(macs, newestNames, table.table, BigInt(keptSet.revision) + 1n, sum)
    await sql.query(
      'update sealed_sets set revision = $1, digest = $2, mac = $3 where table_name = $4',
      [String(set.revision), set.digest, set.mac, set.table],
    )
    await now.running.runtime.refresh()
  }
  const signIn = async (username: string) =>
    (
      await now.call('GET', '/v2/catalog', undefined, {
        authorization: basicAuth(username, 'mine'),
      })
    ).status
  await sql.query(
    `insert into platform_credentials (id, platform_id, kind, username, password_digest, created_at)
     values ($1, $2, 'basic', 'thief', $3, now())`,
    [newId(new Date()), kept.platform_id, mine],
  )
  await sql.query('update platform_credentials set password_digest = $1 where id = $2', [
    mine,
    kept.id,
  ])
  await sealWithOldRing()
  t.strictSame([await signIn('thief'), await signIn(kept.username)], [401, 401])
  const other = await kontor.another()
  const { areKnown } = { areKnown: (await other.call('GET', '/v2/catalog')).status }
  t.equal(areKnown, 503, 'nor at a process that starts')
  await other.running.stop()
  await sql.query(`delete from platform_credentials where username = 'thief'`)
  for (const row of all)
    await sql.query(
      'update platform_credentials set password_digest = $1, mac = $2 where id = $3',
      [row.password_digest, row.mac, row.id],
    )
  await sql.query(
    'update sealed_sets set revision = $1, digest = $2, mac = $3 where table_name = $4',
    [keptSet.revision, keptSet.digest, keptSet.mac, keptSet.table_name],
  )
  await now.running.runtime.refresh()
  t.equal((await now.admin('GET', '/api/integrity')).body.isRight, true)
})

t.test('no instance is led to another provider', async (t) => {
  const [row] = await copy('instances', `instance_id = 'i'`)
  const [other] = await copy('instances', `instance_id = 's'`)
  const identity = {
    key: row.id,
    platformId: row.platform_id,
    instanceId: row.instance_id,
    providerId: other.provider_id,
    organisationId: row.organisation_id,
    offeringId: row.offering_id,
    upstreamId: row.upstream_id,
    upstreamServiceId: row.upstream_service_id,
  }
  const mac = identityMacOf(
    { ...vault, digest: (value, purpose) => makeDigest(oldDigestKey, value, purpose) },
    identity,
  )
  const set = (provider: string, bytes: Buffer) =>
    sql.query('update instances set provider_id = $1, identity_mac = $2 where id = $3', [
      provider,
      bytes,
      row.id,
    ])
  await set(other.provider_id, mac)
  t.match(await now.call('GET', I), { status: 503 })
  await set(row.provider_id, row.identity_mac)
  t.match(await now.call('GET', I), { status: 200 })
})

t.test('no event is appended, and none of before is changed', async (t) => {
  const links = await listLinks(db, 0, 1_000, 1_000)
  const retiredAt = vault.keysFor('audit log').find((key) => key.retiredAt !== undefined)?.retiredAt
  const end = retiredAt?.position ?? 0
  t.ok(end > 5 && links.length > end, 'events before and after')
  await sql.query(`create table kept_events as select * from audit_events;
    create table kept_links as select * from audit_links;
    create table kept_head as select * from audit_head`)
  const putBack = async () => {
    for (const table of ['events', 'links', 'head'])
      await sql.query(`delete from audit_${table};
        insert into audit_${table} overriding system value select * from kept_${table}`)
    await sql.query('delete from audit_unlinked')
    t.strictSame(await findings(), [], 'put back')
  }
  const setHead = async (position: number, hash: Buffer) => {
    const seal = headSealOf(auditKey, { position, hash })
    await sql.query('update audit_head set position = $1, hash = $2, seal = $3', [
      position,
      hash,
      seal,
    ])
  }

  // An event with the old key, which a worker links.
  const first = links[0]?.event as StoredEvent // the log is whole
  const forged = { ...first, uid: newId(new Date()), actor: 'admin' }
  await sql.query(`set session_replication_role = 'origin'`)
  await sql.query(
    `insert into audit_events (uid, at, actor, action, object_kind, object_id, outcome,
       organisation_id, platform_id, provider_id, instance_id, details, mac)
     select $1, at, $2, action, object_kind, object_id, outcome,
       organisation_id, platform_id, provider_id, instance_id, details, $3
     from audit_events where id = $4`,
    [forged.uid, forged.actor, macOf(auditKey, forged), first.id],
  )
  await sql.query(`set session_replication_role = 'replica'`)
  t.match(await findings(), [/^Forged: event \d+, not linked yet|^Forged: position \d+, event/])
  await putBack()

  // The log up to the retirement, written anew.
  let hash: Buffer = noHash
  for (const { link, event } of links.slice(0, end)) {
    const { position, eventId, linkedAt } = link
    const changed = { ...(event as StoredEvent), actor: 'x' } // the log is whole
    const mac = macOf(auditKey, changed)
    const content = { position, eventId, linkedAt, eventHash: eventHashOf({ ...changed, mac }) }
    hash = linkHashOf(hash, content)
    const seal = linkSealOf(auditKey, { ...content, hash })
    await sql.query('update audit_events set actor = $1, mac = $2 where id = $3', [
      'x',
      mac,
      eventId,
    ])
    await sql.query(
      'update audit_links set event_hash = $1, hash = $2, seal = $3 where position = $4',
      [content.eventHash, hash, seal, position],
    )
  }
  t.match(await findings(), [
    new RegExp(`^Rewritten: position ${end} is not as it was when a digest key was retired`),
    new RegExp(`^Reordered or forged: the link at position ${end + 1}, `),
  ])
  // And cut off there, with a head.
  await sql.query('delete from audit_links where position > $1', [end])
  await sql.query('delete from audit_events where id not in (select event_id from audit_links)')
  await setHead(end, hash)
  t.match(await findings(), [
    new RegExp(`^The head of the chain \\(position ${end}\\) was changed`),
    new RegExp(`^Rewritten: position ${end} `),
  ])
  await setHead(end - 1, hash)
  await sql.query('delete from audit_links where position >= $1', [end])
  await sql.query('delete from audit_events where id not in (select event_id from audit_links)')
  t.match((await findings()).join('\n'), `The chain once went to position ${end}; now it ends`)
  await putBack()
})

t.test('no process starts with the old digest key', async (t) => {
  await sql.query('create table kept_keys as select * from vault_secrets')
  await sql.query('delete from vault_secrets')
  for (const { name, sealed, version } of leakedKeys)
    await sql.query('insert into vault_secrets (name, sealed, version) values ($1, $2, $3)', [
      name,
      sealed,
      version,
    ])
  await t.rejects(kontor.another(), { code: 'configuration', message: /digest key is damaged/ })
  t.match(await now.call('GET', I), { status: 200 }, 'one that runs goes on')
  await sql.query('delete from vault_secrets')
  await sql.query('insert into vault_secrets select * from kept_keys')
})

t.test('no process takes the database for an unsealed one', async (t) => {
  await sql.query(`create table kept_sets as select * from sealed_sets;
    create table kept_marks as select * from vault_marks;
    create table kept_instances as select id, identity_mac from instances`)
  const withKey = async (sealed: string) => {
    await sql.query(`update vault_secrets set version = 0, sealed = $1 where name = 'digest-key'`, [
      Buffer.from(sealed, 'hex'),
    ])
    return kontor.another()
  }
  // Of a key "zz", which no ring has, in the newest format and in that of earlier releases.
  await sql.query('update instances set identity_mac = null')
  const newest = await withKey('03027a7aff')
  t.match(await newest.call('GET', I), { status: 503 }, 'an instance without a MAC')
  await newest.running.stop()
  await sql.query('delete from sealed_sets')
  await sql.query('delete from vault_marks')
  const first = await withKey('01027a7aff')
  t.match(await first.call('GET', '/v2/catalog'), { status: 503 }, 'rows that no set stands for')
  const { tables } = (await first.admin('GET', '/api/integrity')).body
  t.ok(tables.every(({ isSealed }: { isSealed: boolean }) => isSealed))
  await first.running.stop()
  await sql.query(`delete from vault_secrets where name = 'digest-key-2'`)
  const refused = { code: 'configuration', message: /digest key .*is gone/ }
  await sql.query(`update vault_secrets set (sealed, version) = (kept.sealed, kept.version)
    from kept_keys as kept where kept.name = vault_secrets.name`)
  await t.rejects(kontor.another(), refused, 'nor with a retired digest key only')
  await sql.query('delete from vault_secrets')
  await t.rejects(kontor.another(), refused, 'nor for a new one, with a new digest key')
  t.strictSame(await copy('vault_secrets'), [])
  await sql.query(`insert into sealed_sets select * from kept_sets;
    insert into vault_marks select * from kept_marks;
    update instances set identity_mac = kept.identity_mac from kept_instances as kept
      where kept.id = instances.id;
    insert into vault_secrets select * from kept_keys`)
  t.match(await runKontor(['audit', 'verify'], environment), { code: 0 })
})

t.test('a damaged audit log does not keep a key from being retired', async (t) => {
  await now.running.stop()
  await sql.query(`update audit_head set seal = '\\x00'`)
  environment['KONTOR_KEYS'] = `k3:${randomBytes(32).toString('base64')},${k2}`
  const rotate = (...options: string[]) =>
    runKontor(['key', 'rotate', '--all', ...options], environment)
  t.match(await rotate(), {
    code: 1,
    stderr: /head of the audit chain is not as Kontor wrote it.*old digest key stays in force/,
  })
  t.match(await rotate('--accept-damaged-log'), { code: 0, stdout: /The key "k2" seals nothing/ })
  const { running, call } = await kontor.another()
  t.match(await call('GET', I), { status: 200 })
  const sentences: string[] = []
  await verifyAudit(running.runtime.db, { onFinding: (sentence) => sentences.push(sentence) })
  t.match(sentences[0], /^The head of the chain \(position \d+\) was changed/)
  t.notMatch(sentences.join('\n'), /Rewritten|Reordered/)
})
