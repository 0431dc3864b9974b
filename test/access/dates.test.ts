// A platform that has read the catalog from one process asks another with If-Modified-Since.
import t from 'tap'
import { run } from '../../src/cli/run.ts'
import { readConfig } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import { caller, startKontor, until, type Call, type Reply } from '../support/kontor.ts'
import { map, move, organisation, platform } from './tenants.ts'
import type { Teardown } from '../support/teardown.ts'

const path = '/v2/catalog'
const dateOf = ({ headers }: Reply) => String(headers['last-modified'])
const tagOf = ({ headers }: Reply) => String(headers['etag'])
const rule = {
  effect: 'allow',
  who: { organisation: 'stadt' },
  what: { offering: 'nord-app' },
  reason: 'Only for the town.',
}

t.test(
  'what a platform saw at one process is not confirmed by another one when it has changed',
  async (t) => {
    const kontor = await startKontor(t)
    const { admin } = kontor
    await kontor.addProvider('nord')
    const land = await organisation(kontor, 'land', 'land')
    const stadt = await organisation(kontor, 'stadt', 'kommune')
    const { id, call, authorization } = await platform(kontor, 'of-land', land)
    const second = await kontor.another()
    const other: Call = (method, at, body, headers) =>
      second.call(method, at, body, { authorization, ...headers })
    const changes: ReadonlyArray<readonly [what: string, change: () => Promise<unknown>]> = [
      ['a rule', () => admin('POST', '/api/visibility-rules', rule)],
      ['a mapping', () => map(kontor, id, 'ns', stadt)],
      [
        'the end of a mapping',
        () => admin('DELETE', `/api/platforms/${id}/mappings/k8s_namespace/ns`),
      ],
      ['another organisation', () => move(kontor, id, stadt)],
      ['and back', () => move(kontor, id, land)],
      ['a move in the tree', () => admin('PATCH', '/api/organisations/stadt', { parent: 'land' })],
      ['its end', () => admin('PATCH', '/api/organisations/stadt', { parent: null })],
    ]
    let before = await call('GET', path)
    for (const [what, change] of changes) {
      await change()
      const now = await call('GET', path)
      t.not(tagOf(now), tagOf(before), what)
      // It has served nothing to this platform yet that it could count from.
      const there = await until(
        () => other('GET', path),
        (seen) => dateOf(seen) === dateOf(now),
      )
      t.equal(tagOf(there), tagOf(now), what)
      for (const ask of [call, other]) {
        t.equal(
          (await ask('GET', path, undefined, { 'if-modified-since': dateOf(before) })).status,
          200,
          what,
        )
        t.equal(
          (await ask('GET', path, undefined, { 'if-modified-since': dateOf(now) })).status,
          304,
          what,
        )
      }
      before = now
    }
  },
)

t.test(
  'a process that sees a change and its end at once does not go back to an earlier date',
  async (t) => {
    const kontor = await startKontor(t)
    await kontor.addProvider('nord')
    const second = await kontor.another()
    const first = await second.call('GET', path)
    const { body } = await kontor.admin('POST', '/api/visibility-rules', {
      ...rule,
      who: { platform: 'first' },
      effect: 'deny',
    })
    const between = await kontor.call('GET', path)
    await kontor.admin('DELETE', `/api/visibility-rules/${String(body.id)}`)
    await second.running.runtime.refresh()
    const last = await second.call('GET', path)
    t.equal(tagOf(last), tagOf(first), 'it is as it was')
    t.not(tagOf(between), tagOf(last))
    t.equal(
      (await second.call('GET', path, undefined, { 'if-modified-since': dateOf(between) })).status,
      200,
    )
  },
)

t.test('without rules, a change of owners moves no date', async (t) => {
  const kontor = await startKontor(t)
  await kontor.addProvider('nord')
  const land = await organisation(kontor, 'land', 'land')
  const before = await kontor.call('GET', path)
  const { id } = await platform(kontor, 'of-land', land)
  await move(kontor, id, null)
  t.equal(dateOf(await kontor.call('GET', path)), dateOf(before))
})

async function closedBeside(t: Teardown, environment: Record<string, string>): Promise<string> {
  const running = await run(
    readConfig({ ...environment, KONTOR_VISIBILITY: 'closed' }),
    createLog('silent'),
    { worker: false, http: true },
  )
  t.teardown(() => running.stop())
  return running.url ?? ''
}

t.test(
  'another default changes the date too, and while processes differ no date is sent',
  async (t) => {
    const kontor = await startKontor(t)
    await kontor.addProvider('nord')
    const { authorization } = await platform(kontor, 'without-owner', null)
    const ask = (base: string) => caller(base, { 'x-broker-api-version': '2.17', authorization })
    const open = ask(kontor.url)
    const before = await open('GET', path)
    const closed = ask(await closedBeside(t, kontor.environment))
    const since = { 'if-modified-since': dateOf(before) }
    t.match(await closed('GET', path, undefined, since), {
      status: 200,
      body: { services: { length: 0 } },
    })
    t.ok(Date.parse(dateOf(await closed('GET', path))) > Date.parse(dateOf(before)))

    const dateless = await until(
      () => open('GET', path),
      ({ headers }) => headers['last-modified'] === undefined,
    )
    t.equal(tagOf(dateless), tagOf(before))
    t.equal((await open('GET', path, undefined, since)).status, 200)
    t.equal((await open('GET', path, undefined, { 'if-none-match': tagOf(before) })).status, 304)

    const again = await closedBeside(t, kontor.environment)
    t.equal(
      dateOf(await ask(again)('GET', path)),
      dateOf(await closed('GET', path)),
      'one that starts with the same default changes nothing',
    )
  },
)
