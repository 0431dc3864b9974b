// CONC: concurrent orders.
import t, { type Test } from 'tap'
import {
  type Call,
  finished,
  here,
  manyConnections,
  type Reply,
  startKontor,
  until,
} from '../support/kontor.ts'
import {
  accepted,
  hang,
  inProgress,
  scriptedProvider,
  succeeded,
} from '../support/scripted-provider.ts'
import { answer } from '../support/scripted-upstream.ts'
import { ai, maker, statusAndWord, type Made } from './making.ts'

t.setTimeout(60_000)
const kontor = await startKontor(t, {
  environment: { ...manyConnections, KONTOR_INLINE_SECONDS: '0.5' },
})
const { call } = kontor
const { make, name } = maker(kontor)
const { simulator: sync } = await kontor.addProvider('sync')
const { simulator: later } = await kontor.addProvider('later', {
  behaviours: {
    '*': { mode: 'async', asyncBinding: true, provisionSeconds: 0.3, bindSeconds: 0.3 },
  },
})
const scripted = await scriptedProvider(t, kontor, 'scripted', { settings: { timeoutSeconds: 5 } })
const plan = {
  sync: await kontor.find('sync', 'db', 'small'),
  later: await kontor.find('later', 'db', 'small'),
  scripted: scripted.small,
}
const busy = {
  provision: accepted(),
  update: accepted(),
  deprovision: accepted(),
  bind: accepted(),
  unbind: accepted(),
  last_operation: inProgress,
  binding_last_operation: inProgress,
}
const good = {
  provision: answer(201),
  update: answer(200),
  deprovision: answer(200),
  bind: answer(201, { credentials: {} }),
  unbind: answer(200),
  last_operation: succeeded,
  binding_last_operation: succeeded,
}

const refusal = [422, 'ConcurrencyError']
const order = ({ I, ids }: Made, more: object = {}, query: string = ai) =>
  call('PUT', `${I}?${query}`, { ...ids, ...here, ...more })
const patch = ({ I, ids }: Made, more: object, query: string = ai) =>
  call('PATCH', `${I}?${query}`, { service_id: ids.service_id, ...more })
const remove = ({ I, query }: Made, more: string = ai) => call('DELETE', `${I}?${query}&${more}`)
const bind = ({ B, ids }: Made, more: object = {}, query: string = ai) =>
  call('PUT', `${B}?${query}`, { ...ids, ...more })
const unbind = ({ B, query }: Made, more: string = ai) => call('DELETE', `${B}?${query}&${more}`)

/** Lets running operations succeed. */
async function goesOn(t: Test, path: string, operation: string): Promise<void> {
  scripted.respond(good)
  t.match(
    await finished(call, path, operation),
    { body: { state: 'succeeded' } },
    'what was under way goes on',
  )
}

function refused(t: Test, replies: ReadonlyArray<readonly [what: string, reply: Reply]>): void {
  for (const [what, reply] of replies) {
    t.strictSame(statusAndWord(reply), refusal, what)
    t.match(reply.body.description, /\S/, what)
  }
}

await t.test(
  'CONC-01 an order refused because of a running operation is 422 ConcurrencyError, and that operation goes on',
  async (t) => {
    const one = await make(plan.scripted)
    scripted.respond(busy)
    const updating = await patch(one, { parameters: { a: 1 } })
    const before = scripted.requests('update', 'deprovision', 'bind', 'unbind').length
    refused(t, [
      ['PATCH', await patch(one, { parameters: { a: 2 } })],
      ['bind', await bind(one)],
      ['DELETE', await remove(one)],
    ])
    t.equal(
      scripted.requests('update', 'deprovision', 'bind', 'unbind').length,
      before,
      'the provider hears nothing of it',
    )
    await goesOn(t, one.I, updating.body.operation)
    t.strictSame((await call('GET', one.I)).body.parameters, { a: 1 })
    await bind(one)
    scripted.respond(busy)
    const unbinding = await unbind(one)
    refused(t, [
      ['bind', await bind(one)],
      ['PATCH', await patch(one, { parameters: { a: 3 } })],
      ['DELETE', await remove(one)],
    ])
    await goesOn(t, one.B, unbinding.body.operation)
    scripted.respond(busy)
    const removing = await remove(one)
    refused(t, [
      ['PUT', await order(one)],
      ['PATCH', await patch(one, { parameters: {} })],
      ['bind', await bind(one)],
      ['GET', await call('GET', one.I)],
    ])
    await goesOn(t, one.I, removing.body.operation)
  },
)

await t.test(
  'CONC-02 a provider that refuses a provision or a bind for concurrency is not sent a delete',
  async (t) => {
    const no = answer(422, { error: 'ConcurrencyError', description: 'Later.' })
    for (const query of ['', ai]) {
      const deletes = scripted.requests('deprovision', 'unbind').length
      scripted.respond({ provision: no, bind: no })
      const fresh = name(plan.scripted)
      t.match(await order(fresh, {}, query), {
        status: 422,
        body: { error: 'ConcurrencyError', description: /Later/ },
      })
      t.equal((await call('GET', fresh.I)).status, 404)
      scripted.respond({ provision: answer(201) })
      const there = await make(plan.scripted)
      t.strictSame(statusAndWord(await bind(there, {}, query)), refusal)
      t.equal((await call('GET', there.B)).status, 404)
      t.equal(scripted.requests('deprovision', 'unbind').length, deletes)
      scripted.respond(good)
      t.equal((await order(fresh, {}, query)).status, 201, 'and the platform may come again')
    }
  },
)

await t.test('CONC-03 after ConcurrencyError Kontor waits and repeats deletes only', async (t) => {
  const no = answer(422, { error: 'ConcurrencyError' }, { 'retry-after': '1' })
  const one = await make(plan.scripted)
  const before = scripted.requests().length
  scripted.respond({ deprovision: [no, answer(200)] })
  const deleted = await remove(one)
  t.equal(deleted.status, 202)
  t.match(await finished(call, one.I, deleted.body.operation), { body: { state: 'succeeded' } })
  const [first, second, ...more] = scripted.requests().slice(before)
  t.strictSame([first?.endpoint, second?.endpoint, more.length], ['deprovision', 'deprovision', 0])
  t.ok(
    (second?.receivedAtMs ?? 0) - (first?.receivedAtMs ?? 0) >= 1_000,
    'as long as it was asked to wait',
  )

  scripted.respond({ provision: no, update: no, bind: no })
  t.strictSame(statusAndWord(await order(name(plan.scripted))), refusal)
  scripted.respond({ provision: answer(201) })
  const two = await make(plan.scripted)
  const then = scripted.requests().length
  t.strictSame(
    [statusAndWord(await patch(two, { parameters: {} })), statusAndWord(await bind(two))],
    [refusal, refusal],
  )
  await until(
    async () =>
      kontor.running.runtime.db
        .selectFrom('operations')
        .select('id')
        .where('state', 'not in', ['succeeded', 'failed'])
        .execute(),
    (open) => open.length === 0,
  )
  t.equal(scripted.requests().length, then + 2, 'sent once each')
  scripted.respond(good)
})

await t.test(
  'CONC-04 binds of one instance run beside each other, unless its provider does not want it',
  async (t) => {
    const { ids, I } = await make(plan.later)
    const paths = ['a', 'b', 'c'].map((letter) => `${I}/service_bindings/${letter}-4`)
    const replies = await Promise.all(paths.map((path) => call('PUT', `${path}?${ai}`, ids)))
    t.strictSame(
      replies.map(({ status }) => status),
      [202, 202, 202],
    )
    t.equal(new Set(replies.map(({ body }) => body.operation)).size, 3)
    for (const path of paths) t.match(await finished(call, path), { body: { state: 'succeeded' } })
    later.configure({
      behaviours: {
        '*': { mode: 'async', asyncBinding: true, bindSeconds: 0.3, serializeBindings: true },
      },
    })
    const [first, second] = [
      await call('PUT', `${paths[0]}x?${ai}`, ids),
      await call('PUT', `${paths[0]}y?${ai}`, ids),
    ]
    t.strictSame([first.status, statusAndWord(second)], [202, refusal])
    t.match(await finished(call, `${paths[0]}x`), { body: { state: 'succeeded' } })
    later.configure({
      behaviours: {
        '*': { mode: 'async', asyncBinding: true, provisionSeconds: 0.3, bindSeconds: 0.3 },
      },
    })
  },
)

await t.test(
  'CONC-05 while an operation runs, the same request is 202, a different PUT 409, any other ConcurrencyError',
  async (t) => {
    const one = name(plan.scripted)
    scripted.respond(busy)
    const begun = await order(one, { parameters: { a: 1 } })
    const again = await order(one, { parameters: { a: 1 } })
    t.strictSame(
      [begun.status, again.status, again.body.operation],
      [202, 202, begun.body.operation],
    )
    t.equal((await order(one, { parameters: { a: 2 } })).status, 409)
    t.equal(
      (await order(one, { plan_id: scripted.large.plan_id, parameters: { a: 1 } })).status,
      409,
    )
    refused(t, [
      ['PATCH', await patch(one, { parameters: {} })],
      ['bind', await bind(one)],
    ])
    await goesOn(t, one.I, begun.body.operation)

    scripted.respond(busy)
    const binding = await bind(one)
    t.strictSame(
      [(await bind(one)).body.operation, (await bind(one, { parameters: { a: 1 } })).status],
      [binding.body.operation, 409],
    )
    refused(t, [
      ['PATCH', await patch(one, { parameters: {} })],
      ['DELETE', await remove(one)],
    ])
    await goesOn(t, one.B, binding.body.operation)
  },
)

await t.test(
  'CONC-06 while an instance is provisioned or deprovisioned PATCH and bind are ConcurrencyError',
  async (t) => {
    const one = name(plan.later)
    const begun = await order(one)
    refused(t, [
      ['PATCH', await patch(one, { parameters: {} })],
      ['bind', await bind(one)],
      ['PATCH without waiting', await patch(one, { parameters: {} }, '')],
      ['bind without waiting', await bind(one, {}, '')],
    ])
    t.match(await finished(call, one.I, begun.body.operation), { body: { state: 'succeeded' } })
    const two = await make(plan.scripted)
    scripted.respond(busy)
    const removing = await remove(two)
    t.equal(removing.status, 202)
    refused(t, [
      ['PATCH', await patch(two, { parameters: {} })],
      ['bind', await bind(two)],
    ])
    await goesOn(t, two.I, removing.body.operation)
  },
)

await t.test(
  'CONC-07 while an update runs another PATCH and a DELETE are ConcurrencyError, and the same PATCH is the same operation',
  async (t) => {
    const one = await make(plan.scripted)
    scripted.respond(busy)
    const updating = await patch(one, { parameters: { a: 1 } })
    t.equal(updating.status, 202)
    refused(t, [
      ['other parameters', await patch(one, { parameters: { a: 2 } })],
      ['another plan', await patch(one, { plan_id: scripted.large.plan_id })],
      ['DELETE', await remove(one)],
      ['DELETE without waiting', await remove(one, '')],
    ])
    t.equal((await patch(one, { parameters: { a: 1 } })).body.operation, updating.body.operation)
    await goesOn(t, one.I, updating.body.operation)
  },
)

await t.test(
  'CONC-08 equal PUTs at once, to two processes too, create one instance or binding',
  async (t) => {
    const other = await kontor.another()
    await until(
      () => other.call('GET', '/v2/catalog'),
      ({ body }) => body.services.length === 6,
    )
    const turn = (index: number): Call => (index % 2 === 0 ? call : other.call)
    const tenTimes = (send: (call: Call) => Promise<Reply>) =>
      Promise.all(Array.from({ length: 10 }, (_, index) => send(turn(index))))
    for (const [ids, simulator] of [
      [plan.sync, sync],
      [plan.later, later],
    ] as const) {
      const { I, B } = name(ids)
      const before = simulator.state().requests
      const made = await tenTimes((call) => call('PUT', `${I}?${ai}`, { ...ids, ...here }))
      t.ok(
        made.every(({ status }) => [200, 201, 202, 422].includes(status)),
        String(made.map(({ status }) => status)),
      )
      t.equal(
        new Set(made.filter(({ status }) => status === 202).map(({ body }) => body.operation))
          .size <= 1,
        true,
        'all get the same operation',
      )
      await finished(call, I)
      const bound = await tenTimes((call) => call('PUT', `${B}?${ai}`, ids))
      t.ok(
        bound.every(({ status }) => [200, 201, 202, 422].includes(status)),
        String(bound.map(({ status }) => status)),
      )
      await finished(call, B)
      const after = simulator.state().requests
      t.strictSame(
        [
          (after['provision'] ?? 0) - (before['provision'] ?? 0),
          (after['bind'] ?? 0) - (before['bind'] ?? 0),
        ],
        [1, 1],
      )
      t.strictSame([(await call('GET', I)).status, (await call('GET', B)).status], [200, 200])
    }
    await other.running.stop()
  },
)

await t.test('CONC-09 an order that hangs does not delay orders on other instances', async (t) => {
  scripted.respond({ provision: [hang, answer(201)], bind: good.bind })
  const stuck = name(plan.scripted)
  t.equal((await order(stuck)).status, 202)
  const from = Date.now()
  const others = await Promise.all([make(plan.scripted), make(plan.scripted), make(plan.sync)])
  for (const one of others) {
    t.ok((await bind(one)).status <= 202)
    t.equal((await patch(one, { parameters: { a: 1 } })).status, 200)
    t.equal((await unbind(one)).status, 200)
    t.equal((await remove(one)).status, 200)
  }
  t.ok(Date.now() - from < 4_000, 'long before the other one can end')
  t.match(await call('GET', `${stuck.I}/last_operation`), { body: { state: 'in progress' } })
  t.equal((await order(stuck)).status, 202)
  scripted.respond(good)
})
