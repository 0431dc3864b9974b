// DEPROV: deleting an instance.
import t, { type Test } from 'tap'
import { finished, here, startKontor, until, type Reply } from '../support/kontor.ts'
import {
  accepted,
  hang,
  inProgress,
  scriptedProvider,
  succeeded,
} from '../support/scripted-provider.ts'
import { answer, type Script } from '../support/scripted-upstream.ts'
import { ai, maker, statusAndWord, type Made, type PlanIds } from './making.ts'

t.setTimeout(60_000)
const kontor = await startKontor(t, { environment: { KONTOR_INLINE_SECONDS: '0.5' } })
const { call } = kontor
const instances = maker(kontor)
const { simulator: sync } = await kontor.addProvider('sync')
const { simulator: later } = await kontor.addProvider('later', {
  behaviours: { '*': { mode: 'async', provisionSeconds: 0.3, deprovisionSeconds: 0.4 } },
})
const scripted = await scriptedProvider(t, kontor, 'scripted', {
  settings: { timeoutSeconds: 0.7 },
})
const plan = {
  sync: await kontor.find('sync', 'db', 'small'),
  later: await kontor.find('later', 'db', 'small'),
  scripted: scripted.small,
}
const good = {
  provision: answer(201),
  deprovision: answer(200),
  last_operation: succeeded,
  fetch_instance: answer(200),
  bind: answer(201, { credentials: {} }),
  unbind: answer(200),
}

interface Deletable extends Made {
  remove(query?: string): Promise<Reply>
}
const deletable = (made: Made): Deletable => ({
  ...made,
  remove: (query = '') => call('DELETE', `${made.I}?${made.query}&${query}`),
})
const make = async (ids: PlanIds) => deletable(await instances.make(ids))
const order = ({ I, ids }: Made, query = '') => call('PUT', `${I}?${query}`, { ...ids, ...here })
const ended = ({ I }: Made) =>
  until(
    () => call('GET', `${I}/last_operation`),
    ({ body }) => body.state !== 'in progress',
  )
const remembered = async (t: Test, { I }: Made, why: string) =>
  t.equal((await call('GET', I)).status, 200, `still there ${why}`)

await t.test(
  'DEPROV-01 both ids are needed and are those of the instance; the provider gets its own',
  async (t) => {
    const one = await make(plan.scripted)
    const { service_id: service, plan_id: planId } = one.ids
    for (const query of [
      '',
      `service_id=${service}`,
      `plan_id=${planId}`,
      `service_id=&plan_id=${planId}`,
      `service_id=${service}&plan_id=`,
      `service_id=x&plan_id=${planId}`,
      `service_id=${service}&plan_id=x`,
      `service_id=${service}&plan_id=${plan.sync.plan_id}`,
    ]) {
      t.match(
        await call('DELETE', `${one.I}?${query}`),
        { status: 400, body: { description: /_id/ } },
        query,
      )
    }
    t.strictSame(scripted.requests('deprovision'), [])
    await remembered(t, one, 'after wrong requests')
    t.equal((await one.remove()).status, 200)
    const query = scripted.requests('deprovision').at(-1)?.query
    t.strictSame(
      [query?.get('service_id'), query?.get('plan_id')],
      ['scripted-db', 'scripted-db-small'],
    )
  },
)

await t.test('DEPROV-02 an instance that is deleted by the request is 200 and {}', async (t) => {
  const { remove } = await make(plan.sync)
  const reply = await remove()
  t.strictSame([reply.status, reply.text], [200, '{}'])
})

await t.test(
  'DEPROV-03 a delete that takes longer is 202 with an operation that can be polled',
  async (t) => {
    const { I, remove } = await make(plan.later)
    const reply = await remove(ai)
    t.equal(reply.status, 202)
    t.strictSame(Object.keys(reply.body), ['operation'])
    t.ok(reply.body.operation.length <= 10_000)
    t.match(await finished(call, I, reply.body.operation), {
      status: 200,
      body: { state: 'succeeded' },
    })
  },
)

await t.test(
  'DEPROV-04 the same DELETE while it runs is 202 with the same operation',
  async (t) => {
    const { I, remove } = await make(plan.later)
    const before = later.state().requests['deprovision'] ?? 0
    const replies = [await remove(ai), await remove(ai), await remove(ai)]
    t.strictSame(
      replies.map(({ status }) => status),
      [202, 202, 202],
    )
    t.equal(new Set(replies.map(({ body }) => body.operation)).size, 1)
    t.strictSame(statusAndWord(await remove()), [422, 'AsyncRequired'])
    await finished(call, I)
    t.equal(later.state().requests['deprovision'], before + 1)
  },
)

await t.test(
  "DEPROV-05 an instance that is unknown, deleted already or another platform's is 410",
  async (t) => {
    const { I, query, remove } = await make(plan.sync)
    const stranger = await kontor.newPlatform('stranger')
    const replies = [
      await stranger('DELETE', `${I}?${query}`),
      await call('DELETE', `/v2/service_instances/unknown?${query}`),
    ]
    await remove()
    for (const reply of [...replies, await remove(), await remove(ai)]) {
      t.equal(reply.status, 410)
      t.match(reply.headers['content-type'], /^application\/json/)
      t.equal(reply.body.error, undefined)
    }
  },
)

await t.test(
  'DEPROV-06 a delete that can only be asynchronous is 422 AsyncRequired without accepts_incomplete',
  async (t) => {
    const one = await make(plan.later)
    t.match(await one.remove(), {
      status: 422,
      body: { error: 'AsyncRequired', description: /\S/ },
    })
    await remembered(t, one, 'after it')
    t.equal(later.state().instances.at(-1)?.state, 'ready')
    t.equal((await one.remove(ai)).status, 202)
  },
)

await t.test(
  'DEPROV-07 an instance that is busy and cannot be deleted now is 422 ConcurrencyError',
  async (t) => {
    const one = await make(plan.scripted)
    scripted.respond({ update: accepted(), last_operation: inProgress })
    t.equal(
      (
        await call('PATCH', `${one.I}?${ai}`, {
          service_id: one.ids.service_id,
          parameters: { a: 1 },
        })
      ).status,
      202,
    )
    for (const more of ['', ai])
      t.strictSame(statusAndWord(await one.remove(more)), [422, 'ConcurrencyError'])
    scripted.respond({ ...good, update: answer(200) })
    t.match(await finished(call, one.I), { body: { state: 'succeeded' } }, 'the update goes on')
    scripted.respond({
      deprovision: answer(422, { error: 'ConcurrencyError', description: 'Wait.' }),
    })
    t.match(await one.remove(), {
      status: 422,
      body: { error: 'ConcurrencyError', description: /Wait\./ },
    })
    scripted.respond(good)
    await remembered(t, one, 'after it')
    t.equal((await one.remove()).status, 200)
  },
)

await t.test(
  'DEPROV-08 bindings that are left are unbound at the provider before the instance goes',
  async (t) => {
    const { ids, I, remove } = await make(plan.scripted)
    for (const name of ['x', 'y'])
      t.equal((await call('PUT', `${I}/service_bindings/${name}-8`, ids)).status, 201)
    const before = scripted.requests().length
    t.equal((await remove()).status, 200)
    const deletes = scripted.requests().slice(before)
    t.strictSame(
      deletes.map(({ endpoint }) => endpoint),
      ['unbind', 'unbind', 'deprovision'],
    )
    t.equal(new Set(deletes.map(({ path }) => path)).size, 3)
    t.equal((await call('GET', `${I}/service_bindings/x-8`)).status, 404)

    const refused = await make(plan.scripted)
    t.equal((await call('PUT', refused.B, ids)).status, 201)
    scripted.respond({ unbind: answer(400, { description: 'In use.' }) })
    const sent = scripted.requests('deprovision').length
    t.match(await refused.remove(), { status: 400, body: { description: /In use/ } })
    t.equal(scripted.requests('deprovision').length, sent, 'not sent while a binding is there')
    t.equal((await call('GET', refused.B)).status, 200)
    scripted.respond(good)
  },
)

await t.test(
  'DEPROV-09 everything that the provision made is gone, here and at the provider',
  async (t) => {
    for (const [ids, simulator] of [
      [plan.sync, sync],
      [plan.later, later],
    ] as const) {
      const one = await make(ids)
      await call('PUT', one.B, ids)
      const before = simulator.state().instances.length
      if ((await one.remove(ai)).status === 202) await finished(call, one.I)
      t.equal(simulator.state().instances.length, before - 1)
      t.strictSame(
        [(await call('GET', one.I)).status, (await call('GET', one.B)).status],
        [404, 404],
      )
    }
  },
)

await t.test(
  'DEPROV-10 a DELETE while the provision runs halts it, and nothing of it is left',
  async (t) => {
    const one = deletable(instances.name(plan.later))
    const before = later.state().instances.length
    const begun = await order(one, ai)
    t.strictSame(
      statusAndWord(await one.remove()),
      [422, 'ConcurrencyError'],
      'not for who cannot wait',
    )
    const deleted = await one.remove(ai)
    t.strictSame([begun.status, deleted.status], [202, 202])
    t.match(await finished(call, one.I, deleted.body.operation), { body: { state: 'succeeded' } })
    t.equal(later.state().instances.length, before)
    t.strictSame([(await call('GET', one.I)).status, (await one.remove(ai)).status], [404, 410])
  },
)

await t.test(
  'DEPROV-11 last_operation then reports the delete, and the provision as failed',
  async (t) => {
    for (const deprovision of [accepted({ operation: 'away' }), answer(200)]) {
      const one = deletable(instances.name(plan.scripted))
      scripted.respond({ provision: accepted(), last_operation: inProgress, deprovision })
      const begun = await order(one, ai)
      const deleted = await one.remove(ai)
      const lastOperation = (operation?: string) =>
        call(
          'GET',
          `${one.I}/last_operation${operation === undefined ? '' : `?operation=${operation}`}`,
        )
      t.match(await lastOperation(begun.body.operation), {
        status: 200,
        body: { state: 'failed', description: /\S/ },
      })
      if (deleted.status === 202)
        t.match(
          [await lastOperation(), await lastOperation(deleted.body.operation)],
          [{ body: { state: 'in progress' } }, { body: { state: 'in progress' } }],
        )
      scripted.respond({ last_operation: succeeded })
      t.match(await finished(call, one.I), { body: { state: 'succeeded' } }, 'of the delete')
      t.match(await lastOperation(begun.body.operation), { body: { state: 'failed' } })
    }
    scripted.respond(good)
  },
)

await t.test(
  'DEPROV-12 any other status is a failure, and the instance is still remembered',
  async (t) => {
    const one = await make(plan.scripted)
    const scripts = [201, 204, 206, 302, 401, 404, 409, 412, 418, 500, 503].map(
      (status): [string, Script, number] => [
        String(status),
        answer(status, status === 204 ? '' : {}),
        502,
      ],
    )
    for (const [what, script, seen] of [
      ...scripts,
      ['no JSON', answer(200, '<html>'), 502],
      ['400', answer(400, { description: 'No.' }), 400],
      ['422', answer(422, { description: 'No.' }), 422],
    ] as typeof scripts) {
      scripted.respond({ deprovision: script })
      t.equal((await one.remove()).status, seen, what)
      t.match(await ended(one), { body: { state: 'failed' } })
      await remembered(t, one, `after ${what}`)
    }
    scripted.respond({ deprovision: hang })
    t.equal((await one.remove()).status, 504, 'no answer')
    await ended(one)
    await remembered(t, one, 'after no answer')
    scripted.respond(good)
    t.equal((await one.remove()).status, 200, 'and it can be deleted later')
  },
)

await t.test('DEPROV-13 a 410 of the provider is success', async (t) => {
  for (const more of ['', ai]) {
    const one = await make(plan.scripted)
    scripted.respond({ deprovision: answer(410, '') })
    const reply = await one.remove(more)
    t.strictSame([reply.status, reply.text], [200, '{}'])
    t.equal((await call('GET', one.I)).status, 404)
    scripted.respond(good)
  }
})

await t.test(
  'DEPROV-14 a failed delete returns instance_usable, at once or in last_operation, but never update_repeatable',
  async (t) => {
    const flags = { description: 'Half gone.', update_repeatable: false }
    for (const usable of [true, false]) {
      const one = await make(plan.scripted)
      scripted.respond({ deprovision: answer(422, { ...flags, instance_usable: usable }) })
      const refused = await one.remove()
      t.match(refused, {
        status: 422,
        body: { description: /Half gone\./, instance_usable: usable },
      })
      t.notOk('update_repeatable' in refused.body)
      scripted.respond({
        deprovision: accepted(),
        last_operation: answer(200, { state: 'failed', ...flags, instance_usable: usable }),
      })
      t.equal((await one.remove(ai)).status, 202)
      const { body } = await ended(one)
      t.match(body, { state: 'failed', description: /Half gone\./, instance_usable: usable })
      t.notOk('update_repeatable' in body)
      scripted.respond(good)
    }
    const one = await make(plan.scripted)
    scripted.respond({ deprovision: answer(422, { description: 'No.' }) })
    t.notOk(
      'instance_usable' in (await one.remove()).body,
      'no flag of the provider, no flag in the answer',
    )
    scripted.respond(good)
  },
)

await t.test(
  'DEPROV-15 after instance_usable: false binds are refused; without the flag the instance is usable',
  async (t) => {
    for (const [says, bindStatus] of [
      [{ instance_usable: false }, 422],
      [{ instance_usable: true }, 201],
      [{}, 201],
    ] as const) {
      const one = await make(plan.scripted)
      scripted.respond({
        deprovision: accepted(),
        last_operation: answer(200, { state: 'failed', ...says }),
      })
      await one.remove(ai)
      await ended(one)
      scripted.respond(good)
      const binds = scripted.requests('bind').length
      const bound = await call('PUT', one.B, one.ids)
      t.equal(bound.status, bindStatus, JSON.stringify(says))
      t.equal(scripted.requests('bind').length, binds + (bindStatus === 201 ? 1 : 0))
      t.equal((await one.remove()).status, 200, 'it can be deleted again')
    }
  },
)

await t.test(
  'DEPROV-16 after the end GET is 404, DELETE is 410, and last_operation says succeeded',
  async (t) => {
    for (const ids of [plan.sync, plan.later]) {
      const one = await make(ids)
      const reply = await one.remove(ai)
      const operation = reply.status === 202 ? (reply.body.operation as string) : undefined
      t.match(await finished(call, one.I, operation), { status: 200, body: { state: 'succeeded' } })
      t.equal((await call('GET', one.I)).status, 404)
      t.strictSame([(await one.remove(ai)).status, (await one.remove()).status], [410, 410])
      t.match(
        await finished(call, one.I, operation),
        { status: 200, body: { state: 'succeeded' } },
        'and goes on saying so',
      )
    }
  },
)

await t.test(
  'DEPROV-17 the DELETE after a provision that failed, timed out or was never sent is 200, 202 or 410',
  async (t) => {
    const cases: Array<[string, Parameters<typeof scripted.respond>[0], string]> = [
      ['refused', { provision: answer(400) }, ''],
      ['failed at once', { provision: answer(500) }, ''],
      ['timed out', { provision: hang }, ''],
      ['timed out later', { provision: hang }, ai],
      [
        'failed later',
        {
          provision: accepted(),
          last_operation: answer(200, { state: 'failed', description: 'No.' }),
        },
        ai,
      ],
      ['malformed', { provision: answer(201, '{') }, ai],
    ]
    for (const [what, says, query] of cases) {
      // A timeout takes seconds, so the cases run side by side.
      for (const more of says.provision === hang ? [query === '' ? ai : ''] : ['', ai]) {
        const one = deletable(instances.name(plan.scripted))
        scripted.respond(says)
        await order(one, query)
        await ended(one)
        scripted.respond(good)
        const reply = await one.remove(more)
        t.ok([200, 410].includes(reply.status), `${what} ${query} ${more}: ${reply.status}`)
        t.equal((await one.remove(more)).status, 410)
      }
    }
    t.equal((await deletable(instances.name(plan.scripted)).remove()).status, 410, 'never ordered')

    // DEC-52: during orphan mitigation the delete has to wait.
    const one = deletable(instances.name(plan.scripted))
    scripted.respond({ provision: hang, deprovision: answer(500) })
    t.equal((await order(one)).status, 504)
    for (const query of ['', ai])
      t.strictSame(statusAndWord(await one.remove(query)), [422, 'ConcurrencyError'])
    scripted.respond(good)
    await ended(one)
    t.equal((await one.remove(ai)).status, 410)
  },
)
