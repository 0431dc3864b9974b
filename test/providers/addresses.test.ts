// Where Kontor connects to and how it signs in there, through the entry points: registration,
// orders, metrics.
import t from 'tap'
import { run } from '../../src/cli/run.ts'
import { readConfig } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { caller, here, startKontor, type Reply, until } from '../support/kontor.ts'
import { catalogOf } from '../support/catalogs.ts'
import { answer, scriptedUpstream, tlsFile } from '../support/scripted-upstream.ts'
import { answerJson, tokenEndpoint } from '../support/token-endpoint.ts'

t.test(
  'a provider in a network that no operator has allowed is registered, and its error names the setting',
  async (t) => {
    const upstream = await scriptedUpstream(t, answer(200, catalogOf('inside')))
    const { admin } = await startKontor(t, { environment: { KONTOR_PROVIDER_NETWORKS: '' } })
    for (const [name, host] of [
      ['literal', '127.0.0.1'],
      ['named', 'localhost'],
      ['mapped', '[::ffff:127.0.0.1]'],
    ] as const) {
      const reply = await admin('POST', '/api/providers', {
        name,
        backend: 'osb',
        settings: { url: `http://${host}:${upstream.port}` },
        credentials: { none: true },
      })
      t.match(
        reply,
        {
          status: 201,
          body: {
            catalog: {
              offerings: 0,
              stale: true,
              error:
                /leads into a network that Kontor may not connect to .* an operator can allow it with KONTOR_PROVIDER_NETWORKS/,
            },
          },
        },
        name,
      )
    }
    t.equal(upstream.requests.length, 0)
  },
)

t.test(
  'an order for a provider whose network is no longer allowed is not sent, and leaves nothing behind',
  async (t) => {
    const open = await startKontor(t)
    const { simulator } = await open.addProvider('nord')
    const plan = await open.find('nord', 'db')
    t.match(await open.call('PUT', '/v2/service_instances/before', { ...plan, ...here }), {
      status: 201,
    })
    await open.running.stop()

    const running = await run(
      readConfig({ ...open.environment, KONTOR_PROVIDER_NETWORKS: '10.0.0.0/8' }),
      createLog('silent'),
      { worker: true, http: true },
    )
    t.teardown(() => running.stop())
    const { username, password } = await createPlatform(
      running.runtime,
      commandLineCaller('test'),
      'second',
    )
    await running.runtime.refresh()
    const closed = {
      call: caller(running.url ?? '', {
        'x-broker-api-version': '2.17',
        authorization: basicAuth(username, password),
      }),
      admin: caller(running.url ?? '', {
        authorization: `Bearer ${open.environment['KONTOR_ADMIN_TOKEN']}`,
      }),
    }
    const reply = await closed.call('PUT', '/v2/service_instances/after', { ...plan, ...here })
    t.match(reply, {
      status: 502,
      body: {
        description:
          /could not be reached: its address is in a network that Kontor may not connect to/,
      },
    })
    t.notMatch(reply.text, /127\.0\.0\.1/)
    t.match(await closed.call('GET', '/v2/service_instances/after'), { status: 404 })
    t.strictSame((await closed.admin('GET', '/api/orphans')).body.items, [])
    t.strictSame((await closed.admin('GET', '/api/operations?state=parked')).body.items, [])
    t.equal(simulator.state().instances.length, 1)
  },
)

t.test('OAuth 2.0, from the registration to an order after the tokens were revoked', async (t) => {
  const kontor = await startKontor(t)
  const client = { id: 'kontor', secret: 'hunter2-hunter2' }
  const tokens = await tokenEndpoint(t, client)
  const upstream = await scriptedUpstream(t, (request, response) => {
    const isIn = tokens.knows(request.headers.authorization)
    const script = !isIn
      ? answer(
          401,
          { description: 'hunter2-hunter2' },
          { 'www-authenticate': 'Bearer error="invalid_token"' },
        )
      : request.path === '/v2/catalog'
        ? answer(200, catalogOf('west'))
        : answer(201)
    script(request, response)
  })
  const registration = {
    name: 'west',
    backend: 'osb',
    settings: { url: upstream.url },
    credentials: { tokenUrl: tokens.url, clientId: client.id, clientSecret: 'wrong' },
    refreshSeconds: 3600,
  }
  const replies: Reply[] = []
  const first = await kontor.admin('POST', '/api/providers', registration)
  t.match(first, {
    status: 201,
    body: {
      catalog: {
        error:
          /Kontor got no access token from 127\.0\.0\.1: the token endpoint answered with 401 \(invalid_client\)/,
      },
    },
  })
  const at = `/api/providers/${String(first.body.id)}`
  t.match(
    await kontor.admin('PATCH', at, {
      credentials: { tokenUrl: tokens.url, clientId: client.id },
    }),
    { status: 400, body: { detail: 'credentials.clientSecret is missing.' } },
  )
  replies.push(
    first,
    await kontor.admin('PATCH', at, {
      credentials: { ...registration.credentials, clientSecret: client.secret },
    }),
  )
  t.match(replies.at(-1), { status: 200, body: { catalog: { stale: false, error: null } } })

  const plan = await kontor.find('west', 'db')
  replies.push(await kontor.call('PUT', '/v2/service_instances/one', { ...plan, ...here }))
  tokens.revoke()
  replies.push(await kontor.call('PUT', '/v2/service_instances/two', { ...plan, ...here }))
  t.strictSame(
    replies.slice(2).map(({ status }) => status),
    [201, 201],
  )
  tokens.revoke()
  tokens.answer = (response) => answerJson(response, 500, 'hunter2-hunter2')
  replies.push(await kontor.call('PUT', '/v2/service_instances/three', { ...plan, ...here }))
  t.match(replies.at(-1), {
    status: 502,
    body: { description: /Kontor got no access token: the token endpoint answered with 500/ },
  })
  t.match(await kontor.call('GET', '/v2/service_instances/three'), { status: 404 })
  for (const { text } of replies) t.notMatch(text, /hunter2|token-\d/)
})

t.test(
  'a certificate is checked at registration, and a metric shows when it expires',
  async (t) => {
    const { admin } = await startKontor(t)
    const good = { certificate: tlsFile('client.pem'), key: tlsFile('client.key') }
    const registration = (clientCertificate: object) => ({
      name: 'ost',
      backend: 'osb',
      settings: { url: 'https://127.0.0.1:9' },
      credentials: { username: 'u', password: 'p', clientCertificate },
    })
    const bad: ReadonlyArray<readonly [given: object, detail: RegExp]> = [
      [
        { ...good, certificate: tlsFile('client-expired.pem') },
        /^credentials\.clientCertificate\.certificate has expired\.$/,
      ],
      [
        { ...good, key: tlsFile('stranger.key') },
        /^credentials\.clientCertificate\.key does not belong to the certificate\.$/,
      ],
      [{ certificate: good.certificate }, /^credentials\.clientCertificate\.key is missing\.$/],
    ]
    for (const [given, detail] of bad) {
      const reply = await admin('POST', '/api/providers', registration(given))
      t.match(reply, { status: 400, body: { detail } })
      t.notMatch(reply.text, /BEGIN|MIG|MII/)
    }
    t.match(await admin('POST', '/api/providers', registration(good)), {
      status: 201,
      body: { catalog: { error: 'connection refused' } },
    })
    // The worker opens a changed provider again when it next looks for due operations.
    const end = `kontor_provider_certificate_expiry_timestamp_seconds{provider="ost"} ${Date.UTC(2126, 0, 1) / 1_000}`
    await until(
      () => admin('GET', '/metrics'),
      ({ text }) => text.includes(end),
    )
  },
)
