// ASYNC: synchronous and asynchronous answers to the five changing calls.
import t, { type Test } from 'tap'
import { catalogOf } from '../support/catalogs.ts'
import { finished, here, startKontor, until } from '../support/kontor.ts'
import {
  accepted,
  hang,
  inProgress,
  kinds,
  pathOf,
  generousLimits,
  scriptedProvider,
  succeeded,
  type Kind,
  type ScriptedProvider,
} from '../support/scripted-provider.ts'
import { answer } from '../support/scripted-upstream.ts'

t.jobs = 6
const kontor = await startKontor(t, { environment: generousLimits })
const { call } = kontor
const db = kontor.running.runtime.db

const row = (name: string, check: (t: Test) => Promise<void>) =>
  t.test(name, { buffered: true }, check)
const busy = {
  provision: accepted(),
  update: accepted(),
  deprovision: accepted(),
  bind: accepted(),
  unbind: accepted(),
  last_operation: inProgress,
  binding_last_operation: inProgress,
}
const polls = (kind: Kind) =>
  kind === 'bind' || kind === 'unbind'
    ? ('binding_last_operation' as const)
    : ('last_operation' as const)

/** A provider with what each kind of order requires; ids are named after the kind. */
async function prepared(name: string, at = kontor, settings = {}): Promise<ScriptedProvider> {
  const provider = await scriptedProvider(t, at, name, { settings })
  for (const kind of kinds) await provider.prepare(kind, `${name}-${kind}`)
  return provider
}

// ASYNC-01 compares all rows before and after, so it runs before the others.
await t.test(
  'ASYNC-01 without accepts_incomplete, an order that can only run asynchronously is 422 AsyncRequired and nothing starts',
  async (t) => {
    const { simulator } = await kontor.addProvider('slow')
    const small = await kontor.find('slow', 'db', 'small')
    const I = '/v2/service_instances/slow-1'
    await call('PUT', I, { ...small, ...here })
    await call('PUT', `${I}/service_bindings/b`, small)
    simulator.configure({ behaviours: { '*': { mode: 'async', asyncBinding: true } } })
    const ids = `service_id=${small.service_id}&plan_id=${small.plan_id}`
    for (const ai of ['', 'accepts_incomplete=false']) {
      const everything = async () => {
        const { instances: there, effects } = simulator.state()
        const instances = await db
          .selectFrom('instances')
          .select(['instance_id', 'state', 'plan_id', 'usable'])
          .where('deleted_at', 'is', null)
          .orderBy('id')
          .execute()
        const bindings = await db
          .selectFrom('bindings')
          .select(['binding_id', 'state'])
          .where('deleted_at', 'is', null)
          .execute()
        return { there, effects, instances, bindings }
      }
      const before = await everything()
      const answers = [
        await call('PUT', `/v2/service_instances/slow-2?${ai}`, { ...small, ...here }),
        await call('PATCH', `${I}?${ai}`, { service_id: small.service_id, parameters: { a: 1 } }),
        await call('PUT', `${I}/service_bindings/c?${ai}`, small),
        await call('DELETE', `${I}/service_bindings/b?${ids}&${ai}`),
        await call('DELETE', `${I}?${ids}&${ai}`),
      ]
      for (const { status, body } of answers.slice(0, 4))
        t.match(
          { status, body },
          { status: 422, body: { error: 'AsyncRequired', description: /\S/ } },
          ai,
        )
      t.match(
        answers[4],
        { status: 422, body: { error: 'AsyncRequired' } },
        `DELETE of an instance ${ai}`,
      )
      t.strictSame(await everything(), before, 'nothing has begun, here or there')
      t.equal((await call('GET', '/v2/service_instances/slow-2')).status, 404)
      t.equal((await call('GET', `${I}/service_bindings/c`)).status, 404)
    }
  },
)

void row(
  'ASYNC-02 a request without accepts_incomplete is never answered 202, even if the provider answers so',
  async (t) => {
    const provider = await prepared('two')
    provider.respond({ ...busy, last_operation: succeeded, binding_last_operation: succeeded })
    await Promise.all(
      kinds.map(async (kind) => {
        const { status, body } = await provider.order(kind, `two-${kind}`, { ai: false })
        t.equal(status, 502, kind)
        t.match(body.description, /asynchronous answer that was not allowed/)
        t.notOk('operation' in body)
      }),
    )
    // Orphan mitigation carries accepts_incomplete, so one request without it is enough.
    for (const kind of kinds)
      t.ok(
        provider.requests(kind).some(({ query }) => !query.has('accepts_incomplete')),
        `${kind}: it was not allowed to the provider`,
      )
  },
)

void row('ASYNC-03 with accepts_incomplete an asynchronous run is 202', async (t) => {
  const provider = await prepared('three')
  provider.respond(busy)
  for (const kind of kinds) {
    const { status, body } = await provider.order(kind, `three-${kind}`)
    t.match({ status, body }, { status: 202, body: { operation: /\S/ } }, kind)
    t.equal(
      provider.requests(kind).at(-1)?.query.get('accepts_incomplete'),
      'true',
      'the provider was allowed it too',
    )
    t.match((await call('GET', `${pathOf(kind, `three-${kind}`)}/last_operation`)).body, {
      state: 'in progress',
    })
  }
})

void row('ASYNC-04 with accepts_incomplete a synchronous run is 201 or 200 at once', async (t) => {
  const provider = await prepared('four')
  const expected: Record<Kind, number> = {
    provision: 201,
    bind: 201,
    update: 200,
    unbind: 200,
    deprovision: 200,
  }
  for (const kind of kinds) {
    const { status, body } = await provider.order(kind, `four-${kind}`)
    t.equal(status, expected[kind], kind)
    t.notOk('operation' in body)
  }
})

void row(
  'ASYNC-05 a synchronous status only after the work is done; longer work is 202 in good time',
  async (t) => {
    const hasty = await startKontor(t, {
      environment: { ...generousLimits, KONTOR_INLINE_SECONDS: '0.3' },
    })
    const provider = await prepared('five', hasty, { timeoutSeconds: 5 })
    provider.respond(Object.fromEntries(kinds.map((kind) => [kind, hang])))
    await Promise.all(
      kinds.map(async (kind) => {
        const start = Date.now()
        const { status } = await provider.order(kind, `five-${kind}`)
        t.equal(status, 202, kind)
        t.ok(Date.now() - start < 4_900, 'answered before the provider is given up')
        t.match(
          (await hasty.call('GET', `${pathOf(kind, `five-${kind}`)}/last_operation`)).body,
          { state: 'in progress' },
          'not reported as done',
        )
      }),
    )
    provider.respond(Object.fromEntries(kinds.map((kind) => [kind, undefined])))
    const { status } = await provider.order('provision', 'five-late', { ai: false })
    t.equal(status, 201)
    t.equal(
      (await hasty.call('GET', '/v2/service_instances/five-late')).status,
      200,
      'done when last_operation says so',
    )
  },
)

void row('ASYNC-06 whether a run is synchronous may differ by offering and by plan', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'six')
  provider.respond({
    last_operation: inProgress,
    provision: (request, response) =>
      ((request.body as { plan_id: string }).plan_id === 'six-db-small' ? answer(201) : accepted())(
        request,
        response,
      ),
  })
  const app = await kontor.find('six', 'app')
  t.equal((await provider.order('provision', 'six-small')).status, 201)
  t.equal((await provider.order('provision', 'six-large', { body: provider.large })).status, 202)
  t.equal((await provider.order('provision', 'six-app', { body: app })).status, 202)
})

void row('ASYNC-07 accepts_incomplete is true or false and nothing else', async (t) => {
  const provider = await prepared('seven')
  const before = provider.requests().length
  for (const kind of kinds) {
    for (const value of ['yes', '1', '', 'TRUE', 'true ', 'null']) {
      const { status, body } = await provider.order(kind, `seven-${kind}`, {
        query: `&accepts_incomplete=${encodeURIComponent(value)}`,
      })
      t.match(
        { status, body },
        { status: 400, body: { description: /accepts_incomplete must/ } },
        `${kind} ${JSON.stringify(value)}`,
      )
    }
    t.equal(
      (
        await provider.order(kind, `seven-${kind}`, {
          query: '&accepts_incomplete=true&accepts_incomplete=true',
        })
      ).status,
      400,
      'twice',
    )
  }
  t.equal(provider.requests().length, before, 'nothing reached the provider')
})

void row(
  "ASYNC-08 the operation of a 202 has at most 10,000 characters, however long the provider's own is",
  async (t) => {
    const long = 'x'.repeat(10_000)
    const provider = await prepared('eight')
    for (const [name, operation] of [
      ['long', long],
      ['null', null],
      ['none', undefined],
    ] as const) {
      const one = await prepared(`eight-${name}`)
      one.respond({
        ...busy,
        ...Object.fromEntries(kinds.map((kind) => [kind, accepted({ operation })])),
      })
      for (const kind of ['provision', 'deprovision', 'bind', 'unbind'] as const) {
        const { status, body } = await one.order(kind, `eight-${name}-${kind}`)
        t.equal(status, 202, kind)
        t.match(body.operation, /^[A-Za-z0-9._~-]{1,100}$/, 'ours, short and unreserved')
        const polled = await until(
          () => one.requests(polls(kind)).at(-1),
          (poll) => poll !== undefined,
        )
        t.equal(
          polled?.query.get('operation'),
          operation ?? null,
          "and Kontor polls with the provider's own",
        )
      }
    }
    provider.respond({
      provision: accepted({ operation: `${long}x` }),
      bind: accepted({ operation: `${long}x` }),
    })
    for (const kind of ['provision', 'bind'] as const) {
      const { body, status } = await provider.order(kind, `eight-${kind}`)
      if (status === 202)
        t.match((await finished(call, pathOf(kind, `eight-${kind}`), body.operation)).body, {
          state: 'failed',
        })
      else t.equal(status, 502, 'a longer one is malformed')
      await until(
        () => provider.requests(kind === 'bind' ? 'unbind' : 'deprovision'),
        (deletes) => deletes.length > 0,
      )
    }
  },
)

void row('ASYNC-09 the operation of a 202 to an update is a non-empty string', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'nine')
  for (const [index, acceptedBody] of [
    { operation: 'op' },
    { operation: null },
    { operation: '' },
    {},
  ].entries()) {
    const id = `nine-${index}`
    await provider.prepare('update', id)
    provider.respond({ update: accepted(acceptedBody), last_operation: inProgress })
    const { status, body } = await provider.order('update', id)
    t.equal(status, 202)
    t.match(body.operation, /^[A-Za-z0-9._~-]{1,100}$/)
    t.match(
      (
        await call(
          'GET',
          `${pathOf('update', id)}/last_operation?operation=${body.operation as string}`,
        )
      ).body,
      { state: 'in progress' },
    )
  }
})

void row(
  'ASYNC-10 the same request while it runs is 202 with the same operation and sends nothing',
  async (t) => {
    const provider = await prepared('ten')
    provider.respond(busy)
    for (const kind of kinds) {
      const first = await provider.order(kind, `ten-${kind}`)
      t.equal(first.status, 202, kind)
      const sent = provider.requests(kind).length
      for (const again of await Promise.all([
        provider.order(kind, `ten-${kind}`),
        provider.order(kind, `ten-${kind}`),
      ])) {
        t.equal(again.status, 202, `${kind} again`)
        t.equal(again.body.operation, first.body.operation)
      }
      t.equal(provider.requests(kind).length, sent, 'the provider was called once')
    }
  },
)

void row(
  'ASYNC-11 the same request while it runs, but without accepts_incomplete, is 422 AsyncRequired',
  async (t) => {
    const provider = await prepared('eleven')
    provider.respond(busy)
    for (const kind of kinds) {
      const first = await provider.order(kind, `eleven-${kind}`)
      const sent = provider.requests(kind).length
      const again = await provider.order(kind, `eleven-${kind}`, { ai: false })
      t.match(again, { status: 422, body: { error: 'AsyncRequired', description: /\S/ } }, kind)
      t.equal(provider.requests(kind).length, sent)
      t.match(
        (
          await call(
            'GET',
            `${pathOf(kind, `eleven-${kind}`)}/last_operation?operation=${first.body.operation as string}`,
          )
        ).body,
        { state: 'in progress' },
        'the run goes on',
      )
    }
  },
)

void row(
  'ASYNC-12 a 202 without operation is well-formed, and is polled without one',
  async (t) => {
    for (const [name, acceptedBody] of [
      ['empty', {}],
      ['null', { operation: null }],
      ['dashboard', { dashboard_url: 'https://dash.example' }],
    ] as const) {
      const provider = await prepared(`twelve-${name}`)
      provider.respond({
        ...Object.fromEntries(kinds.map((kind) => [kind, accepted(acceptedBody)])),
        last_operation: [inProgress, succeeded],
        binding_last_operation: [inProgress, succeeded],
      })
      for (const kind of kinds) {
        const { status, body } = await provider.order(kind, `twelve-${name}-${kind}`)
        t.equal(status, 202, kind)
        t.match(
          (await finished(call, pathOf(kind, `twelve-${name}-${kind}`), body.operation)).body,
          { state: 'succeeded' },
        )
      }
      t.ok(provider.requests('last_operation', 'binding_last_operation').length >= 5)
      for (const { query, url } of provider.requests('last_operation', 'binding_last_operation'))
        t.notOk(query.has('operation'), url)
    }
  },
)

void row(
  "ASYNC-13 after a provider's 409 to an id of Kontor's own, Kontor looks the state up",
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'thirteen')
    provider.respond({ provision: answer(409), last_operation: [inProgress, succeeded] })
    const { status, body } = await provider.order('provision', 'thirteen-1')
    t.equal(status, 202)
    t.match((await finished(call, '/v2/service_instances/thirteen-1', body.operation)).body, {
      state: 'succeeded',
    })
    t.strictSame(
      provider.requests('provision', 'deprovision').map(({ endpoint }) => endpoint),
      ['provision'],
      'not sent again, and nothing removed',
    )
  },
)

void row('ASYNC-14 a synchronous provider works with and without accepts_incomplete', async (t) => {
  const { simulator } = await kontor.addProvider('fourteen', { catalog: catalogOf('fourteen') })
  const small = await kontor.find('fourteen', 'db', 'small')
  for (const ai of ['', '?accepts_incomplete=true', '?accepts_incomplete=false']) {
    t.equal(
      (
        await call('PUT', `/v2/service_instances/fourteen${ai.slice(-3)}${ai}`, {
          ...small,
          ...here,
        })
      ).status,
      201,
      ai,
    )
  }
  t.equal(simulator.state().instances.length, 3)
})
