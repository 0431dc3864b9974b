// POLL: last_operation, of Kontor and of the provider.
import t, { type Test } from 'tap'
import { catalogOf } from '../support/catalogs.ts'
import { finished, here, startKontor, until, type TestKontor } from '../support/kontor.ts'
import { answer, type Script } from '../support/scripted-upstream.ts'
import {
  accepted,
  hang,
  inProgress,
  kinds,
  pathOf,
  generousLimits,
  scriptedProvider,
  succeeded,
  type Responses,
  type Kind,
  type ScriptedProvider,
} from '../support/scripted-provider.ts'

t.jobs = 12
const kontor = await startKontor(t, { environment: generousLimits })
const { call } = kontor
const db = kontor.running.runtime.db

const row = (name: string, check: (t: Test) => Promise<void>) =>
  void t.test(name, { buffered: true }, check)
const pollOf = (kind: Kind) =>
  kind === 'bind' || kind === 'unbind'
    ? ('binding_last_operation' as const)
    : ('last_operation' as const)
const deletes = (kind: Kind) => kind === 'deprovision' || kind === 'unbind'
const failed = (more: object = {}) =>
  answer(200, { state: 'failed', description: 'Disk full.', ...more })
const rowsOf = (id: string) =>
  db.selectFrom('operations').selectAll().where('instance_id', '=', id).orderBy('id').execute()

/** Asynchronous orders with these poll answers in turn; orphan mitigation is synchronous. */
function slowly(polled: Script | readonly Script[], acceptedBody: object = { operation: 'op-1' }) {
  const turns = new Map<string, number>()
  const scripts = typeof polled === 'function' ? [polled] : polled
  const inTurn: Script = (request, response) => {
    const turn = turns.get(request.path) ?? 0
    turns.set(request.path, turn + 1)
    scripts[Math.min(turn, scripts.length - 1)]?.(request, response)
  }
  const made = new Set<string>()
  const make: Script = (request, response) => {
    made.add(request.path)
    accepted(acceptedBody)(request, response)
  }
  const remove: Script = (request, response) =>
    (made.has(request.path) ? answer(200) : accepted(acceptedBody))(request, response)
  return {
    provision: make,
    bind: make,
    update: accepted(acceptedBody),
    deprovision: remove,
    unbind: remove,
    last_operation: inTurn,
    binding_last_operation: inTurn,
  } satisfies Responses
}

/** A provider with a running operation of each kind, on instances named after the kind. */
async function running(
  name: string,
  polled: Script | readonly Script[],
  some: readonly Kind[] = kinds,
  acceptedBody: object = { operation: 'op-1' },
): Promise<{ provider: ScriptedProvider; operations: Map<Kind, string> }> {
  const provider = await scriptedProvider(t, kontor, name, {
    settings: { timeoutSeconds: Array.isArray(polled) && polled.includes(hang) ? 1 : 20 },
  })
  for (const kind of some) await provider.prepare(kind, `${name}-${kind}`)
  provider.respond(slowly(polled, acceptedBody))
  const operations = new Map<Kind, string>()
  await Promise.all(
    some.map(async (kind) => {
      const { status, body, text } = await provider.order(kind, `${name}-${kind}`)
      if (status !== 202) throw new Error(`${kind} was answered with ${status}: ${text}`)
      operations.set(kind, body.operation as string)
    }),
  )
  return { provider, operations }
}

/** One provider for many cases: each has an instance for each kind, and its own poll answers. */
async function sideBySide(
  name: string,
  some: readonly ('provision' | 'update' | 'bind')[],
  cases: ReadonlyArray<{ readonly acceptedBody?: object; readonly polled: readonly Script[] }>,
) {
  const provider = await scriptedProvider(t, kontor, name)
  const indexes = new Map<string, number>()
  const ofPoll = (path: string) => indexes.get(path.replace(/\/last_operation$/, '')) ?? -1
  const order: Script = (request, response) => {
    const { index } = (request.body as { parameters: { index: number } }).parameters
    indexes.set(request.path, index)
    accepted(cases[index]?.acceptedBody)(request, response)
  }
  const polled = cases.map((one) => slowly(one.polled).last_operation)
  const poll: Script = (request, response) => polled[ofPoll(request.path)]?.(request, response)
  const orders = cases.flatMap((_one, index) =>
    some.map((kind) => ({ index, kind, id: `${name}-${index}-${kind}` })),
  )
  for (const { kind, id } of orders) await provider.prepare(kind, id)
  provider.respond({
    provision: order,
    update: order,
    bind: order,
    last_operation: poll,
    binding_last_operation: poll,
  })
  const placed = await Promise.all(
    orders.map(async ({ index, kind, id }) => {
      const { body } = await provider.order(kind, id, { body: { parameters: { index } } })
      return { kind, id, operation: body.operation as string }
    }),
  )
  return {
    provider,
    placed,
    polls: (index: number) =>
      provider
        .requests('last_operation', 'binding_last_operation')
        .filter(({ path }) => ofPoll(path) === index),
  }
}

const ask = (kind: Kind, id: string, query = '') =>
  call('GET', `${pathOf(kind, id)}/last_operation${query}`)
const end = (kind: Kind, id: string, operation?: string) =>
  finished(call, pathOf(kind, id), operation)

/** All states of an operation. */
async function states(t: Test, name: string, some: readonly Kind[]): Promise<void> {
  await Promise.all(
    (
      [
        ['in progress', inProgress],
        ['succeeded', succeeded],
        ['failed', failed()],
      ] as const
    ).map(async ([state, script]) => {
      const id = `${name}-${state.slice(0, 2)}`
      await running(id, script, some)
      for (const kind of some) {
        const reply =
          state === 'in progress'
            ? await ask(kind, `${id}-${kind}`)
            : await end(kind, `${id}-${kind}`)
        t.equal(reply.status, 200)
        t.equal(reply.body.state, state, `${kind} ${state}`)
        t.match(reply.headers['content-type'], /^application\/json/)
      }
    }),
  )
}

row('POLL-01 last_operation of an instance is 200 with one of the three states', (t) =>
  states(t, 'one', ['provision', 'update', 'deprovision']),
)
row('POLL-02 last_operation of a binding is 200 with one of the three states', (t) =>
  states(t, 'two', ['bind', 'unbind']),
)

row('POLL-03 a description is not empty, whatever the provider says', async (t) => {
  const cases = [
    ['text', 'Step 1'],
    ['empty', ''],
    ['blank', '  '],
    ['none', undefined],
  ] as const
  await Promise.all(
    cases.flatMap(([name, description]) =>
      ['in progress', 'succeeded', 'failed'].map(async (state) => {
        const id = `three-${name}-${state.slice(0, 2)}`
        const { provider } = await running(id, answer(200, { state, description }), [
          'provision',
          'bind',
        ])
        await until(
          () => provider.requests('last_operation', 'binding_last_operation'),
          (polls) => polls.length >= 2,
        )
        for (const kind of ['provision', 'bind'] as const) {
          const { body } =
            state === 'in progress'
              ? await ask(kind, `${id}-${kind}`)
              : await end(kind, `${id}-${kind}`)
          t.equal(body.state, state)
          if ('description' in body) t.match(body.description, /\S/, `${kind} ${state} ${name}`)
          else t.equal(state, 'succeeded')
        }
      }),
    ),
  )
})

row(
  'POLL-04 without service_id, plan_id and operation the answer is about the newest operation',
  async (t) => {
    const { provider, operations } = await running('four', inProgress)
    for (const [kind, operation] of operations) {
      const id = `four-${kind}`
      const { service_id: service, plan_id: plan } = provider.small
      for (const query of [
        '',
        `?service_id=${service}`,
        `?plan_id=${plan}`,
        `?service_id=${service}&plan_id=${plan}`,
        `?operation=${operation}`,
        `?service_id=${service}&plan_id=${plan}&operation=${operation}`,
      ]) {
        t.match(
          await ask(kind, id, query),
          { status: 200, body: { state: 'in progress' } },
          `${kind} ${query}`,
        )
      }
    }
  },
)

row('POLL-05 service_id and plan_id are sent with every poll', async (t) => {
  const { provider, operations } = await running('five', [inProgress, answer(500), succeeded])
  for (const [kind, operation] of operations) await end(kind, `five-${kind}`, operation)
  t.ok(provider.requests('last_operation', 'binding_last_operation').length >= 10)
  for (const { query } of provider.requests('last_operation', 'binding_last_operation'))
    t.match([query.get('service_id'), query.get('plan_id')], ['five-db', 'five-db-small'])
})

row('POLL-06 a plan change is polled with the plan before it', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'six')
  await provider.prepare('update', 'six-1')
  provider.respond({ update: accepted(), last_operation: [inProgress, inProgress, succeeded] })
  const { body } = await provider.order('update', 'six-1', {
    body: { plan_id: provider.large.plan_id },
  })
  t.match((await end('update', 'six-1', body.operation)).body, { state: 'succeeded' })
  t.match(provider.requests('update')[0]?.body, { plan_id: 'six-db-large' })
  t.strictSame(
    provider.requests('last_operation').map(({ query }) => query.get('plan_id')),
    ['six-db-small', 'six-db-small', 'six-db-small'],
  )
})

row('POLL-07 during and right after a plan change the old plan_id is accepted', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'seven')
  await provider.prepare('update', 'seven-1')
  provider.respond({ update: accepted(), last_operation: inProgress })
  const {
    body: { operation },
  } = await provider.order('update', 'seven-1', { body: { plan_id: provider.large.plan_id } })
  const query = ({ service_id: service, plan_id: plan }: typeof provider.small) =>
    `?service_id=${service}&plan_id=${plan}&operation=${operation as string}`
  for (const plan of [provider.small, provider.large])
    t.match(await ask('update', 'seven-1', query(plan)), {
      status: 200,
      body: { state: 'in progress' },
    })
  provider.respond({ last_operation: succeeded })
  await end('update', 'seven-1', operation)
  for (const plan of [provider.small, provider.large])
    t.match(await ask('update', 'seven-1', query(plan)), {
      status: 200,
      body: { state: 'succeeded' },
    })
})

row("POLL-08 a service_id or plan_id that is not the instance's is 400", async (t) => {
  const {
    provider: { small },
    operations,
  } = await running('eight', inProgress)
  const app = await kontor.find('eight', 'app')
  for (const [kind] of operations) {
    for (const query of [
      'service_id=unknown',
      `service_id=${app.service_id}`,
      `service_id=${small.plan_id}`,
      'service_id=',
      `service_id=eight-db`,
    ]) {
      t.match(
        await ask(kind, `eight-${kind}`, `?${query}&plan_id=${small.plan_id}`),
        { status: 400, body: { description: /service_id/ } },
        `${kind} ${query}`,
      )
    }
    for (const query of [
      'plan_id=unknown',
      `plan_id=${app.plan_id}`,
      `plan_id=${small.service_id}`,
      'plan_id=',
      'plan_id=eight-db-small',
    ]) {
      t.match(
        await ask(kind, `eight-${kind}`, `?service_id=${small.service_id}&${query}`),
        { status: 400, body: { description: /plan_id/ } },
        `${kind} ${query}`,
      )
    }
  }
})

row('POLL-09 the operation of a 202 is sent with every poll, character by character', async (t) => {
  const odd = [
    'a b&c=/+%é',
    '%2F%20',
    "?#[]@!$'()*,;:",
    '"\\<>{}|^`',
    '日本語 🙂',
    ' ',
    'null',
    'x'.repeat(4_000),
  ]
  const { placed, polls } = await sideBySide(
    'nine',
    ['provision', 'update', 'bind'],
    odd.map((operation) => ({
      acceptedBody: { operation },
      polled: [inProgress, answer(503), succeeded],
    })),
  )
  for (const { kind, id, operation } of placed)
    t.match((await end(kind, id, operation)).body, { state: 'succeeded' }, id)
  for (const [index, operation] of odd.entries()) {
    t.equal(polls(index).length, 9)
    for (const { query, url } of polls(index)) {
      t.equal(query.get('operation'), operation)
      t.match(url, /[?&]operation=(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+(?:&|$)/, 'percent-encoded')
    }
  }
})

row('POLL-10 an empty operation is 400, and none is ever sent', async (t) => {
  const { provider, operations } = await running('ten', [inProgress, succeeded], kinds, {
    operation: '',
  })
  for (const [kind, operation] of operations) {
    t.match(await ask(kind, `ten-${kind}`, '?operation='), {
      status: 400,
      body: { description: /operation must not be empty/ },
    })
    t.match((await end(kind, `ten-${kind}`, operation)).body, { state: 'succeeded' })
  }
  t.equal(provider.requests('last_operation', 'binding_last_operation').length, 2 * kinds.length)
  for (const { query } of provider.requests('last_operation', 'binding_last_operation'))
    t.notOk(query.has('operation'))
})

row('POLL-11 a poll of what does not exist is 404', async (t) => {
  const { operations } = await running('eleven', inProgress, ['provision', 'bind'])
  const foreign = await kontor.newPlatform('eleven')
  const I = '/v2/service_instances'
  const paths = [
    `${I}/unknown/last_operation`,
    `${I}/unknown/service_bindings/unknown/last_operation`,
    `${I}/eleven-bind/service_bindings/unknown/last_operation`,
    `${I}/eleven-provision/service_bindings/eleven-bind-b/last_operation`,
    `${I}/unknown/last_operation?operation=${operations.get('bind') ?? ''}`,
  ]
  for (const path of paths)
    t.match(await call('GET', path), { status: 404, body: { description: /\S/ } }, path)
  t.equal(
    (await foreign('GET', `${I}/eleven-provision/last_operation`)).status,
    404,
    "nor does another platform's",
  )
  // DEC-52: 404 would mean that the instance is gone.
  for (const operation of ['unknown', operations.get('bind') ?? ''])
    t.match(await call('GET', `${I}/eleven-provision/last_operation?operation=${operation}`), {
      status: 400,
      body: { description: 'operation names no operation of this instance.' },
    })
  t.match(
    await call('GET', `${I}/eleven-bind/service_bindings/eleven-bind-b/last_operation?operation=x`),
    { status: 400, body: { description: 'operation names no operation of this binding.' } },
  )
})

row('POLL-12 a poll that is malformed is 400', async (t) => {
  await running('twelve', inProgress, ['provision', 'bind'])
  for (const kind of ['provision', 'bind'] as const) {
    const path = `${pathOf(kind, `twelve-${kind}`)}/last_operation`
    for (const query of [
      'operation=a&operation=b',
      'service_id=a&service_id=b',
      'plan_id=a&plan_id=b',
      'service_id=',
      'plan_id=',
      'operation=',
      `operation=${'x'.repeat(10_001)}`,
      'operation=%00',
    ]) {
      t.match(
        await call('GET', `${path}?${query}`),
        { status: 400, body: { description: /\S/ } },
        query.slice(0, 40),
      )
    }
    t.equal(
      (await call('GET', path, undefined, { 'x-broker-api-version': '' })).status,
      400,
      'without the version',
    )
    t.equal((await call('GET', '/v2/service_instances/%zz/last_operation')).status, 400)
  }
})

row(
  'POLL-13 410 only long after an asynchronous delete, never after a create or an update',
  async (t) => {
    const { operations } = await running('thirteen', succeeded)
    for (const [kind, operation] of operations)
      t.match((await end(kind, `thirteen-${kind}`, operation)).body, { state: 'succeeded' })
    const old = new Date(Date.now() - 25 * 3_600_000)
    await db
      .updateTable('operations')
      .set({ finished_at: old })
      .where('instance_id', 'like', 'thirteen-%')
      .execute()
    for (const [kind, operation] of operations) {
      const reply = await ask(kind, `thirteen-${kind}`, `?operation=${operation}`)
      if (deletes(kind)) t.match(reply, { status: 410, body: { description: /\S/ } }, kind)
      else t.match(reply, { status: 200, body: { state: 'succeeded' } }, kind)
    }
  },
)

row('POLL-14 a 410 to the poll of a delete is its success', async (t) => {
  const { provider, operations } = await running('fourteen', answer(410), ['deprovision', 'unbind'])
  for (const [kind, operation] of operations) {
    t.match((await end(kind, `fourteen-${kind}`, operation)).body, { state: 'succeeded' })
    t.equal((await provider.order(kind, `fourteen-${kind}`)).status, 410, 'it is forgotten')
    t.equal((await call('GET', pathOf(kind, `fourteen-${kind}`))).status, 404)
  }
})

row(
  'POLL-15 a 410 to the poll of a create or an update is invalid, and Kontor polls again',
  async (t) => {
    const { provider, operations } = await running(
      'fifteen',
      [answer(410), answer(410), succeeded],
      ['provision', 'update', 'bind'],
    )
    for (const [kind, operation] of operations)
      t.match((await end(kind, `fifteen-${kind}`, operation)).body, { state: 'succeeded' }, kind)
    t.ok(provider.requests('last_operation', 'binding_last_operation').length >= 7)
    t.strictSame(provider.requests('deprovision', 'unbind'), [])
  },
)

row(
  'POLL-16 polling goes on while it is in progress and ends with succeeded or failed',
  async (t) => {
    await Promise.all(
      (
        [
          ['succeeded', succeeded],
          ['failed', failed()],
        ] as const
      ).map(async ([state, script]) => {
        const id = `sixteen-${state}`
        const { provider, operations } = await running(
          id,
          [inProgress, inProgress, script],
          ['update'],
        )
        t.match((await end('update', `${id}-update`, operations.get('update'))).body, { state })
        t.equal(provider.requests('last_operation').length, 3)
        // A whole other operation meanwhile: Kontor had the time for another poll of the first.
        await provider.prepare('update', `${id}-other`)
        const other = await provider.order('update', `${id}-other`)
        await end('update', `${id}-other`, other.body.operation)
        t.equal(
          provider
            .requests('last_operation')
            .filter(({ path }) => path === provider.requests('last_operation')[0]?.path).length,
          3,
        )
        t.match(await rowsOf(`${id}-update`).then((rows) => rows.at(-1)), {
          state,
          next_step_at: null,
          lease_until: null,
        })
      }),
    )
  },
)

row('POLL-17 after an invalid answer Kontor polls again', async (t) => {
  const odd: ReadonlyArray<readonly [string, Script]> = [
    ['401', answer(401)],
    ['403', answer(403)],
    ['429', answer(429)],
    ['500', answer(500)],
    ['503', answer(503)],
    ['201', answer(201, { state: 'failed' })],
    ['202', answer(202, { state: 'failed' })],
    ['204', answer(204, '')],
    ['302', answer(302, {}, { location: '/' })],
    ['html', answer(200, '<html>')],
    ['empty', answer(200, '')],
    ['list', answer(200, [])],
    ['none', answer(200, {})],
    ['unknown', answer(200, { state: 'done' })],
    ['case', answer(200, { state: 'Succeeded' })],
    ['number', answer(200, { state: 1 })],
    ['422', answer(422)],
  ]
  const silent = running('seventeen-timeout', [hang, hang, succeeded])
  const { provider, placed, polls } = await sideBySide(
    'seventeen',
    ['provision', 'update', 'bind'],
    odd.map(([, script]) => ({ polled: [script, script, succeeded] })),
  )
  for (const { kind, id, operation } of placed)
    t.match((await end(kind, id, operation)).body, { state: 'succeeded' }, id)
  for (const [index, [name]] of odd.entries())
    t.equal(polls(index).length, 9, `${name}: polled until there was an answer, and no more`)
  t.strictSame(provider.requests('deprovision', 'unbind'), [], 'nothing is removed for it')
  for (const [kind, operation] of (await silent).operations)
    t.match(
      (await end(kind, `seventeen-timeout-${kind}`, operation)).body,
      { state: 'succeeded' },
      `${kind}, no answer`,
    )
})

row(
  'POLL-18 while it is in progress, Retry-After says in seconds when to poll again',
  async (t) => {
    const { operations } = await running(
      'eighteen',
      answer(200, { state: 'in progress' }, { 'retry-after': '7' }),
    )
    for (const [kind, operation] of operations) {
      const { headers } = await until(
        () => ask(kind, `eighteen-${kind}`, `?operation=${operation}`),
        (reply) => Number(reply.headers['retry-after']) > 5,
      )
      t.match(headers['retry-after'], /^[678]$/, "the provider's own wish is passed on")
    }
    await running('eighteen-end', succeeded)
    for (const kind of kinds)
      t.notOk(
        'retry-after' in (await end(kind, `eighteen-end-${kind}`)).headers,
        'no longer when it is over',
      )
  },
)

row('POLL-19 a Retry-After of the provider is obeyed, as seconds and as a date', async (t) => {
  const date: Script = (request, response) =>
    answer(
      200,
      { state: 'in progress' },
      { 'retry-after': new Date(Date.now() + 2_000).toUTCString() },
    )(request, response)
  const seconds = answer(200, { state: 'in progress' }, { 'retry-after': '1' })
  await Promise.all(
    (
      [
        ['seconds', seconds],
        ['date', date],
        ['busy', answer(503, {}, { 'retry-after': '1' })],
      ] as const
    ).map(async ([name, script]) => {
      const { provider, operations } = await running(
        `nineteen-${name}`,
        [script, succeeded],
        ['update', 'bind'],
      )
      for (const [kind, operation] of operations) {
        await end(kind, `nineteen-${name}-${kind}`, operation)
        const [first, second] = provider.requests(pollOf(kind))
        t.ok(
          (second?.receivedAtMs ?? 0) - (first?.receivedAtMs ?? 0) >= 990,
          `${name}: ${(second?.receivedAtMs ?? 0) - (first?.receivedAtMs ?? 0)} ms`,
        )
      }
    }),
  )
  const fromTheFirst = await scriptedProvider(t, kontor, 'nineteen-first')
  fromTheFirst.respond({ provision: answer(202, {}, { 'retry-after': '1' }) })
  const { body } = await fromTheFirst.order('provision', 'nineteen-first')
  await end('provision', 'nineteen-first', body.operation)
  const [order, poll] = fromTheFirst.requests()
  t.ok((poll?.receivedAtMs ?? 0) - (order?.receivedAtMs ?? 0) >= 990, 'of the 202 itself too')
  const { provider, operations } = await running(
    'nineteen-none',
    [inProgress, succeeded],
    ['update'],
  )
  await end('update', 'nineteen-none-update', operations.get('update'))
  const [first, second] = provider.requests('last_operation')
  t.ok(
    (second?.receivedAtMs ?? 0) - (first?.receivedAtMs ?? 0) >= 90,
    'without one, after our own interval',
  )
})

/** A provider whose operations never end. */
async function endless(at: TestKontor, name: string, seconds: number): Promise<ScriptedProvider> {
  const catalog = catalogOf(name)
  for (const plan of catalog.services.flatMap(({ plans }) => plans))
    plan.maximum_polling_duration = seconds
  const provider = await scriptedProvider(t, at, name, { catalog })
  for (const kind of kinds) await provider.prepare(kind, `${name}-${kind}`)
  provider.respond(slowly(inProgress))
  return provider
}

async function givenUp(t: Test, at: TestKontor, provider: ScriptedProvider): Promise<void> {
  const ends = await Promise.all(
    kinds.map(async (kind) => {
      const id = `${provider.name}-${kind}`
      const start = Date.now()
      const { body, status } = await provider.order(kind, id)
      t.equal(status, 202)
      return {
        kind,
        last: await finished(at.call, pathOf(kind, id), body.operation as string),
        took: Date.now() - start,
      }
    }),
  )
  for (const { kind, last, took } of ends) {
    t.match(
      last,
      { status: 200, body: { state: 'failed', description: /did not end within its time/ } },
      kind,
    )
    t.ok(took >= 900, `${kind} not before its time: ${took} ms`)
  }
}

row("POLL-20 polling ends with the plan's maximum or our own, whichever is earlier", async (t) => {
  const impatient = await startKontor(t, {
    environment: { ...generousLimits, KONTOR_MAX_POLLING_SECONDS: '1' },
  })
  const plans = await endless(kontor, 'twenty', 1)
  const own = await endless(impatient, 'twenty', 3_600)
  await Promise.all([givenUp(t, kontor, plans), givenUp(t, impatient, own)])
  for (const [at, provider] of [
    [kontor, plans],
    [impatient, own],
  ] as const) {
    const polls = provider.requests('last_operation', 'binding_last_operation').length
    const running = await at.running.runtime.db
      .selectFrom('operations')
      .select('id')
      .where('instance_id', 'like', 'twenty-%')
      .where('state', 'not in', ['succeeded', 'failed'])
      .execute()
    t.strictSame(running, [], 'no step is left to come')
    await provider.prepare('update', 'twenty-later')
    t.equal(provider.requests('last_operation', 'binding_last_operation').length, polls)
  }
})

row('POLL-21 past the maximum the operation has failed, and a create is mitigated', async (t) => {
  const provider = await endless(kontor, 'twentyone', 1)
  await givenUp(t, kontor, provider)
  const removed = (endpoint: 'provision' | 'update' | 'bind') => {
    const order = provider.requests(endpoint).at(-1)
    return provider.requests('deprovision', 'unbind').filter(({ path }) => path === order?.path)
      .length
  }
  t.strictSame(
    [removed('provision'), removed('bind'), removed('update')],
    [1, 1, 0],
    'but never after an update',
  )
  t.equal((await call('GET', '/v2/service_instances/twentyone-update')).status, 200)
  t.equal((await call('GET', '/v2/service_instances/twentyone-provision')).status, 404)
})

row('POLL-22 later polls return the final state again', async (t) => {
  await Promise.all(
    (
      [
        ['ok', succeeded],
        ['no', failed()],
      ] as const
    ).map(async ([name, script]) => {
      const { operations } = await running(`twentytwo-${name}`, script)
      for (const [kind, operation] of operations) {
        const first = await end(kind, `twentytwo-${name}-${kind}`, operation)
        for (const query of ['', `?operation=${operation}`])
          t.strictSame((await ask(kind, `twentytwo-${name}-${kind}`, query)).body, first.body)
      }
    }),
  )
})

row(
  'POLL-23 instance_usable and update_repeatable are returned for failed updates and deprovisions only',
  async (t) => {
    const flags = { instance_usable: false, update_repeatable: false }
    for (const [name, script] of [
      ['in', answer(200, { state: 'in progress', ...flags })],
      ['ok', answer(200, { state: 'succeeded', ...flags })],
      ['no', failed(flags)],
    ] as const) {
      const { provider, operations } = await running(`twentythree-${name}`, script)
      await until(
        () => provider.requests('last_operation', 'binding_last_operation'),
        (polls) => polls.length >= 5,
      )
      for (const [kind, operation] of operations) {
        const id = `twentythree-${name}-${kind}`
        const {
          body: { state, description: _description, ...rest },
        } = name === 'in' ? await ask(kind, id) : await end(kind, id, operation)
        const expected =
          name !== 'no'
            ? {}
            : kind === 'update'
              ? flags
              : kind === 'deprovision'
                ? { instance_usable: false }
                : {}
        t.strictSame(rest, expected, `${kind} ${name}`)
        t.equal(state, { in: 'in progress', ok: 'succeeded', no: 'failed' }[name])
      }
    }
    const { operations } = await running('twentythree-none', failed(), ['update', 'deprovision'])
    for (const [kind, operation] of operations)
      t.strictSame(
        Object.keys((await end(kind, `twentythree-none-${kind}`, operation)).body),
        ['state', 'description'],
        'Kontor adds no flags',
      )
  },
)

row('POLL-24 an instance whose provision has succeeded can be fetched at once', async (t) => {
  const { simulator } = await kontor.addProvider('twentyfour', {
    behaviours: { '*': { mode: 'async', provisionSeconds: 0.2 } },
  })
  const small = await kontor.find('twentyfour', 'db', 'small')
  const I = '/v2/service_instances/twentyfour-1'
  const { body } = await call('PUT', `${I}?accepts_incomplete=true`, {
    ...small,
    ...here,
    parameters: { a: 1 },
  })
  t.match((await finished(call, I, body.operation)).body, { state: 'succeeded' })
  t.match(await call('GET', I), { status: 200, body: { ...small, parameters: { a: 1 } } })
  t.equal(simulator.state().instances.length, 1)
})

row(
  'POLL-25 a binding whose bind has succeeded can be fetched at once, with its credentials',
  async (t) => {
    const { simulator } = await kontor.addProvider('twentyfive', {
      behaviours: { '*': { mode: 'sync', asyncBinding: true, bindSeconds: 0.2 } },
    })
    const small = await kontor.find('twentyfive', 'db', 'small')
    const I = '/v2/service_instances/twentyfive-1'
    await call('PUT', I, { ...small, ...here })
    const { body } = await call('PUT', `${I}/service_bindings/b?accepts_incomplete=true`, small)
    t.match((await finished(call, `${I}/service_bindings/b`, body.operation)).body, {
      state: 'succeeded',
    })
    const fetched = await call('GET', `${I}/service_bindings/b`)
    t.equal(fetched.status, 200)
    t.strictSame(
      fetched.body.credentials,
      simulator.state().instances[0]?.bindings[0]?.data['credentials'],
    )
  },
)

row(
  'POLL-26 binds and unbinds always name their operation, so that two on one binding are distinct',
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'twentysix')
    await provider.prepare('bind', 'twentysix')
    provider.respond({
      bind: accepted({}),
      unbind: accepted({}),
      binding_last_operation: inProgress,
    })
    const bound = await provider.order('bind', 'twentysix')
    const unbound = await provider.order('unbind', 'twentysix')
    t.match(
      [bound, unbound],
      [
        { status: 202, body: { operation: /\S/ } },
        { status: 202, body: { operation: /\S/ } },
      ],
    )
    t.match((await ask('bind', 'twentysix', `?operation=${bound.body.operation as string}`)).body, {
      state: 'failed',
    })
    t.match(
      (await ask('unbind', 'twentysix', `?operation=${unbound.body.operation as string}`)).body,
      { state: 'in progress' },
    )
    t.match(
      (await ask('unbind', 'twentysix')).body,
      { state: 'in progress' },
      'without one: the newest',
    )
  },
)

row('POLL-27 a poll that names an older operation gets the state of that operation', async (t) => {
  const { provider, operations } = await running('twentyseven', inProgress, ['provision'])
  const id = 'twentyseven-provision'
  provider.respond({ deprovision: accepted({ operation: 'op-2' }), last_operation: inProgress })
  const deleted = await provider.order('deprovision', id)
  t.equal(deleted.status, 202)
  const create = `?operation=${operations.get('provision') ?? ''}`
  t.match((await ask('provision', id, create)).body, { state: 'failed', description: /[Hh]alted/ })
  t.match((await ask('provision', id)).body, { state: 'in progress' })
  provider.respond({ last_operation: succeeded })
  t.match((await end('deprovision', id, deleted.body.operation)).body, { state: 'succeeded' })
  t.match((await ask('provision', id, create)).body, { state: 'failed' })
})

row('POLL-28 a poll needs no originating identity and changes nothing', async (t) => {
  const { provider } = await running(
    'twentyeight',
    answer(200, { state: 'in progress' }, { 'retry-after': '3600' }),
  )
  await until(
    () => provider.requests('last_operation', 'binding_last_operation'),
    (polls) => polls.length === kinds.length,
  )
  const all = async () => ({
    rows: await Promise.all(kinds.map((kind) => rowsOf(`twentyeight-${kind}`))),
    requests: provider.requests().length,
  })
  const before = await until(all, ({ rows }) =>
    rows.every(
      (of) =>
        of.at(-1)?.state === 'waiting' &&
        of.at(-1)?.lease_until === null &&
        (of.at(-1)?.next_step_at?.getTime() ?? 0) > Date.now() + 60_000,
    ),
  )
  for (const kind of kinds) {
    for (let turn = 0; turn < 3; turn++)
      t.match(await ask(kind, `twentyeight-${kind}`), {
        status: 200,
        body: { state: 'in progress' },
      })
    const named = {
      'x-broker-api-originating-identity': `cloudfoundry ${Buffer.from('{"user_id":"u"}').toString('base64')}`,
    }
    t.equal(
      (await call('GET', `${pathOf(kind, `twentyeight-${kind}`)}/last_operation`, undefined, named))
        .status,
      200,
    )
  }
  t.strictSame(await all(), before)
})
