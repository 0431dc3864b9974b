// Concurrent orders: on one instance, at one provider, in one process and in two.
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
import { agree, settled } from './invariants.ts'

const ai = 'accepts_incomplete=true'
const slow = {
  '*': {
    mode: 'async',
    asyncBinding: true,
    provisionSeconds: 1,
    updateSeconds: 1,
    bindSeconds: 0.5,
    unbindSeconds: 0.2,
    deprovisionSeconds: 0.2,
  },
} as const

const statuses = (replies: readonly Reply[]) => replies.map(({ status }) => status)
const at = (id: string) => `/v2/service_instances/${id}`
const times = <T>(count: number, act: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => act(index))

t.test('the same PUT twenty times at once is one instance', async (t) => {
  const kontor = await startKontor(t, { environment: manyConnections })
  const { simulator } = await kontor.addProvider('sync')
  const { simulator: later } = await kontor.addProvider('async', { behaviours: slow })
  const [ids, laterIds] = [
    await kontor.find('sync', 'db', 'small'),
    await kontor.find('async', 'db', 'small'),
  ]

  // Repeated, so that some order arrives just as the first one ends.
  for (let round = 1; round <= 20; round++) {
    const replies = await Promise.all(
      times(20, () => kontor.call('PUT', at(`i${round}`), { ...ids, ...here })),
    )
    oneMadeIt(t, replies, 201, 200)
    t.equal(simulator.state().requests['provision'], round, 'one call to the provider')
  }
  agree(t, await settled(kontor), simulator)

  const delayed = await Promise.all(
    times(20, () => kontor.call('PUT', `${at('j')}?${ai}`, { ...laterIds, ...here })),
  )
  t.strictSame(new Set(statuses(delayed)), new Set([202]))
  t.equal(
    new Set(delayed.map(({ body }) => body.operation)).size,
    1,
    'all answers name the same operation',
  )
  agree(t, await settled(kontor, 'j'), later)
  t.equal(later.state().requests['provision'], 1, 'one call to the provider')
})

t.test('the same PUT at two processes at once is one instance', async (t) => {
  const kontor = await startKontor(t, { environment: manyConnections })
  const other = await kontor.another()
  const { simulator } = await kontor.addProvider('nord')
  const { simulator: later } = await kontor.addProvider('async', { behaviours: slow })
  const [ids, laterIds] = [
    await kontor.find('nord', 'db', 'small'),
    await kontor.find('async', 'db', 'small'),
  ]
  await until(
    () => other.call('GET', '/v2/catalog'),
    ({ body }) => body.services.length === 4,
  )
  const turn = (index: number): Call => (index % 2 === 0 ? kontor.call : other.call)
  for (const round of [1, 2, 3]) {
    const replies = await Promise.all(
      times(10, (index) => turn(index)('PUT', at(`i${round}`), { ...ids, ...here })),
    )
    oneMadeIt(t, replies, 201, 200)
    const bound = await Promise.all(
      times(10, (index) =>
        turn(index)('PUT', `${at(`i${round}`)}/service_bindings/b${round}`, ids),
      ),
    )
    oneMadeIt(t, bound, 201, 200)
  }
  const delayed = await Promise.all(
    times(10, (index) => turn(index)('PUT', `${at('j')}?${ai}`, { ...laterIds, ...here })),
  )
  t.strictSame(new Set(statuses(delayed)), new Set([202]))
  t.equal(new Set(delayed.map(({ body }) => body.operation)).size, 1)
  const last = await finished(other.call, at('j'), delayed[0]?.body.operation)
  t.match(last, { body: { state: 'succeeded' } })
  await settled(kontor)
  t.strictSame(simulator.state().effects, {
    provisioned: 3,
    updated: 0,
    deprovisioned: 0,
    bound: 3,
    unbound: 0,
  })
  t.equal(later.state().effects.provisioned, 1)

  const deleted = await Promise.all(
    times(10, (index) =>
      turn(index)('DELETE', `${at('i1')}?service_id=${ids.service_id}&plan_id=${ids.plan_id}`),
    ),
  )
  t.equal(deleted.filter(({ status }) => status === 200).length, 1, 'one delete does it')
  t.ok(
    deleted.every(({ status }) => [200, 410, 422].includes(status)),
    String(statuses(deleted)),
  )
  t.equal((await settled(kontor, 'i1')).instances.length, 0)
})

t.test(
  'while an instance is provisioned: a differing PUT is 409, PATCH and bind are ConcurrencyError, and it goes on',
  async (t) => {
    const kontor = await startKontor(t, { environment: manyConnections })
    const { call } = kontor
    const { simulator } = await kontor.addProvider('nord', { behaviours: slow })
    const [small, large] = [
      await kontor.find('nord', 'db', 'small'),
      await kontor.find('nord', 'db', 'large'),
    ]
    const ordered = await call('PUT', `${at('i')}?${ai}`, { ...small, ...here })
    t.equal(ordered.status, 202)
    const [differing, parameters, again, sync, patch, bind, plainDelete, fetched] =
      await Promise.all([
        call('PUT', `${at('i')}?${ai}`, { ...large, ...here }),
        call('PUT', `${at('i')}?${ai}`, { ...small, ...here, parameters: { a: 1 } }),
        call('PUT', `${at('i')}?${ai}`, { ...small, ...here }),
        call('PUT', at('i'), { ...small, ...here }),
        call('PATCH', `${at('i')}?${ai}`, { service_id: small.service_id, plan_id: large.plan_id }),
        call('PUT', `${at('i')}/service_bindings/b?${ai}`, small),
        call('DELETE', `${at('i')}?service_id=${small.service_id}&plan_id=${small.plan_id}`),
        call('GET', at('i')),
      ])
    t.strictSame(statuses([differing, parameters, again, fetched]), [409, 409, 202, 404])
    t.equal(again.body.operation, ordered.body.operation)
    t.match(sync, { status: 422, body: { error: 'AsyncRequired' } })
    for (const reply of [patch, bind, plainDelete])
      t.match(reply, { status: 422, body: { error: 'ConcurrencyError' } })
    t.match(await finished(call, at('i'), ordered.body.operation), { body: { state: 'succeeded' } })
    agree(t, await settled(kontor, 'i'), simulator)
  },
)

t.test('a DELETE while an instance is provisioned halts it, and nothing is left', async (t) => {
  const kontor = await startKontor(t, { environment: manyConnections })
  const { call } = kontor
  for (const [name, haltOnDelete] of [
    ['halts', true],
    ['waits', false],
  ] as const) {
    const { simulator } = await kontor.addProvider(name, {
      behaviours: { '*': { ...slow['*'], haltOnDelete } },
    })
    const ids = await kontor.find(name, 'db', 'small')
    const ordered = await call('PUT', `${at(name)}?${ai}`, { ...ids, ...here })
    const query = `?${ai}&service_id=${ids.service_id}&plan_id=${ids.plan_id}`
    const deletes = await Promise.all(times(5, () => call('DELETE', `${at(name)}${query}`)))
    t.strictSame(
      new Set(statuses(deletes)),
      new Set([202]),
      `${name}: ${deletes.map(({ text }) => text).join()}`,
    )
    t.equal(new Set(deletes.map(({ body }) => body.operation)).size, 1)
    t.match(await finished(call, at(name), deletes[0]?.body.operation), {
      body: { state: 'succeeded' },
    })
    t.match(await call('GET', `${at(name)}/last_operation?operation=${ordered.body.operation}`), {
      body: { state: 'failed', description: /Halted/ },
    })
    t.strictSame((await settled(kontor, name)).instances, [])
    t.strictSame(simulator.state().instances, [])
    t.equal((await call('DELETE', `${at(name)}${query}`)).status, 410)
    t.equal(
      (await call('PUT', `${at(name)}?${ai}`, { ...ids, ...here })).status,
      202,
      'the id can be used anew',
    )
  }
})

t.test('binds run side by side; during an update they get ConcurrencyError', async (t) => {
  const kontor = await startKontor(t, { environment: manyConnections })
  const { call } = kontor
  const { simulator } = await kontor.addProvider('nord', { behaviours: slow })
  const [small, large] = [
    await kontor.find('nord', 'db', 'small'),
    await kontor.find('nord', 'db', 'large'),
  ]
  await finished(
    call,
    at('i'),
    (await call('PUT', `${at('i')}?${ai}`, { ...small, ...here })).body.operation,
  )
  const bound = await Promise.all(
    times(5, (n) => call('PUT', `${at('i')}/service_bindings/b${n}?${ai}`, small)),
  )
  t.strictSame(statuses(bound), [202, 202, 202, 202, 202])
  const patchMeanwhile = await call('PATCH', `${at('i')}?${ai}`, {
    service_id: small.service_id,
    plan_id: large.plan_id,
  })
  t.match(patchMeanwhile, { status: 422, body: { error: 'ConcurrencyError' } })
  const ends = await Promise.all(
    bound.map(({ body }, n) => finished(call, `${at('i')}/service_bindings/b${n}`, body.operation)),
  )
  t.ok(ends.every(({ body }) => body.state === 'succeeded'))
  const credentials = await Promise.all(
    times(5, (n) => call('GET', `${at('i')}/service_bindings/b${n}`)),
  )
  t.equal(
    new Set(credentials.map(({ body }) => JSON.stringify(body.credentials))).size,
    5,
    'each has its own credentials',
  )

  const patched = await call('PATCH', `${at('i')}?${ai}`, {
    service_id: small.service_id,
    plan_id: large.plan_id,
  })
  t.equal(patched.status, 202, patched.text)
  const [bindMeanwhile, unbindMeanwhile, samePatch, otherPatch, deleteMeanwhile] =
    await Promise.all([
      call('PUT', `${at('i')}/service_bindings/late?${ai}`, small),
      call(
        'DELETE',
        `${at('i')}/service_bindings/b0?${ai}&service_id=${small.service_id}&plan_id=${small.plan_id}`,
      ),
      call('PATCH', `${at('i')}?${ai}`, { service_id: small.service_id, plan_id: large.plan_id }),
      call('PATCH', `${at('i')}?${ai}`, {
        service_id: small.service_id,
        parameters: { other: true },
      }),
      call('DELETE', `${at('i')}?${ai}&service_id=${small.service_id}&plan_id=${small.plan_id}`),
    ])
  for (const reply of [bindMeanwhile, unbindMeanwhile, otherPatch, deleteMeanwhile])
    t.match(reply, { status: 422, body: { error: 'ConcurrencyError' } })
  t.match(samePatch, { status: 202, body: { operation: patched.body.operation } })
  t.match(await finished(call, at('i'), patched.body.operation), { body: { state: 'succeeded' } })
  agree(t, await settled(kontor, 'i'), simulator)
})

t.test(
  'of different PATCHes at once one takes effect and the others get ConcurrencyError',
  async (t) => {
    const kontor = await startKontor(t, { environment: manyConnections })
    const { call } = kontor
    const { simulator } = await kontor.addProvider('nord')
    const ids = await kontor.find('nord', 'db', 'small')
    t.equal((await call('PUT', at('i'), { ...ids, ...here, parameters: { base: 1 } })).status, 201)
    simulator.faults.add({ on: 'update', times: 0, do: { delayMs: 200 } })
    const replies = await Promise.all(
      times(10, (n) =>
        call('PATCH', at('i'), { service_id: ids.service_id, parameters: { [`n${n}`]: n } }),
      ),
    )
    t.ok(
      replies.every(
        ({ status, body }) =>
          status === 200 || (status === 422 && body.error === 'ConcurrencyError'),
      ),
      String(statuses(replies)),
    )
    const through = replies.flatMap(({ status }, n) => (status === 200 ? [n] : []))
    t.ok(through.length >= 1)
    const parameters = { base: 1, ...Object.fromEntries(through.map((n) => [`n${n}`, n])) }
    await settled(kontor, 'i')
    t.strictSame(
      simulator.state().instances[0]?.parameters,
      parameters,
      'the provider has what was accepted',
    )
    t.strictSame(
      (await call('GET', at('i'))).body.parameters,
      parameters,
      'and so has Kontor: no update is lost',
    )
  },
)

t.test(
  'a provider that hangs delays no other; its own slots are bounded: 202 for async orders, sync ones wait',
  async (t) => {
    const kontor = await startKontor(t, {
      environment: { ...manyConnections, KONTOR_INLINE_SECONDS: '0.2' },
    })
    const { call } = kontor
    const { simulator: dead } = await kontor.addProvider('tot', {
      concurrency: 2,
      settings: { timeoutSeconds: 4 },
    })
    const { simulator: alive } = await kontor.addProvider('lebt')
    const [there, elsewhere] = [
      await kontor.find('tot', 'db', 'small'),
      await kontor.find('lebt', 'db', 'small'),
    ]
    dead.faults.add({ on: 'provision', times: 2, do: { hang: true } })
    const hung = await Promise.all(
      times(2, (n) => call('PUT', `${at(`h${n}`)}?${ai}`, { ...there, ...here })),
    )
    t.strictSame(statuses(hung), [202, 202])

    const queued = await Promise.all(
      times(20, (n) => call('PUT', `${at(`q${n}`)}?${ai}`, { ...there, ...here })),
    )
    t.ok(
      queued.every(({ status }) => status === 202),
      String(statuses(queued)),
    )
    const waiting = call('PUT', at('sync'), { ...there, ...here })

    const started = Date.now()
    const others = await Promise.all(
      times(20, (n) => call('PUT', at(`o${n}`), { ...elsewhere, ...here })),
    )
    t.ok(
      others.every(({ status }) => status === 201),
      String(statuses(others)),
    )
    t.ok(Date.now() - started < 3_000, `twenty orders elsewhere took ${Date.now() - started} ms`)
    const repeated = await call('PUT', `${at('q0')}?${ai}`, { ...there, ...here })
    t.match(
      repeated,
      { status: 202, body: { operation: queued[0]?.body.operation } },
      'a queued order sent again is the same',
    )
    const halted = await call(
      'DELETE',
      `${at('q19')}?${ai}&service_id=${there.service_id}&plan_id=${there.plan_id}`,
    )
    t.equal(halted.status, 202, 'a queued order can be called off')

    t.equal((await waiting).status, 201, 'a synchronous order waits for a slot')
    const rows = await settled(kontor, undefined, 40_000)
    t.equal(
      rows.instances.filter(({ instance_id: id, state }) => id.startsWith('q') && state === 'ready')
        .length,
      19,
      'all that queued went through',
    )
    t.strictSame(
      new Set(
        rows.instances
          .filter(({ instance_id: id }) => id.startsWith('h'))
          .map(({ state }) => state),
      ),
      new Set(['failed']),
    )
    t.equal(dead.state().instances.length, 20)
    t.equal(alive.state().instances.length, others.filter(({ status }) => status === 201).length)
  },
)

function oneMadeIt(t: Test, replies: readonly Reply[], made: number, again: number): void {
  const all = statuses(replies)
  t.equal(all.filter((status) => status === made).length, 1, `one is ${made}: ${all.join()}`)
  t.ok(
    replies.every(
      ({ status, body }) =>
        status === made ||
        status === again ||
        (status === 422 && ['ConcurrencyError', 'AsyncRequired'].includes(body.error)),
    ),
    all.join(),
  )
}
