import { createSecretKey, randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { openDatabase } from '../../src/db/database.ts'
import type { AuditEnd, DigestKey } from '../../src/vault/digest-keys/digest-key.ts'
import { chooseDigestKey } from '../../src/vault/digest-keys/read-digest-keys.ts'
import { parseKeyRing, type KeyRing } from '../../src/vault/key-ring.ts'
import { isMacOf, macKeyId, makeMac } from '../../src/vault/mac.ts'
import { openBytes, sealAgain, sealBytes, type Aad } from '../../src/vault/seal.ts'
import { openVault } from '../../src/vault/vault.ts'
import { canonicalJson } from '../../src/vault/canonical-json.ts'
import { createDatabase } from '../support/postgres.ts'

const newKey = () => randomBytes(32).toString('base64')
const [first, second] = [newKey(), newKey()]
const ring = parseKeyRing(`k1:${first}`)
const aad: Aad = ['instances', 'parameters', 'row-1', 'tenant-1']
const plain = Buffer.from('{"password":"hunter2"}')

t.test('a sealed value opens with the same AAD and does not contain the plain text', async (t) => {
  const sealed = sealBytes(ring, plain, aad)
  t.ok(openBytes(ring, sealed, aad).equals(plain))
  t.notOk(sealed.includes('hunter2'))
  t.notOk(
    sealed.equals(sealBytes(ring, plain, aad)),
    'the same value sealed twice gives different bytes',
  )
  for (const bytes of [Buffer.alloc(0), randomBytes(100_000)])
    t.ok(openBytes(ring, sealBytes(ring, bytes, aad), aad).equals(bytes))
})

t.test('a sealed value opens for no other table, column, row or owner', async (t) => {
  const sealed = sealBytes(ring, plain, aad)
  for (const [at, part] of aad.entries()) {
    const otherAad = aad.toSpliced(at, 1, `${part}x`) as unknown as Aad // still four parts
    t.throws(() => openBytes(ring, sealed, otherAad), /does not open/, otherAad.join('.'))
  }
  t.throws(
    () => openBytes(ring, sealBytes(ring, plain, ['a', 'b', 'c', 'd']), ['a', 'b', 'cd', '']),
    /does not open/,
    'the parts stay separate',
  )
})

t.test('a sealed value with a byte changed, removed or added does not open', async (t) => {
  const sealed = sealBytes(ring, plain, aad)
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    try {
      openBytes(ring, changed, aad)
      t.fail(`byte ${at} can be changed`)
    } catch (error) {
      if (!(error instanceof Error) || error.message.includes('hunter2'))
        t.fail(`byte ${at}: ${String(error)}`)
    }
  }
  for (const length of [0, 1, 2, 5, 30, 70, sealed.length - 17, sealed.length - 1])
    t.throws(() => openBytes(ring, sealed.subarray(0, length), aad), `cut at ${length}`)
  t.throws(() => openBytes(ring, Buffer.concat([sealed, Buffer.of(0)]), aad))
})

t.test('a ring of two keys seals with the first and opens values of both', async (t) => {
  const before = sealBytes(ring, plain, aad)
  const both = parseKeyRing(`k2:${second}, k1:${first}`)
  t.equal(both.current, 'k2')
  t.ok(openBytes(both, before, aad).equals(plain), 'a value sealed with the old key')
  const after = sealBytes(both, plain, aad)
  t.ok(
    openBytes(parseKeyRing(`k2:${second}`), after, aad).equals(plain),
    'the new key alone opens a value sealed now',
  )
  t.throws(
    () => openBytes(ring, after, aad),
    /sealed with the key "k2", which is not in the KONTOR_KEYS of this process/,
  )
  t.throws(
    () => openBytes(parseKeyRing(`k1:${second}`), before, aad),
    /does not open with the key "k1"/,
    'another key under the same id',
  )
})

t.test('digests are made with the newest key that all processes know', async (t) => {
  const keyOf = (id: number, retiredAt?: AuditEnd): [number, DigestKey] => {
    const key = createSecretKey(randomBytes(32))
    return [id, { id, key, sealed: Buffer.of(), version: 0, madeUnder: 'k1', retiredAt }]
  }
  const choose = (keys: ReadonlyArray<[number, DigestKey]>, ...others: Array<number | null>) =>
    chooseDigestKey({ all: new Map(keys), isComplete: true }, others)
  const both = [keyOf(1), keyOf(2)]
  t.equal(choose(both), 2)
  t.equal(choose(both, 2, 2), 2)
  t.equal(choose(both, 2, 1), 1, 'one has not read the new key yet')
  t.equal(choose(both, 2, null), 1, 'one of an earlier release could not check others')
  t.equal(choose([keyOf(1, { position: 7, hash: randomBytes(32) }), keyOf(2)], null), 2, 'retired')
})

t.test('a value of the first format is not sealed again in the newest', async (t) => {
  t.throws(() => sealAgain(ring, sealBytes(ring, plain, aad, 1), aad), /format of earlier releases/)
  const [value, again] = [sealBytes(ring, plain, aad), parseKeyRing(`k2:${second},k1:${first}`)]
  const fresh = sealAgain(again, value, aad)
  t.ok(openBytes(parseKeyRing(`k2:${second}`), fresh, aad).equals(plain))
})

t.test('the error for an invalid key ring names the entry and never contains a key', async (t) => {
  const wrong: Record<string, RegExp> = {
    '': /entry 1 is not of the form/,
    k1: /entry 1 is not of the form/,
    [first]: /entry 1 is not of the form/,
    [`k1:${first},`]: /entry 2 is not of the form/,
    [`k 1:${first}`]: /entry 1 is not/,
    [`${'k'.repeat(33)}:${first}`]: /entry 1 is not/,
    'k1:hunter2': /entry 1 \("k1"\) is 5 bytes long; it must be 32/,
    [`k1:${first},k1:${second}`]: /entry 2 repeats the id "k1"/,
    [`k1:${first},k2:${randomBytes(31).toString('base64')}`]: /entry 2 \("k2"\) is 31 bytes/,
    [`k1:${randomBytes(33).toString('base64')}`]: /is 33 bytes/,
  }
  for (const [text, says] of Object.entries(wrong)) {
    t.throws(() => parseKeyRing(text), { code: 'configuration', message: says }, text.slice(0, 10))
    try {
      parseKeyRing(text)
    } catch (error) {
      t.notMatch(String(error), /hunter2|[A-Za-z0-9+/]{40}/)
    }
  }
})

async function open(t: Test, url: string, keys: KeyRing) {
  const db = openDatabase(url, { connections: 1, name: 'vault-test' })
  t.teardown(() => db.destroy())
  return openVault(db, keys)
}

t.test(
  'digests are equal for equal values in any order of object keys, also after a rotation',
  async (t) => {
    const { url } = await createDatabase(t)
    const vault = await open(t, url, ring)
    const digest = vault.digest({ a: 1, b: { c: [1, { x: 1, y: 2 }], d: null } })
    t.ok(digest.equals(vault.digest({ b: { d: null, c: [1, { y: 2, x: 1 }] }, a: 1 })))
    for (const other of [
      { a: 1 },
      { a: 1, b: { c: [{ x: 1, y: 2 }, 1], d: null } },
      { a: '1', b: { c: [1, { x: 1, y: 2 }], d: null } },
      null,
      [],
      '',
    ])
      t.notOk(digest.equals(vault.digest(other)), JSON.stringify(other))
    const rotated = await open(t, url, parseKeyRing(`k2:${second},k1:${first}`))
    t.ok(digest.equals(rotated.digest({ a: 1, b: { c: [1, { x: 1, y: 2 }], d: null } })))
    t.notOk(
      digest.equals(
        (await open(t, (await createDatabase(t)).url, ring)).digest({
          a: 1,
          b: { c: [1, { x: 1, y: 2 }], d: null },
        }),
      ),
      'another database has another digest key',
    )
    t.strictSame(rotated.open(vault.seal({ a: ['ü', 1, null] }, aad), aad), {
      a: ['ü', 1, null],
    })
  },
)

t.test('a ring without the right key does not open the database and changes nothing', async (t) => {
  const { url } = await createDatabase(t)
  await open(t, url, ring)
  for (const keys of [`k2:${second}`, `k1:${second}`])
    await t.rejects(open(t, url, parseKeyRing(keys)), {
      code: 'configuration',
      message: /KONTOR_KEYS does not open this database/,
    })
  await t.resolves(open(t, url, ring))
})

t.test('canonical JSON is the same only for equal values', async (t) => {
  t.equal(canonicalJson({ b: 1, a: { d: [], c: {} } }), '{"a":{"c":{},"d":[]},"b":1}')
  t.not(canonicalJson({ a: [1, 2] }), canonicalJson({ a: [2, 1] }))
  t.equal(canonicalJson([{ b: 1, a: 2 }]), '[{"a":2,"b":1}]')
  t.equal(canonicalJson('text'), '"text"')
})

t.test('a MAC counts for its value, its context and its purpose only', async (t) => {
  const mac = makeMac(ring, { b: 1, a: 'x' }, ['row', 'platforms'])
  const counts = (
    value: unknown,
    context: readonly string[],
    purpose?: 'row mac' | 'checkpoint',
    under: KeyRing = ring,
  ) => isMacOf(under, mac, value, context, purpose)
  t.ok(counts({ a: 'x', b: 1 }, ['row', 'platforms']), 'in any order of keys')
  t.notOk(counts({ a: 'x', b: 2 }, ['row', 'platforms']))
  t.notOk(counts({ b: 1, a: 'x' }, ['row', 'quotas']))
  t.notOk(counts({ b: 1, a: 'x' }, ['rowplatforms']))
  t.notOk(counts({ b: 1, a: 'x' }, ['row', 'platforms'], 'checkpoint'))
  t.equal(macKeyId(mac), 'k1')
  t.ok(
    counts(
      { a: 'x', b: 1 },
      ['row', 'platforms'],
      undefined,
      parseKeyRing(`k2:${second},k1:${first}`),
    ),
  )
  t.notOk(counts({ a: 'x', b: 1 }, ['row', 'platforms'], undefined, parseKeyRing(`k1:${second}`)))
  t.notOk(counts({ a: 'x', b: 1 }, ['row', 'platforms'], undefined, parseKeyRing(`k2:${first}`)))
})

t.test('bytes that are no MAC count for nothing', async (t) => {
  const mac = makeMac(ring, 'x', ['row'])
  const others = [
    Buffer.of(),
    Buffer.of(2),
    Buffer.of(2, 2),
    mac.subarray(0, -1),
    Buffer.concat([mac, Buffer.of(0)]),
    Buffer.concat([Buffer.of(1), mac.subarray(1)]),
    Buffer.concat([Buffer.of(2, 255), mac.subarray(2)]),
  ]
  for (const bytes of others) t.notOk(isMacOf(ring, bytes, 'x', ['row']), bytes.toString('hex'))
  for (let at = 0; at < mac.length; at++) {
    const changed = Buffer.from(mac)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    if (isMacOf(ring, changed, 'x', ['row'])) t.fail(`byte ${at} can be changed`)
  }
})
