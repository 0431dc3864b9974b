// UNB: deleting a binding.
import t, { type Test } from 'tap'
import { finished, startKontor, until, type Reply } from '../support/kontor.ts'
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
const { db } = kontor.running.runtime
const { make } = maker(kontor)
const { simulator: sync } = await kontor.addProvider('sync')
const { simulator: later } = await kontor.addProvider('later', {
  behaviours: { '*': { mode: 'sync', asyncBinding: true, bindSeconds: 0.4, unbindSeconds: 0.4 } },
})
const scripted = await scriptedProvider(t, kontor, 'scripted', { settings: { timeoutSeconds: 1 } })
const plan = {
  sync: await kontor.find('sync', 'db', 'small'),
  later: await kontor.find('later', 'db', 'small'),
  scripted: scripted.small,
}
const good = {
  bind: answer(201, { credentials: {} }),
  unbind: answer(200),
  binding_last_operation: succeeded,
  fetch_binding: answer(200, { credentials: {} }),
}

/** A new binding. */
async function bound(ids: PlanIds): Promise<Made & { unbind(query?: string): Promise<Reply> }> {
  const made = await make(ids)
  const reply = await call('PUT', `${made.B}?${ai}`, ids)
  if (reply.status === 202) await finished(call, made.B, reply.body.operation)
  if (reply.status > 202) throw new Error(`The binding was not made: ${reply.text}`)
  return { ...made, unbind: (query = '') => call('DELETE', `${made.B}?${made.query}&${query}`) }
}

const remembered = async (t: Test, { B }: Made, why: string) =>
  t.match(
    await call('GET', B),
    { status: 200, body: { credentials: Object } },
    `still there ${why}`,
  )
const bindingsOf = (simulator: typeof sync) =>
  simulator.state().instances.flatMap(({ bindings }) => bindings)

await t.test(
  'UNB-01 both ids are needed and are those of the instance; the provider gets its own',
  async (t) => {
    const one = await bound(plan.scripted)
    const { service_id: service, plan_id: planId } = one.ids
    const before = scripted.requests('unbind').length
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
        await call('DELETE', `${one.B}?${query}`),
        { status: 400, body: { description: /_id/ } },
        query,
      )
    }
    t.equal(scripted.requests('unbind').length, before)
    await remembered(t, one, 'after wrong requests')
    t.equal((await one.unbind()).status, 200)
    const query = scripted.requests('unbind').at(-1)?.query
    t.strictSame(
      [query?.get('service_id'), query?.get('plan_id')],
      ['scripted-db', 'scripted-db-small'],
    )
  },
)

await t.test('UNB-02 a binding that is deleted by the request is 200 and {}', async (t) => {
  const { unbind } = await bound(plan.sync)
  const reply = await unbind()
  t.strictSame([reply.status, reply.text], [200, '{}'])
})

await t.test(
  'UNB-03 a delete that takes longer is 202 with an operation that can be polled',
  async (t) => {
    const { B, unbind } = await bound(plan.later)
    const reply = await unbind(ai)
    t.equal(reply.status, 202)
    t.strictSame(Object.keys(reply.body), ['operation'])
    t.ok(reply.body.operation.length <= 10_000)
    t.match(await finished(call, B, reply.body.operation), {
      status: 200,
      body: { state: 'succeeded' },
    })
  },
)

await t.test('UNB-04 the same DELETE while it runs is 202 with the same operation', async (t) => {
  const { B, unbind } = await bound(plan.later)
  const before = later.state().requests['unbind'] ?? 0
  const replies = [await unbind(ai), await unbind(ai), await unbind(ai)]
  t.strictSame(
    replies.map(({ status }) => status),
    [202, 202, 202],
  )
  t.equal(new Set(replies.map(({ body }) => body.operation)).size, 1)
  t.strictSame(statusAndWord(await unbind()), [422, 'AsyncRequired'])
  await finished(call, B)
  t.equal(later.state().requests['unbind'], before + 1)
})

await t.test('UNB-05 a binding that is unknown or deleted already is 410', async (t) => {
  const { I, B, query, unbind } = await bound(plan.sync)
  const other = await make(plan.sync)
  await unbind()
  for (const path of [
    B,
    `${I}/service_bindings/unknown`,
    '/v2/service_instances/unknown/service_bindings/x',
    `${other.I}/service_bindings/${B.split('/').at(-1)}`,
  ]) {
    const reply = await call('DELETE', `${path}?${query}`)
    t.equal(reply.status, 410, path)
    t.match(reply.headers['content-type'], /^application\/json/)
    t.equal(reply.body.error, undefined)
  }
})

await t.test(
  'UNB-06 a delete that can only be asynchronous is 422 AsyncRequired without accepts_incomplete',
  async (t) => {
    const one = await bound(plan.later)
    t.match(await one.unbind(), {
      status: 422,
      body: { error: 'AsyncRequired', description: /\S/ },
    })
    await remembered(t, one, 'after it')
    t.equal(bindingsOf(later).at(-1)?.state, 'ready')
    t.equal((await one.unbind(ai)).status, 202)
  },
)

await t.test(
  'UNB-07 a binding that is busy and cannot be deleted now is 422 ConcurrencyError',
  async (t) => {
    const { ids, I, B, query } = await make(plan.scripted)
    let answerBind = () => {}
    scripted.respond({
      bind: (request, response) => {
        answerBind = () => answer(201, { credentials: {} })(request, response)
      },
    })
    const before = scripted.requests('bind').length
    const making = call('PUT', B, ids)
    await until(
      () => scripted.requests('bind').length,
      (now) => now > before,
    )
    for (const more of ['', ai])
      t.strictSame(
        statusAndWord(await call('DELETE', `${B}?${query}&${more}`)),
        [422, 'ConcurrencyError'],
        'while its own call is under way',
      )
    answerBind()
    t.equal((await making).status, 201, 'which goes on')
    scripted.respond({ ...good, update: accepted(), last_operation: inProgress })
    const updating = await call('PATCH', `${I}?${ai}`, {
      service_id: ids.service_id,
      parameters: { a: 1 },
    })
    t.equal(updating.status, 202)
    t.strictSame(
      statusAndWord(await call('DELETE', `${B}?${query}&${ai}`)),
      [422, 'ConcurrencyError'],
      'while its instance is updated',
    )
    scripted.respond({ last_operation: succeeded, update: answer(200) })
    t.match(await finished(call, I), { body: { state: 'succeeded' } })
    scripted.respond({ unbind: answer(422, { error: 'ConcurrencyError', description: 'Wait.' }) })
    t.match(
      await call('DELETE', `${B}?${query}`),
      { status: 422, body: { error: 'ConcurrencyError', description: /Wait\./ } },
      'when its provider says so',
    )
    scripted.respond(good)
    t.equal((await call('DELETE', `${B}?${query}`)).status, 200)
  },
)

await t.test(
  'UNB-08 a deleted binding leaves nothing at the provider and no credentials in Kontor',
  async (t) => {
    for (const [ids, simulator] of [
      [plan.sync, sync],
      [plan.later, later],
    ] as const) {
      const { B, unbind } = await bound(ids)
      const before = bindingsOf(simulator).length
      if ((await unbind(ai)).status === 202) await finished(call, B)
      t.equal(bindingsOf(simulator).length, before - 1)
      const rows = await db
        .selectFrom('bindings')
        .select(['state', 'result'])
        .where('binding_id', '=', B.split('/').at(-1) ?? '')
        .execute()
      t.strictSame(rows, [{ state: 'gone', result: null }])
    }
  },
)

await t.test(
  'UNB-09 a DELETE while the bind runs halts it, and nothing of it is left',
  async (t) => {
    const { ids, B, query } = await make(plan.later)
    const before = bindingsOf(later).length
    const bind = await call('PUT', `${B}?${ai}`, ids)
    t.strictSame(
      statusAndWord(await call('DELETE', `${B}?${query}`)),
      [422, 'ConcurrencyError'],
      'not for who cannot wait',
    )
    const unbind = await call('DELETE', `${B}?${query}&${ai}`)
    t.strictSame([bind.status, unbind.status], [202, 202])
    t.match(await finished(call, B, unbind.body.operation), { body: { state: 'succeeded' } })
    t.equal(bindingsOf(later).length, before)
    t.equal((await call('GET', B)).status, 404)
    t.equal((await call('DELETE', `${B}?${query}&${ai}`)).status, 410)
  },
)

await t.test('UNB-10 last_operation then reports the delete, and the bind as failed', async (t) => {
  for (const unbind of [accepted({ operation: 'away' }), answer(200)]) {
    const { ids, B, query } = await make(plan.scripted)
    scripted.respond({ bind: accepted(), binding_last_operation: inProgress, unbind })
    const bind = await call('PUT', `${B}?${ai}`, ids)
    const deleted = await call('DELETE', `${B}?${query}&${ai}`)
    const lastOperation = (operation?: string) =>
      call('GET', `${B}/last_operation${operation === undefined ? '' : `?operation=${operation}`}`)
    t.match(await lastOperation(bind.body.operation), {
      status: 200,
      body: { state: 'failed', description: /\S/ },
    })
    if (deleted.status === 202)
      t.match(
        [await lastOperation(), await lastOperation(deleted.body.operation)],
        [{ body: { state: 'in progress' } }, { body: { state: 'in progress' } }],
      )
    scripted.respond({ binding_last_operation: succeeded })
    t.match(await finished(call, B), { body: { state: 'succeeded' } }, 'of the delete')
    t.match(await lastOperation(bind.body.operation), { body: { state: 'failed' } })
  }
  scripted.respond(good)
})

await t.test(
  'UNB-11 any other status is a failure, and the binding is still remembered',
  async (t) => {
    const one = await bound(plan.scripted)
    const { unbind } = one
    const scripts: Array<[string, Script, number]> = [
      [201, 502],
      [204, 502],
      [206, 502],
      [302, 502],
      [401, 502],
      [404, 502],
      [409, 502],
      [412, 502],
      [418, 502],
      [500, 502],
      [503, 502],
    ].map(([status = 0, seen = 0]) => [
      String(status),
      answer(status, status === 204 ? '' : {}),
      seen,
    ])
    for (const [what, script, seen] of [
      ...scripts,
      ['no JSON', answer(200, '<html>'), 502],
      ['400', answer(400, { description: 'No.' }), 400],
      ['422', answer(422, { description: 'No.' }), 422],
    ] as typeof scripts) {
      scripted.respond({ unbind: script })
      t.equal((await unbind()).status, seen, what)
      await until(
        () => call('GET', `${one.B}/last_operation`),
        ({ body }) => body.state !== 'in progress',
      )
      t.match(await call('GET', `${one.B}/last_operation`), { body: { state: 'failed' } })
      await remembered(t, one, `after ${what}`)
    }
    scripted.respond({ unbind: hang })
    t.equal((await unbind()).status, 504, 'no answer')
    scripted.respond(good)
    await until(
      () => call('GET', `${one.B}/last_operation`),
      ({ body }) => body.state !== 'in progress',
    )
    await remembered(t, one, 'after no answer')
    t.equal((await unbind()).status, 200, 'and it can be deleted later')
  },
)

await t.test('UNB-12 a 410 of the provider is success', async (t) => {
  for (const more of ['', ai]) {
    const { B, unbind } = await bound(plan.scripted)
    scripted.respond({ unbind: answer(410, '') })
    const reply = await unbind(more)
    t.strictSame([reply.status, reply.text], [200, '{}'])
    t.equal((await call('GET', B)).status, 404)
    scripted.respond(good)
  }
})

await t.test(
  'UNB-13 after the end GET is 404, DELETE is 410, and last_operation says succeeded',
  async (t) => {
    for (const ids of [plan.sync, plan.later]) {
      const { B, unbind } = await bound(ids)
      const reply = await unbind(ai)
      const operation = reply.status === 202 ? (reply.body.operation as string) : undefined
      t.match(await finished(call, B, operation), { status: 200, body: { state: 'succeeded' } })
      t.equal((await call('GET', B)).status, 404)
      t.strictSame([(await unbind(ai)).status, (await unbind()).status], [410, 410])
      t.match(
        await finished(call, B, operation),
        { status: 200, body: { state: 'succeeded' } },
        'and goes on saying so',
      )
    }
  },
)

await t.test(
  'UNB-14 after a plan change the plan_id is the one that the instance has now',
  async (t) => {
    const { I, B, ids } = await bound(plan.scripted)
    t.equal(
      (await call('PATCH', I, { service_id: ids.service_id, plan_id: scripted.large.plan_id }))
        .status,
      200,
    )
    t.equal(
      (await call('DELETE', `${B}?service_id=${ids.service_id}&plan_id=${scripted.large.plan_id}`))
        .status,
      200,
    )
    t.equal(scripted.requests('unbind').at(-1)?.query.get('plan_id'), 'scripted-db-large')
  },
)
