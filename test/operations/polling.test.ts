// How often Kontor polls a provider, what it learns from it, and what last_operation says
// meanwhile.
import t, { type Test } from 'tap'
import { asOwner } from '../support/as-owner.ts'
import { catalogOf } from '../support/catalogs.ts'
import {
  finished,
  here,
  startKontor,
  until,
  type Call,
  type TestKontor,
} from '../support/kontor.ts'
import { answer } from '../support/scripted-upstream.ts'
import {
  accepted,
  hang,
  inProgress,
  pathOf,
  scriptedProvider,
  succeeded,
  type PlanIds,
} from '../support/scripted-provider.ts'

t.jobs = 6
const kontor = await startKontor(t, {
  environment: {
    KONTOR_INLINE_SECONDS: '0.3',
    KONTOR_LEASE_SECONDS: '20',
    KONTOR_DATABASE_CONNECTIONS: '20',
  },
})
const { db, durations } = kontor.running.runtime

const test = (name: string, check: (t: Test) => Promise<void>) =>
  void t.test(name, { buffered: true }, check)
const order = (call: Call, plan: PlanIds, id: string) =>
  call('PUT', `/v2/service_instances/${id}?accepts_incomplete=true`, { ...plan, ...here })
const ask = (call: Call, id: string) => call('GET', `/v2/service_instances/${id}/last_operation`)

/**
 * Sends several orders side by side and waits for their ends. @returns how long each took, in
 * milliseconds
 */
async function through(
  t: Test,
  call: Call,
  plan: PlanIds,
  ids: readonly string[],
): Promise<number[]> {
  return Promise.all(
    ids.map(async (id) => {
      const beganAt = performance.now()
      t.equal((await order(call, plan, id)).status, 202)
      t.match((await finished(call, `/v2/service_instances/${id}`)).body, { state: 'succeeded' })
      return performance.now() - beganAt
    }),
  )
}

/** Acts as if orders of this plan had always taken so long, and this process had just read it. */
async function seed(at: TestKontor['running'], planId: string, seconds: number): Promise<void> {
  await at.runtime.db
    .insertInto('operation_durations')
    .values({
      plan_id: planId,
      kind: 'provision',
      samples: 20,
      weight: 10,
      ln_mean: Math.log(seconds * 1_000),
      ln_variance: 0.01,
      updated_at: new Date(),
    })
    .execute()
  await at.runtime.durations.exchange()
}

test('a Retry-After is never undercut, and each time the provider is asked soon after it', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'asked')
  const wait = { 'retry-after': '1' }
  provider.respond({
    provision: answer(202, {}, wait),
    last_operation: [
      answer(200, { state: 'in progress' }, wait),
      answer(503, {}, wait),
      answer(200, { state: 'in progress' }, wait),
      succeeded,
    ],
  })
  await through(t, kontor.call, provider.small, ['asked'])
  const times = provider.requests().map(({ receivedAtMs }) => receivedAtMs)
  const gaps = times.slice(1).map((receivedAtMs, index) => receivedAtMs - (times[index] ?? 0))
  t.equal(gaps.length, 4)
  for (const gap of gaps) t.ok(gap >= 990 && gap < 10_000, `${gap} ms`)
})

test("a Retry-After that no provider can mean does not lead past the plan's time", async (t) => {
  const catalog = catalogOf('hostile')
  for (const plan of catalog.services.flatMap(({ plans }) => plans))
    plan.maximum_polling_duration = 1
  const provider = await scriptedProvider(t, kontor, 'hostile', { catalog })
  provider.respond({
    provision: answer(202, {}, { 'retry-after': '31536000' }),
    last_operation: succeeded,
  })
  const [took = 0] = await through(t, kontor.call, provider.small, ['hostile'])
  t.ok(took >= 990 && took < 5_000, `${Math.round(took)} ms: the last poll is at the deadline`)
  t.equal(provider.requests('last_operation').length, 1)
})

test('without a Retry-After few polls are needed once it is learned, and the end is seen soon', async (t) => {
  const seconds = 4
  const { simulator } = await kontor.addProvider('learned', {
    behaviours: { '*': { mode: 'async', provisionSeconds: seconds } },
  })
  const plan = await kontor.find('learned', 'db', 'small')
  await through(t, kontor.call, plan, ['l-1', 'l-2', 'l-3'])
  t.ok(durations.usual(plan.plan_id, 'provision'))
  const before = simulator.state().requests['last_operation'] ?? 0
  const [took = 0] = await through(t, kontor.call, plan, ['l-4'])
  const polls = (simulator.state().requests['last_operation'] ?? 0) - before
  t.comment(
    `${before} polls for three, ${polls} for the next, ${Math.round(took - seconds * 1_000)} ms late`,
  )
  t.ok(
    polls >= 1 && polls <= 10,
    `${polls} polls, where an interval of 0.1 s would need ${seconds / 0.1}`,
  )
  t.ok(took - seconds * 1_000 < 2 * seconds * 1_000, `${took} ms`)
})

test('what is learned is shared with other processes, and outlives them', async (t) => {
  const own = await startKontor(t)
  await own.addProvider('shared', {
    behaviours: { '*': { mode: 'async', provisionSeconds: 0.3, deprovisionSeconds: 0.3 } },
  })
  const plan = await own.find('shared', 'db', 'small')
  const second = await own.another()
  await through(t, own.call, plan, ['s-1', 's-2', 's-3', 's-4'])
  for (const { runtime } of [own.running, second.running, own.running])
    await runtime.durations.exchange()
  const [one, other] = [own.running, second.running].map(({ runtime }) =>
    runtime.durations.usual(plan.plan_id, 'provision'),
  )
  t.ok((one?.ms ?? 0) >= 300 && (one?.ms ?? 0) < 10_000, `${one?.ms} ms`)
  t.strictSame(one, other)
  t.equal(
    own.running.runtime.durations.usual(plan.plan_id, 'deprovision'),
    undefined,
    'each kind has its own',
  )
  t.match(
    await own.running.runtime.db
      .selectFrom('operation_durations')
      .select(['samples', 'kind'])
      .execute(),
    [{ samples: '4', kind: 'provision' }],
  )

  await through(t, own.call, plan, ['s-5', 's-6'])
  await own.running.stop()
  await second.running.stop()
  const third = await own.another()
  t.match(
    await third.running.runtime.db.selectFrom('operation_durations').select('samples').execute(),
    [{ samples: '6' }],
    'what was learned last was kept at the stop',
  )
  t.ok(third.running.runtime.durations.usual(plan.plan_id, 'provision'))
})

test('what cannot be given on is kept, and what was merged is what was known', async (t) => {
  const own = await startKontor(t, { worker: false })
  const { runtime } = own.running
  const planId = '00000000-0000-4000-8000-000000000001'
  for (const ms of [50_000, 55_000, 90_000]) runtime.durations.learn(planId, 'bind', ms)
  const before = runtime.durations.usual(planId, 'bind')
  const owner = asOwner(t, own)
  await owner.schema.alterTable('operation_durations').renameTo('elsewhere').execute()
  await t.rejects(runtime.durations.exchange(), { code: '42P01' })
  t.strictSame(runtime.durations.usual(planId, 'bind'), before)
  await owner.schema.alterTable('elsewhere').renameTo('operation_durations').execute()
  for (const ms of [20_000, 40_000]) {
    runtime.durations.learn(planId, 'bind', ms)
    const { ms: known = 0, spread = 0 } = runtime.durations.usual(planId, 'bind') ?? {}
    await runtime.durations.exchange()
    const after = runtime.durations.usual(planId, 'bind')
    t.ok(
      Math.abs((after?.ms ?? 0) - known) < 0.001 && Math.abs((after?.spread ?? 0) - spread) < 1e-9,
      'the database adds up as the process did',
    )
  }
})

test('last_operation describes what is going on', async (t) => {
  const said = async (id: string, right: RegExp) => {
    const { body } = await until(
      () => ask(kontor.call, id),
      (reply) => right.test(reply.body.description),
    )
    t.equal(body.state, 'in progress')
    return body.description as string
  }
  const provider = await scriptedProvider(t, kontor, 'reported')
  const { small, large } = provider
  provider.respond({ provision: hang, last_operation: inProgress })
  t.equal((await order(kontor.call, small, 'reported-sent')).status, 202)
  t.equal(await said('reported-sent', /Sent/), 'Sent to reported.')
  provider.respond({ provision: accepted() })
  await order(kontor.call, small, 'reported-none')
  t.equal(await said('reported-none', /working/), 'reported is working on it.')
  await seed(kontor.running, large.plan_id, 5 * 60)
  await order(kontor.call, large, 'reported-usual')
  t.equal(
    await said('reported-usual', /working/),
    'reported is working on it; usually about 5 minutes.',
  )
  const { headers } = await ask(kontor.call, 'reported-usual')
  t.match(headers['retry-after'], /^(5\d|60)$/, 'which is not worth asking for every second')
  await db
    .updateTable('operations')
    .set({ sent_at: new Date(Date.now() - 3_600_000) })
    .where('instance_id', '=', 'reported-usual')
    .execute()
  t.equal(
    await said('reported-usual', /longer/),
    'reported is working on it; usually about 5 minutes, this time longer.',
  )

  const speaker = await scriptedProvider(t, kontor, 'speaker')
  await seed(kontor.running, speaker.small.plan_id, 8)
  speaker.respond({
    provision: accepted(),
    last_operation: answer(
      200,
      { state: 'in progress', description: 'Step 2 of 7' },
      { 'retry-after': '30' },
    ),
  })
  await order(kontor.call, speaker.small, 'reported-said')
  t.equal(await said('reported-said', /Step/), 'speaker: Step 2 of 7 (usually about 10 seconds)')
  t.match(
    (
      await until(
        () => ask(kontor.call, 'reported-said'),
        (reply) => Number(reply.headers['retry-after']) > 20,
      )
    ).headers['retry-after'],
    /^(2\d|3[01])$/,
    'a moment after the next poll',
  )

  const odd = await scriptedProvider(t, kontor, 'odd')
  for (const [id, script, right] of [
    ['state', answer(200, { state: 'done' }), /^odd: The provider answered with 200: .*\bstate\b/],
    ['503', answer(503, { description: 'Back soon.' }), /^odd: Back soon\.$/],
    ['401', answer(401, { description: 'Kontor is locked.' }), /^odd: .* answered with 401\.$/],
    ['410', answer(410), /^odd: The provider says that it is gone\.$/],
    ['404', answer(404), /^odd: The provider does not know this operation\.$/],
  ] as const) {
    odd.respond({ provision: accepted(), last_operation: script })
    await order(kontor.call, odd.small, `odd-${id}`)
    await said(`odd-${id}`, right)
  }
  odd.respond({ last_operation: inProgress })
  t.equal(await said('odd-state', /working/), 'odd is working on it.', 'once it can be read again')
  odd.respond({ last_operation: answer(503) })
  await said('odd-503', /503/)
  odd.respond({ last_operation: succeeded })
  await finished(kontor.call, '/v2/service_instances/odd-503')
  const ended = db.selectFrom('operations').select('description')
  t.strictSame(
    await ended.where('instance_id', '=', 'odd-503').execute(),
    [{ description: null }],
    'nor is it said of what has succeeded',
  )

  const busy = await scriptedProvider(t, kontor, 'busy')
  busy.respond({
    provision: answer(429, { description: 'Too many orders' }, { 'retry-after': '30' }),
  })
  await order(kontor.call, busy.small, 'reported-busy')
  t.equal(await said('reported-busy', /Too many/), 'busy: Too many orders. It will be sent again.')
})

test('last_operation of a queued order says that it waits', async (t) => {
  const { simulator } = await kontor.addProvider('narrow', {
    concurrency: 1,
    settings: { timeoutSeconds: 20 },
  })
  const plan = await kontor.find('narrow', 'db', 'small')
  simulator.faults.add({ on: 'provision', times: 1, do: { delayMs: 6_000 } })
  t.equal((await order(kontor.call, plan, 'narrow-1')).status, 202)
  t.equal((await order(kontor.call, plan, 'narrow-2')).status, 202)
  const waits = await until(
    () => ask(kontor.call, 'narrow-2'),
    ({ body }) => body.description !== 'Sent to narrow.',
  )
  t.match(waits, {
    headers: { 'retry-after': /^[12]$/ },
    body: { state: 'in progress', description: 'Accepted; waiting for its turn at narrow.' },
  })
  for (const id of ['narrow-1', 'narrow-2'])
    t.match((await finished(kontor.call, `/v2/service_instances/${id}`)).body, {
      state: 'succeeded',
    })
})

test('last_operation says what Kontor does after a lost answer', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'lost', { settings: { timeoutSeconds: 4 } })
  await provider.prepare('update', 'lost-update')
  provider.respond({
    update: hang,
    provision: hang,
    last_operation: hang,
    fetch_instance: hang,
    deprovision: hang,
  })
  for (const kind of ['update', 'provision'] as const)
    t.equal((await provider.order(kind, `lost-${kind}`)).status, 202)
  const readMessage = async (id: string, right: RegExp) =>
    (
      await until(
        () => kontor.call('GET', `${pathOf('update', id)}/last_operation`),
        ({ body }) => right.test(body.description),
      )
    ).body
  t.match(await readMessage('lost-update', /found out/), {
    state: 'in progress',
    description: /^lost: .*\. Whether it took effect is being found out\.$/,
  })
  t.match(await readMessage('lost-provision', /removed/), {
    state: 'in progress',
    description: /^lost: .*\. What may be left of it is being removed\.$/,
  })
})

test('a poll of an operation that an older release has written reads its instance', async (t) => {
  const { small } = await scriptedProvider(t, kontor, 'old')
  t.equal((await order(kontor.call, small, 'old-row')).status, 201)
  const { numUpdatedRows } = await asOwner(t, kontor)
    .updateTable('operations')
    .set({ offering_id: null, plan_id: null })
    .where('instance_id', '=', 'old-row')
    .executeTakeFirst()
  t.equal(numUpdatedRows, 1n)
  const poll = (query: Record<string, string>) =>
    kontor.call(
      'GET',
      `/v2/service_instances/old-row/last_operation?${new URLSearchParams(query).toString()}`,
    )
  t.match(await poll({ ...small }), { status: 200, body: { state: 'succeeded' } })
  t.equal((await poll({ service_id: small.plan_id })).status, 400)
})
