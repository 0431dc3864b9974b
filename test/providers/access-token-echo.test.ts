// A provider that repeats what it was sent: an access token that Kontor fetched at run time appears
// in no answer, in no form.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { catalogOf } from '../support/catalogs.ts'
import { here, startKontor } from '../support/kontor.ts'
import { answer, scriptedUpstream } from '../support/scripted-upstream.ts'
import { tokenEndpoint } from '../support/token-endpoint.ts'

t.setTimeout(60_000)

const marker = `marker+${randomBytes(12).toString('hex')}/x~y==`

const plain = (text: string) => [
  text,
  encodeURIComponent(text),
  encodeURIComponent(text).toLowerCase(),
  new URLSearchParams({ token: text }).toString().slice(6),
  Buffer.from(text).toString('base64'),
  Buffer.from(text).toString('base64').replace(/=+$/, ''),
  Buffer.from(text).toString('base64url'),
  Buffer.from(text).toString('hex'),
  Buffer.from(text).toString('hex').toUpperCase(),
  JSON.stringify(text).slice(1, -1),
]
const forms = [...new Set([...plain(marker), ...plain(`Bearer ${marker}`)])]

t.test('an access token appears neither in an unknown field nor in a description', async (t) => {
  const kontor = await startKontor(t)
  const tokens = await tokenEndpoint(t, { id: 'kontor', secret: 'client-secret-1' })
  tokens.more = { access_token: marker }
  let form = ''
  const sent: Array<string | undefined> = []
  const upstream = await scriptedUpstream(t, (request, response) => {
    const { authorization = '' } = request.headers
    sent.push(authorization)
    const [status, body] =
      request.path === '/v2/catalog'
        ? [200, catalogOf('echo')]
        : JSON.stringify(request.body ?? '').includes('refuse')
          ? [400, { description: `You sent ${form} to me` }]
          : [201, { gateway_headers: { authorization, forms: [form] } }]
    answer(status as number, body as object)(request, response)
  })
  const registered = await kontor.admin('POST', '/api/providers', {
    name: 'echo',
    backend: 'osb',
    settings: { url: upstream.url },
    credentials: { tokenUrl: tokens.url, clientId: 'kontor', clientSecret: 'client-secret-1' },
    reconcileSeconds: 0,
  })
  t.equal(registered.status, 201, registered.text)
  const ids = await kontor.find('echo', 'db', 'small')
  for (const [nth, each] of forms.entries()) {
    form = each
    const made = await kontor.call('PUT', `/v2/service_instances/a${nth}`, { ...ids, ...here })
    t.match(
      [made.status, made.body['gateway_headers']],
      [201, { authorization: '[redacted]', forms: ['[redacted]'] }],
    )
    t.equal(
      (
        await kontor.call('PUT', `/v2/service_instances/b${nth}`, {
          ...ids,
          ...here,
          parameters: { please: 'refuse' },
        })
      ).status,
      400,
    )
    const rows = await kontor.running.runtime.db
      .selectFrom('operations')
      .select('description')
      .execute()
    const answers = [
      made.text,
      (await kontor.call('GET', `/v2/service_instances/a${nth}`)).text,
      (
        await kontor.call('PUT', `/v2/service_instances/c${nth}`, {
          ...ids,
          ...here,
          parameters: { please: 'refuse' },
        })
      ).text,
      JSON.stringify(rows),
    ].join()
    t.notOk(answers.includes(each), each)
    t.notOk(answers.includes(marker))
  }
  t.ok(sent.includes(`Bearer ${marker}`), 'it was sent at all')
})
