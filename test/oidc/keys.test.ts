// Issuers that are slow, endless, wrong or impostors: their keys, over real HTTP and TLS.
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'
import t, { type Test } from 'tap'
import { createLog } from '../../src/log.ts'
import { valuesOf } from '../../src/oidc/claims.ts'
import type { TrustedIssuer } from '../../src/oidc/issuers.ts'
import { openTokens, type Refusal, type Token, type Tokens } from '../../src/oidc/tokens.ts'

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
const key: JWK = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }
const json =
  (value: unknown): RequestListener =>
  (_request, response) => {
    response.end(JSON.stringify(value))
  }
const tls = (name: string) =>
  readFileSync(new URL(`../support/tls/${name}`, import.meta.url), 'utf8')

interface Site {
  readonly url: string
  answer: RequestListener
  reads: number
}

async function serve(t: Test, answer: RequestListener, certificate?: string): Promise<Site> {
  const site = { url: '', answer, reads: 0 }
  const listener: RequestListener = (request, response) => {
    site.reads++
    site.answer(request, response)
  }
  const server =
    certificate === undefined
      ? createServer(listener)
      : createTlsServer(
          { cert: tls(`${certificate}.pem`), key: tls(`${certificate}.key`) },
          listener,
        )
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as import('node:net').AddressInfo // a TCP server's address is never a string
  site.url = certificate === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`
  return site
}

function open(
  t: Test,
  url: string,
  more: Partial<TrustedIssuer> = {},
  now = () => new Date(),
): Tokens {
  const tokens = openTokens(
    [
      {
        issuer: url,
        alias: 'test',
        audience: ['kontor'],
        jwksUri: new URL(`${url}/keys`),
        algorithms: ['ES256', 'RS256'],
        onlyAccessTokens: false,
        toleranceSeconds: 0,
        maxAgeSeconds: 86_400,
        ca: undefined,
        platformClaim: 'sub',
        client: undefined,
        people: {},
        ...more,
      },
    ],
    { now, log: createLog('silent') },
  )
  t.teardown(() => tokens.close())
  return tokens
}

const sign = (
  url: string,
  claims: Record<string, unknown> = {},
  kid: string | undefined = 'k',
  by = privateKey,
) => {
  const now = Math.floor(Date.now() / 1_000)
  return new SignJWT({
    iss: url,
    sub: 'x',
    aud: 'kontor',
    iat: now,
    exp: now + 300,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', ...(kid === '' ? {} : { kid }) })
    .sign(by)
}
const isGood = (verified: Token | Refusal) => 'claims' in verified

t.test('unusable answers give no keys, and the known ones stay', async (t) => {
  const bad: Record<string, RequestListener> = {
    'no JSON': (_request, response) => {
      response.end('<html>')
    },
    'an array': json([key]),
    'no keys': json({ keys: [] }),
    'keys that are none': json({ keys: 'all' }),
    'a key that is text': json({ keys: ['k'] }),
    'too many': json({ keys: Array.from({ length: 201 }, () => key) }),
    'far too many keys': (_request, response) => {
      response.end(JSON.stringify({ keys: [key], filler: 'x'.repeat(600_000) }))
    },
    'an error': (_request, response) => {
      response.writeHead(500).end(JSON.stringify({ keys: [key] }))
    },
    'a redirect': (_request, response) => {
      response.writeHead(302, { location: '/elsewhere' }).end()
    },
    'half an answer': (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"keys":')
      response.socket?.destroy()
    },
  }
  for (const [name, answer] of Object.entries(bad)) {
    const site = await serve(t, answer)
    const tokens = open(t, site.url)
    const token = await sign(site.url)
    t.notOk(isGood(await tokens.verify(token)), name)
    site.answer = json({ keys: [key] })
    t.ok(isGood(await tokens.verify(token)), `${name}, then good ones`)
    site.answer = answer
    t.notOk(isGood(await tokens.verify(await sign(site.url, {}, 'other'))), 'has them read anew')
    t.ok(isGood(await tokens.verify(await sign(site.url, { jti: 'y' }))), `${name} after good ones`)
  }
})

t.test('a remembered token counts until it is too old, whatever its end is', async (t) => {
  const site = await serve(t, json({ keys: [key] }))
  const issuedMs = Math.floor(Date.now() / 1_000) * 1_000
  let nowMs = issuedMs
  const tokens = open(
    t,
    site.url,
    { maxAgeSeconds: 3_600, toleranceSeconds: 30 },
    () => new Date(nowMs),
  )
  const token = await sign(site.url, { iat: issuedMs / 1_000, exp: issuedMs / 1_000 + 31_536_000 })
  t.ok(isGood(await tokens.verify(token)))
  nowMs = issuedMs + 3_629_999
  t.ok(isGood(await tokens.verify(token)), 'until the tolerance ends')
  nowMs = issuedMs + 3_630_000
  t.strictSame(await tokens.verify(token), { reason: 'The token was issued too long ago (iat)' })
})

t.test('an answer that never ends is abandoned', async (t) => {
  const dripping: NodeJS.Timeout[] = []
  t.teardown(() => {
    for (const each of dripping) clearInterval(each)
  })
  const site = await serve(t, (_request, response) => {
    response.write('{"keys":[')
    dripping.push(
      setInterval(() => {
        response.write(' ')
      }, 200),
    )
  })
  const tokens = open(t, site.url)
  const begun = performance.now()
  t.notOk(isGood(await tokens.verify(await sign(site.url))))
  t.ok(performance.now() - begun < 20_000)
})

t.test('the discovery document must be its own and name a safe URL', async (t) => {
  const site = await serve(t, () => {})
  const found =
    (issuer: string, jwksUri: unknown): RequestListener =>
    (request, response) => {
      json(
        request.url === '/.well-known/openid-configuration'
          ? { issuer, jwks_uri: jwksUri }
          : { keys: [key] },
      )(request, response)
    }
  for (const [name, issuer, address] of [
    ['another issuer', 'https://other.example', `${site.url}/keys`],
    ['no address', site.url, undefined],
    ['plain HTTP elsewhere', site.url, 'http://keys.example'],
    ['a file', site.url, 'file:///etc/passwd'],
  ] as const) {
    site.answer = found(issuer, address)
    t.notOk(
      isGood(await open(t, site.url, { jwksUri: undefined }).verify(await sign(site.url))),
      name,
    )
  }
  site.answer = found(site.url, `${site.url}/keys`)
  t.ok(isGood(await open(t, site.url, { jwksUri: undefined }).verify(await sign(site.url))))
})

t.test('over TLS the issuer must have a certificate for its name', async (t) => {
  const ca = tls('ca.pem')
  const [right, elsewhere] = [
    await serve(t, json({ keys: [key] }), 'localhost'),
    await serve(t, json({ keys: [key] }), 'elsewhere'),
  ]
  t.ok(isGood(await open(t, right.url, { ca }).verify(await sign(right.url))))
  t.notOk(
    isGood(await open(t, right.url, { ca: tls('other-ca.pem') }).verify(await sign(right.url))),
    'another authority',
  )
  t.notOk(
    isGood(await open(t, right.url).verify(await sign(right.url))),
    'the usual authorities do not know it',
  )
  t.notOk(
    isGood(await open(t, elsewhere.url, { ca }).verify(await sign(elsewhere.url))),
    'another name',
  )
  t.equal(elsewhere.reads, 0)
})

t.test('without a key id each matching key is tried, up to a limit', async (t) => {
  const others = await Promise.all(
    Array.from({ length: 7 }, async (_, at): Promise<JWK> => ({
      ...(await exportJWK((await generateKeyPair('ES256')).publicKey)),
      kid: `o${at}`,
    })),
  )
  const site = await serve(t, json({ keys: [...others.slice(0, 4), key] }))
  t.ok(isGood(await open(t, site.url).verify(await sign(site.url, {}, ''))))
  site.answer = json({ keys: [...others, key] })
  t.notOk(isGood(await open(t, site.url).verify(await sign(site.url, {}, ''))))
  site.answer = json({ keys: [{ ...key, use: 'enc' }] })
  t.notOk(isGood(await open(t, site.url).verify(await sign(site.url))), 'a key for something else')
})

t.test('another key under the same id is accepted too', async (t) => {
  const site = await serve(t, json({ keys: [key] }))
  const tokens = open(t, site.url)
  t.ok(isGood(await tokens.verify(await sign(site.url))))
  const next = await generateKeyPair('ES256')
  site.answer = json({ keys: [{ ...(await exportJWK(next.publicKey)), kid: 'k' }] })
  t.ok(isGood(await tokens.verify(await sign(site.url, {}, 'k', next.privateKey))))
})

t.test('a cached token costs no promise, and expires on time', async (t) => {
  const site = await serve(t, json({ keys: [key] }))
  let passedMs = 0
  const tokens = open(t, site.url, {}, () => new Date(Date.now() + passedMs))
  const token = await sign(site.url, { exp: Math.floor(Date.now() / 1_000) + 60 })
  t.ok(tokens.verify(token) instanceof Promise)
  t.ok(isGood(await tokens.verify(token)))
  t.notOk(tokens.verify(token) instanceof Promise)
  passedMs = 61_000
  t.match(await tokens.verify(token), { reason: 'The token has expired' })
})

t.test(
  'a withdrawn key stays valid for ten minutes at most, without traffic too; no key outlives a day without its issuer',
  async (t) => {
    const site = await serve(t, json({ keys: [key] }))
    let passedMs = 0
    const clock = () => new Date(Date.now() + passedMs)
    const tokens = open(t, site.url, { maxAgeSeconds: 9e9 }, clock)
    const [kept, other] = [
      await sign(site.url, { exp: 9e9 }),
      await sign(site.url, { exp: 9e9, jti: 'other' }),
    ]
    t.ok(isGood(await tokens.verify(kept)))
    const next = await generateKeyPair('ES256')
    site.answer = json({ keys: [{ ...(await exportJWK(next.publicKey)), kid: 'next' }] })
    passedMs = 590_000
    t.ok(isGood(await tokens.verify(kept)), 'known')
    t.equal(site.reads, 1)
    passedMs = 601_000
    t.notOk(
      (await Promise.all(Array.from({ length: 20 }, async () => tokens.verify(kept)))).some(isGood),
      'a cached token',
    )
    t.notOk(isGood(await tokens.verify(other)), 'a new token')
    const fresh = await sign(site.url, { exp: 9e9 }, 'next', next.privateKey)
    t.ok(isGood(await tokens.verify(fresh)))

    passedMs = 1_300_000
    site.answer = (_request, response) => {
      response.writeHead(503).end()
    }
    const before = site.reads
    t.ok(
      (await Promise.all(Array.from({ length: 20 }, async () => tokens.verify(fresh)))).every(
        isGood,
      ),
      'away',
    )
    t.equal(site.reads, before + 1, 'asked once for all who wait')
    t.notOk(tokens.verify(fresh) instanceof Promise, 'and then no request waits')
    t.ok(
      isGood(
        await tokens.verify(
          await sign(site.url, { exp: 9e9, jti: 'away' }, 'next', next.privateKey),
        ),
      ),
    )
    t.equal(site.reads, before + 1)
    passedMs = 1_400_000
    site.answer = json({ keys: [key] })
    t.notOk(isGood(await tokens.verify(fresh)), 'it may be back by now, and is')
    t.ok(isGood(await tokens.verify(kept)))

    site.answer = (_request, response) => {
      response.socket?.destroy()
    }
    passedMs += 86_000_000
    t.ok(isGood(await tokens.verify(kept)), 'away for nearly a day')
    passedMs += 500_000
    t.notOk(isGood(await tokens.verify(kept)), 'for longer')
  },
)

t.test('claims are read by name or by path', async (t) => {
  const of = (claims: Record<string, unknown>, name: string | undefined) =>
    valuesOf({ claims } as unknown as Token, name)
  t.strictSame(of({ roles: ['a', 1, 'b'] }, 'roles'), ['a', 'b'])
  t.strictSame(of({ roles: ' a  b ' }, 'roles'), ['a', 'b'])
  t.strictSame(of({ realm_access: { roles: ['a'] } }, 'realm_access.roles'), ['a'])
  t.strictSame(
    of({ 'https://kontor.example/roles': ['a'] }, 'https://kontor.example/roles'),
    ['a'],
    'its own name may hold dots',
  )
  for (const claims of [{}, { roles: { a: true } }, { roles: 5 }, { roles: null }])
    t.strictSame(of(claims, 'roles'), [])
  t.strictSame(of({}, 'constructor.name'), [], 'nothing that is not in the token')
  t.strictSame(of({ a: 'x' }, 'a.length'), [])
  t.strictSame(of({ a: 'x' }, undefined), [])
})
