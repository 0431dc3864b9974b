// OAuth 2.0 towards a provider: how tokens are fetched, how long they are used, and what a broken
// token endpoint causes.
import type { ServerResponse } from 'node:http'
import t from 'tap'
import type { Backend } from '../../src/backends/backend.ts'
import { osbBackend } from '../../src/backends/osb.ts'
import type { OsbOAuth2Credentials, OsbSettings } from '../../src/types.gen.ts'
import {
  answer,
  freePort,
  loopback,
  scriptedUpstream,
  type Script,
  type Upstream,
} from '../support/scripted-upstream.ts'
import { answerJson, tokenEndpoint, type TestTokenEndpoint } from '../support/token-endpoint.ts'
import { order } from './orders.ts'
import type { Teardown } from '../support/teardown.ts'

const never = new AbortController().signal
// With characters that form-urlencoding changes.
const client = { id: 'kontor:a b', secret: "s3cret/+&=%~*'()" }
const turnedAway = {
  'www-authenticate': 'Basic realm="x", Bearer realm="broker", error="invalid_token"',
}

interface Stage {
  readonly backend: Backend
  readonly upstream: Upstream
  readonly tokens: TestTokenEndpoint
}

/** A broker that accepts the tokens of the endpoint. */
async function stage(
  t: Teardown,
  more: Partial<OsbOAuth2Credentials> = {},
  settings: Partial<OsbSettings> = {},
  refusal: Script = answer(401, {}, turnedAway),
): Promise<Stage> {
  const tokens = await tokenEndpoint(t, client)
  const upstream = await scriptedUpstream(t, (request, response) => {
    const script = tokens.knows(request.headers.authorization)
      ? answer(
          200,
          request.path.endsWith('last_operation') ? { state: 'in progress' } : { services: [] },
        )
      : refusal
    script(request, response)
  })
  const backend = osbBackend(
    { url: upstream.url, timeoutSeconds: 5, ...settings },
    { tokenUrl: tokens.url, clientId: client.id, clientSecret: client.secret, ...more },
    loopback,
  )
  t.teardown(() => backend.close())
  return { backend, upstream, tokens }
}

const provision = (backend: Backend, signal = never) => backend.provision(order.provision(), signal)
const ask = (backend: Backend) => backend.progress({ instance: order.provision() }, never)
const sentWith = ({ upstream }: Stage) =>
  upstream.requests.map(({ headers }) => headers.authorization)

void t.test('the request for a token', async (t) => {
  await t.test('signs in by the header, form-urlencoded, and asks for what is set', async (t) => {
    const set = await stage(t, {
      scope: 'broker read',
      audience: 'https://broker.example',
      resource: 'urn:broker',
    })
    t.match(await provision(set.backend), { kind: 'done' })
    t.match(set.tokens.requests, [
      { method: 'POST', path: '/oauth2/token?tenant=a', authorization: /^Basic / },
    ])
    t.strictSame(set.tokens.requests[0]?.form, {
      grant_type: 'client_credentials',
      scope: 'broker read',
      audience: 'https://broker.example',
      resource: 'urn:broker',
    })
    t.strictSame(sentWith(set), ['Bearer token-1'])
  })

  await t.test('or in the body', async (t) => {
    const set = await stage(t, { clientAuthentication: 'client_secret_post' })
    t.match(await provision(set.backend), { kind: 'done' })
    t.strictSame(
      set.tokens.requests.map(({ authorization, form }) => ({ authorization, form })),
      [
        {
          authorization: undefined,
          form: {
            grant_type: 'client_credentials',
            client_id: client.id,
            client_secret: client.secret,
          },
        },
      ],
    )
  })
})

void t.test('how long a token is used', async (t) => {
  await t.test('one is fetched for all who wait, and used from then on', async (t) => {
    const set = await stage(t)
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, nth) =>
        nth % 2 === 0 ? provision(set.backend) : ask(set.backend),
      ),
    )
    t.ok(outcomes.every(({ kind }) => kind === 'done' || kind === 'running'))
    t.match(await set.backend.catalog(undefined, never), { kind: 'changed' })
    t.equal(set.tokens.requests.length, 1)
    t.strictSame(new Set(sentWith(set)), new Set(['Bearer token-1']))
  })

  await t.test('it is renewed in the last quarter of its life', async (t) => {
    const set = await stage(t)
    set.tokens.more = { expires_in: 0.8 }
    const startedAt = performance.now()
    while (set.tokens.requests.length < 2) t.match(await provision(set.backend), { kind: 'done' })
    t.ok(performance.now() - startedAt >= 600)
    t.equal(sentWith(set).at(-1), 'Bearer token-2')
  })

  for (const life of [undefined, null, '3600', 1e300, 1]) {
    await t.test(`expires_in ${life}`, async (t) => {
      const set = await stage(t)
      set.tokens.more = { expires_in: life }
      t.match(await provision(set.backend), { kind: 'done' })
      t.match(await provision(set.backend), { kind: 'done' })
      t.equal(set.tokens.requests.length, 1)
    })
  }
})

void t.test('a token that the broker rejects', async (t) => {
  await t.test('is dropped, and the call repeated once with a new one', async (t) => {
    const set = await stage(t)
    t.match(await provision(set.backend), { kind: 'done' })
    for (const again of [
      () => ask(set.backend),
      () => provision(set.backend),
      () => set.backend.catalog(undefined, never),
    ]) {
      set.tokens.revoke()
      t.match(await again(), { kind: /^(done|running|changed)$/ })
    }
    t.strictSame(
      sentWith(set),
      [1, 1, 2, 2, 3, 3, 4].map((nth) => `Bearer token-${nth}`),
    )
  })

  await t.test('concurrent calls share the new one', async (t) => {
    const set = await stage(t)
    t.match(await provision(set.backend), { kind: 'done' })
    set.tokens.revoke()
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => provision(set.backend)))
    t.ok(
      outcomes.every(({ kind }) => kind === 'done'),
      JSON.stringify(outcomes),
    )
    t.equal(set.tokens.requests.length, 2)
  })

  await t.test(
    'after a 401 that does not mention the token a changing call is not repeated, a question is',
    async (t) => {
      const set = await stage(
        t,
        {},
        {},
        answer(401, {}, { 'www-authenticate': 'Bearer realm="broker"' }),
      )
      t.match(await provision(set.backend), { kind: 'done' })
      set.tokens.revoke()
      t.match(await provision(set.backend), {
        kind: 'refused',
        refusal: { reason: 'unauthorized', status: 401 },
      })
      t.equal(set.upstream.requests.length, 2)
      t.match(await provision(set.backend), { kind: 'done' }, 'the token was dropped all the same')
      set.tokens.revoke()
      t.match(await ask(set.backend), { kind: 'running' })
    },
  )

  await t.test('the second line of the header counts too', async (t) => {
    const set = await stage(
      t,
      {},
      {},
      answer(
        401,
        {},
        { 'www-authenticate': ['Basic realm="x"', 'Bearer realm="broker", error="invalid_token"'] },
      ),
    )
    t.match(await provision(set.backend), { kind: 'done' })
    set.tokens.revoke()
    t.match(await provision(set.backend), { kind: 'done' })
    t.strictSame(sentWith(set), ['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
  })

  await t.test('a token that was just fetched and is rejected is not replaced', async (t) => {
    const set = await stage(t)
    set.tokens.more = { access_token: 'of-another-broker' }
    t.match(await provision(set.backend), { kind: 'refused', refusal: { reason: 'unauthorized' } })
    t.match(await ask(set.backend), { kind: 'unclear' })
    t.strictSame(sentWith(set), ['Bearer of-another-broker', 'Bearer of-another-broker'])
  })

  await t.test('without a new token nothing is sent again', async (t) => {
    const set = await stage(t)
    t.match(await provision(set.backend), { kind: 'done' })
    set.tokens.revoke()
    set.tokens.answer = (response) => answerJson(response, 503, {})
    t.match(await provision(set.backend), {
      kind: 'refused',
      refusal: { reason: 'not_sent', description: /no access token.*503/ },
    })
    t.equal(set.upstream.requests.length, 2)
  })
})

void t.test('without a token nothing is sent, and the description says why', async (t) => {
  const say =
    (status: number, body: unknown, headers?: Record<string, string>) =>
    (response: ServerResponse) =>
      answerJson(response, status, body, headers)
  const token = (more: object) =>
    say(200, { access_token: 'fine', token_type: 'bearer', expires_in: 60, ...more })
  const bad: ReadonlyArray<
    readonly [name: string, answer: (response: ServerResponse) => void, says: RegExp]
  > = [
    [
      'wrong client',
      say(401, { error: 'invalid_client', error_description: client.secret }),
      /answered with 401 \(invalid_client\)/,
    ],
    ['an error of its own', say(400, { error: `leak ${client.secret}` }), /answered with 400\.$/],
    ['down', say(503, '<html>'), /answered with 503\.$/],
    [
      'redirect',
      (response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
      /redirect \(307\), which is not followed/,
    ],
    ['not JSON', say(200, '<html>'), /answered HTML instead of JSON/],
    ['no object', say(200, '["x"]'), /not a JSON object/],
    ['nothing', say(200, ''), /the answer is empty/],
    ['too long', say(200, `{"access_token":"${'x'.repeat(70_000)}"}`), /the answer is too long/],
    [
      'without end',
      (response) => {
        const pour = () => {
          while (!response.destroyed && response.write(' '.repeat(65_536)));
        }
        response.writeHead(200).on('drain', pour)
        pour()
      },
      /the answer is too long/,
    ],
    ['no token', token({ access_token: undefined }), /no token that can be sent/],
    ['no text', token({ access_token: 7 }), /no token that can be sent/],
    ['empty token', token({ access_token: '' }), /no token that can be sent/],
    [
      'control characters',
      token({ access_token: 'a\r\nx-injected: 1' }),
      /no token that can be sent/,
    ],
    ['long token', token({ access_token: 'x'.repeat(20_001) }), /no token that can be sent/],
    ['another type', token({ token_type: 'DPoP' }), /another type than "Bearer"/],
    ['no type', token({ token_type: undefined }), /another type than "Bearer"/],
    ...[0, -1, 'soon', '-5', true, [60]].map(
      (life) =>
        [
          `expires_in ${JSON.stringify(life)}`,
          token({ expires_in: life }),
          /no time to live/,
        ] as const,
    ),
    [
      'broken off',
      (response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{')
        setImmediate(() => response.destroy())
      },
      /the connection broke/,
    ],
  ]
  for (const [name, script, says] of bad) {
    await t.test(name, async (t) => {
      const { backend, tokens, upstream } = await stage(t)
      tokens.answer = script
      const outcome = await provision(backend)
      t.match(outcome, {
        kind: 'refused',
        refusal: {
          reason: 'not_sent',
          description: /^The provider could not be reached: Kontor got no access token: .*\.$/,
        },
      })
      t.match(outcome.kind === 'refused' ? outcome.refusal.description : '', says)
      t.match(await ask(backend), { kind: 'unclear', noAnswer: 'not_sent' })
      const catalog = await backend.catalog(undefined, never)
      t.match(catalog, {
        kind: 'failed',
        description: /Kontor got no access token from 127\.0\.0\.1: /,
      })
      t.notMatch(JSON.stringify([outcome, catalog]), /s3cret|injected/)
      t.equal(upstream.requests.length, 0)
      tokens.answer = undefined
      t.match(await provision(backend), { kind: 'done' }, 'it goes on as soon as there is one')
    })
  }

  await t.test('the endpoint is gone, or at an address that is not allowed', async (t) => {
    t.match(
      await provision(
        (await stage(t, { tokenUrl: `http://127.0.0.1:${await freePort()}/` })).backend,
      ),
      {
        kind: 'refused',
        refusal: {
          reason: 'not_sent',
          description: /Kontor got no access token: connection refused/,
        },
      },
    )
    const inside = await stage(t, { tokenUrl: 'https://169.254.169.254/latest' })
    t.match(await provision(inside.backend), {
      kind: 'refused',
      refusal: { reason: 'not_sent', description: /in a network that Kontor may not connect to/ },
    })
    t.match(await inside.backend.catalog(undefined, never), {
      kind: 'failed',
      description: /from 169\.254\.169\.254: .*KONTOR_PROVIDER_NETWORKS/,
    })
  })

  await t.test(
    'the endpoint is slow: each call ends in its own time and cancels none of the others',
    async (t) => {
      const { backend, tokens, upstream } = await stage(
        t,
        {},
        { timeoutSeconds: 0.4, catalogTimeoutSeconds: 5 },
      )
      let late: ServerResponse | undefined
      tokens.answer = (response) => {
        late = response
      }
      const giveUp = new AbortController()
      const given = provision(backend, giveUp.signal)
      const short = provision(backend)
      const patient = backend.catalog(undefined, never)
      giveUp.abort()
      t.match(await given, {
        kind: 'refused',
        refusal: { reason: 'not_sent', description: /cancelled/ },
      })
      t.match(await short, {
        kind: 'refused',
        refusal: { reason: 'not_sent', description: /no access token within 0\.4 s/ },
      })
      t.equal(tokens.requests.length, 1)
      tokens.answer = undefined
      if (late !== undefined) answerJson(late, 503, {})
      t.match(await patient, { kind: 'failed', description: /503/ })
      t.equal(upstream.requests.length, 0)
      t.match(await provision(backend), { kind: 'done' })
    },
  )

  await t.test('the token request and the call share one time limit', async (t) => {
    const set = await stage(t, {}, { timeoutSeconds: 1 }, () => {})
    set.tokens.more = { access_token: 'unknown-so-the-broker-hangs' }
    set.tokens.answer = (response) => {
      set.tokens.answer = undefined
      setTimeout(
        () =>
          answerJson(response, 200, {
            access_token: 'unknown-so-the-broker-hangs',
            token_type: 'Bearer',
          }),
        600,
      )
    }
    const startedAt = performance.now()
    t.match(await provision(set.backend), {
      kind: 'unknown',
      doubt: 'timeout',
      description: /within 1 s/,
    })
    t.ok(performance.now() - startedAt < 1500, 'not 1.6 s')
  })
})

void t.test('no answer holds a token or a secret', async (t) => {
  const tokens = await tokenEndpoint(t, client)
  const upstream = await scriptedUpstream(t, (request, response) =>
    answer(400, { description: `you sent ${request.headers.authorization}` })(request, response),
  )
  const backend = osbBackend(
    { url: upstream.url },
    { tokenUrl: tokens.url, clientId: client.id, clientSecret: client.secret },
    loopback,
  )
  t.teardown(() => backend.close())
  tokens.more = { access_token: 'marker-token' }
  t.match(await provision(backend), {
    kind: 'refused',
    refusal: { description: 'The provider rejected the request.' },
  })
})

void t.test('nor the token of a slow call, when others have long had new ones', async (t) => {
  const tokens = await tokenEndpoint(t, client)
  const slow = Promise.withResolvers<() => void>()
  const upstream = await scriptedUpstream(t, (request, response) => {
    const isKnown = tokens.knows(request.headers.authorization)
    if (request.method === 'PUT')
      slow.resolve(() => {
        answer(400, { description: `you sent ${request.headers.authorization}` })(request, response)
      })
    else
      answer(
        isKnown ? 200 : 401,
        { state: 'in progress' },
        isKnown ? {} : turnedAway,
      )(request, response)
  })
  const backend = osbBackend(
    { url: upstream.url, timeoutSeconds: 5 },
    { tokenUrl: tokens.url, clientId: client.id, clientSecret: client.secret },
    loopback,
  )
  t.teardown(() => backend.close())
  const provisioned = provision(backend)
  const finish = await slow.promise
  for (let renewals = 1; renewals <= 3; renewals++) {
    tokens.revoke()
    t.match(await ask(backend), { kind: 'running' })
    t.equal(tokens.requests.length, renewals + 1)
  }
  finish()
  t.match(await provisioned, {
    kind: 'refused',
    refusal: { description: 'The provider rejected the request.' },
  })
})

void t.test('close ends the connections to the token endpoint too', async (t) => {
  const { backend } = await stage(t)
  await provision(backend)
  await backend.close()
  t.match(await provision(backend), {
    kind: 'refused',
    refusal: { reason: 'not_sent', description: /back end is closed/ },
  })
})
