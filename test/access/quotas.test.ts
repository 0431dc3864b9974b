// Quotas: the instances that exist count, also with concurrent orders.
import { sql } from 'kysely'
import pg from 'pg'
import t from 'tap'
import { writeAsKontor } from '../support/accept-rows.ts'
import { finished, here, startKontor, until, type Call, type Reply } from '../support/kontor.ts'
import { move, organisation, platform } from './tenants.ts'

const kontor = await startKontor(t)
const { admin } = kontor
const other = await kontor.another()
const { simulator: nord } = await kontor.addProvider('nord')
const { simulator: slower } = await kontor.addProvider('slow', {
  behaviours: {
    '*': { mode: 'async', provisionSeconds: 0.2, updateSeconds: 1.2, deprovisionSeconds: 0.2 },
    'slow-app': { mode: 'async', provisionSeconds: 10, deprovisionSeconds: 0.2 },
  },
})
const land = await organisation(kontor, 'land', 'land')
const amt = await organisation(kontor, 'amt', 'land', land)
const stadt = await organisation(kontor, 'stadt', 'kommune')
const ofAmt = await platform(kontor, 'of-amt', amt)
const ofStadt = await platform(kontor, 'of-stadt', stadt)
const small = await kontor.find('nord', 'db', 'small')
const large = await kontor.find('nord', 'db', 'large')
const slow = await kontor.find('slow', 'db', 'small')
const slowest = await kontor.find('slow', 'app')
const app = await kontor.find('nord', 'app')

const I = (id: string) => `/v2/service_instances/${id}`
let made = 0
const next = () => `q-${++made}`

async function set(setting: object): Promise<Reply> {
  const reply = await admin('PUT', '/api/quotas', setting)
  if (reply.status >= 300) throw new Error(reply.text)
  return reply
}

async function clear(): Promise<void> {
  for (const { id } of (await admin('GET', '/api/quotas?limit=200')).body.items as Array<{
    id: string
  }>)
    await admin('DELETE', `/api/quotas/${id}`)
}

const take = (call: Call, plan: object, id = next(), query = '') =>
  call('PUT', `${I(id)}${query}`, { ...plan, ...here })
const leave = (call: Call, plan: { service_id: string; plan_id: string }, id: string) =>
  call(
    'DELETE',
    `${I(id)}?service_id=${plan.service_id}&plan_id=${plan.plan_id}&accepts_incomplete=true`,
  )
const takenOf = async (reply: Reply): Promise<number> =>
  (await admin('GET', `/api/quotas/${String(reply.body.id)}`)).body.taken as number

/** Deletes all instances of a platform. */
async function empty({ call, id: platformId }: { call: Call; id: string }): Promise<void> {
  const { db } = kontor.running.runtime
  const live = () =>
    db
      .selectFrom('instances')
      .select(['instance_id', 'offering_id', 'plan_id'])
      .where('platform_id', '=', platformId)
      .where('deleted_at', 'is', null)
      .execute()
  // Again while something else is under way on one of them.
  await until(
    async () => {
      const rows = await live()
      for (const row of rows)
        await leave(call, { service_id: row.offering_id, plan_id: row.plan_id }, row.instance_id)
      return rows
    },
    (rows) => rows.length === 0,
  )
}

t.afterEach(async () => {
  await clear()
  for (const tenant of [ofAmt, ofStadt]) await empty(tenant)
})

t.test('ten orders for the last slot, over two processes, give one instance', async (t) => {
  const quota = await set({ organisation: 'amt', offering: 'nord-db', plan: 'small', instances: 3 })
  t.match(
    [await take(ofAmt.call, small), await take(ofAmt.call, small)],
    [{ status: 201 }, { status: 201 }],
  )
  const before = nord.state().instances.length
  const { authorization } = ofAmt
  await other.running.runtime.refresh()
  const ids = Array.from({ length: 10 }, next)
  const replies = await Promise.all(
    ids.map((id, at) =>
      at % 2 === 0
        ? take(ofAmt.call, small, id)
        : other.call('PUT', I(id), { ...small, ...here }, { authorization }),
    ),
  )
  t.strictSame(
    replies.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, ...Array.from({ length: 9 }, () => 400)],
  )
  for (const { body } of replies.filter(({ status }) => status === 400))
    t.match(body, {
      description:
        'The quota of the organisation "amt" for this plan is used up: all 3 instances of it ' +
        'are taken.',
    })
  t.equal(nord.state().instances.length, before + 1, 'no other order reached the provider')
  t.equal(await takenOf(quota), 3)

  const winner = ids[replies.findIndex(({ status }) => status === 201)] ?? ''
  t.match(await take(ofAmt.call, small, winner), { status: 200 }, 'a repeated order counts once')
  t.match(await leave(ofAmt.call, small, winner), { status: 200 })
  t.match(await take(ofAmt.call, small), { status: 201 }, 'and its slot is free again')
  t.match(await take(ofAmt.call, small), { status: 400 })
  t.match(await take(ofAmt.call, large), { status: 201 }, 'another plan is outside this quota')
  t.match(await take(ofStadt.call, small), { status: 201 }, 'nor is another organisation')
})

t.test('an order counts for its organisation and for all its ancestors', async (t) => {
  await set({ organisation: 'land', instances: 1 })
  await set({ organisation: 'amt', instances: 5 })
  t.match(await take(ofAmt.call, small), { status: 201 })
  t.match(await take(ofAmt.call, app), {
    status: 400,
    body: {
      description:
        'The quota of the organisation "land" for all offerings is used up: the only ' +
        'instance of it is taken.',
    },
  })
  t.match(await take(ofStadt.call, app), { status: 201 })
})

t.test('a quota without an organisation counts all organisations together', async (t) => {
  await set({ provider: 'nord', instances: 2 })
  t.match(await take(ofAmt.call, small), { status: 201 })
  t.match(await take(ofStadt.call, app), { status: 201 })
  t.match(await take(ofAmt.call, large), {
    status: 400,
    body: { description: /^The quota of all who order here for this data centre is used up/ },
  })
  t.match(await take(ofAmt.call, slow, next(), '?accepts_incomplete=true'), { status: 202 })
  await clear()
  await set({ offering: 'nord-app', instances: 0 })
  t.match(await take(ofAmt.call, app), {
    status: 400,
    body: { description: /for this offering is used up: none may be ordered\.$/ },
  })
  t.match(await take(ofAmt.call, large), { status: 201 })
})

t.test(
  'an order that fails, is abandoned or is deleted in progress releases its slot',
  async (t) => {
    const quota = await set({ provider: 'slow', instances: 1 })
    const { call } = ofAmt
    const order = async (plan = slow) => {
      const id = next()
      const reply = await take(call, plan, id, '?accepts_incomplete=true')
      t.equal(reply.status, 202)
      t.match(
        await take(call, slow, next(), '?accepts_incomplete=true'),
        { status: 400 },
        'it is taken while it is being made',
      )
      return { id, operation: String(reply.body.operation) }
    }
    const halted = await order()
    t.match(await leave(call, slow, halted.id), { status: 202 })
    await until(
      () => takenOf(quota),
      (taken) => taken === 0,
    )

    const abandoned = await order(slowest)
    t.match(
      await admin('POST', `/api/operations/${abandoned.operation}/abandon`, { reason: 'Test.' }),
      { status: 200 },
    )
    t.equal(await takenOf(quota), 0)

    const settled = await order(slowest)
    t.match(
      await admin('POST', `/api/operations/${settled.operation}/settle`, {
        outcome: 'failed',
        reason: 'Test.',
      }),
      { status: 200 },
    )
    t.equal(await takenOf(quota), 0)
    await order()
  },
)

t.test(
  'an instance whose delete the provider refused keeps its slot until it is deleted',
  async (t) => {
    const quota = await set({ provider: 'slow', instances: 1 })
    const { call } = ofAmt
    const id = next()
    t.match(await take(call, slow, id, '?accepts_incomplete=true'), { status: 202 })
    const { upstream_id: instance_id } = await kontor.running.runtime.db
      .selectFrom('instances')
      .select('upstream_id')
      .where('instance_id', '=', id)
      .executeTakeFirstOrThrow()
    for (const round of [1, 2]) {
      slower.faults.add({
        on: 'deprovision',
        times: 1,
        // What orders before left at the provider is deleted meanwhile.
        match: { instance_id },
        do: { status: 400, body: { description: 'Not now.' } },
      })
      const reply = await leave(call, slow, id)
      // A delete that waits for a slot at the provider gets 202.
      const end = reply.status === 202 ? (await finished(call, I(id))).body : reply.body
      t.match(end, { description: /Not now/ }, `round ${round}`)
      t.equal(await takenOf(quota), 1, `round ${round}`)
      t.match(await take(call, slow, next(), '?accepts_incomplete=true'), {
        status: 400,
        body: { description: /is used up/ },
      })
    }
    t.ok(slower.state().instances.length > 0, 'for it is there')
    await leave(call, slow, id)
    await until(
      () => takenOf(quota),
      (taken) => taken === 0,
    )
  },
)

t.test(
  'an order that the provider refuses, or that gets no answer and is cleaned up, takes no slot',
  async (t) => {
    const quota = await set({ organisation: 'stadt', instances: 1 })
    nord.faults.add({ on: 'provision', do: { status: 400, body: { description: 'No.' } } })
    t.match(await take(ofStadt.call, small), { status: 400, body: { description: /No\./ } })
    t.equal(await takenOf(quota), 0)
    nord.faults.add({ on: 'provision', do: { status: 500 } })
    t.match(await take(ofStadt.call, small), { status: 502 })
    await until(
      () => takenOf(quota),
      (taken) => taken === 0,
    )
    t.match(await take(ofStadt.call, small), { status: 201 })
  },
)

t.test(
  'a plan can be changed within a quota that is used up, and holds both slots until it is through',
  async (t) => {
    const { call } = ofAmt
    const ids = [next(), next()]
    const bigger = {
      service_id: slow.service_id,
      plan_id: (await kontor.find('slow', 'db', 'large')).plan_id,
    }
    for (const id of ids)
      t.match(await take(call, slow, id, '?accepts_incomplete=true'), { status: 202 })
    const isReady = async (id: string) => (await call('GET', I(id))).status
    for (const id of ids)
      await until(
        () => isReady(id),
        (status) => status === 200,
      )
    await set({ organisation: 'amt', provider: 'slow', instances: 1 })
    const ofSmall = await set({ offering: 'slow-db', plan: 'small', instances: 2 })
    const ofLarge = await set({ offering: 'slow-db', plan: 'large', instances: 1 })
    const change = (id: string) => call('PATCH', `${I(id)}?accepts_incomplete=true`, bigger)
    t.match(await change(ids[0] ?? ''), { status: 202 })
    t.strictSame([await takenOf(ofSmall), await takenOf(ofLarge)], [2, 1])
    t.match(await change(ids[1] ?? ''), {
      status: 422,
      body: {
        error: undefined,
        description:
          'The quota of all who order here for this plan is used up: the only instance of it ' +
          'is taken.',
      },
    })
    t.match(await change(ids[0] ?? ''), { status: 202 }, 'the same change again is the same one')
    await until(
      () => takenOf(ofSmall),
      (taken) => taken === 1,
    )
    t.equal(await takenOf(ofLarge), 1)
    t.match(
      await call('PATCH', `${I(ids[1] ?? '')}?accepts_incomplete=true`, {
        service_id: slow.service_id,
        parameters: { a: 1 },
      }),
      { status: 202 },
      'what it has it may keep up to date',
    )
  },
)

t.test('a limit below the present number removes nothing and admits nothing', async (t) => {
  const quota = await set({ organisation: 'amt', instances: 3 })
  const ids = [next(), next(), next()]
  for (const id of ids) t.match(await take(ofAmt.call, small, id), { status: 201 })
  const lowered = await set({ organisation: 'amt', instances: 1, comment: 'Ticket 9' })
  t.match(lowered, {
    status: 200,
    body: { id: quota.body.id, instances: 1, taken: 3, comment: 'Ticket 9' },
  })
  for (const id of ids) t.match(await ofAmt.call('GET', I(id)), { status: 200 })
  await leave(ofAmt.call, small, ids[0] ?? '')
  await leave(ofAmt.call, small, ids[1] ?? '')
  t.match(await take(ofAmt.call, small), { status: 400 })
  await leave(ofAmt.call, small, ids[2] ?? '')
  t.match(await take(ofAmt.call, small), { status: 201 })
})

t.test('what a platform ordered before it had an owner counts for its present owner', async (t) => {
  const quota = await set({ organisation: 'stadt', instances: 1 })
  await move(kontor, ofStadt.id, null)
  t.match(await take(ofStadt.call, small), { status: 201 })
  t.equal(await takenOf(quota), 0)
  await move(kontor, ofStadt.id, stadt)
  t.equal(await takenOf(quota), 1)
  t.match(await take(ofStadt.call, small), { status: 400 })
})

t.test(
  'an order counts for its ancestors in the database, even if its process does not know them yet',
  async (t) => {
    const { db } = kontor.running.runtime
    // As another process writes it, without the notification.
    const setParent = (parent: string | null) =>
      writeAsKontor(db, 'organisations', { id: stadt }, (tx) =>
        tx
          .updateTable('organisations')
          .set({ parent_id: parent })
          .where('id', '=', stadt)
          .execute(),
      )
    const setOwner = (organisation: string | null) =>
      writeAsKontor(db, 'platforms', { id: ofStadt.id }, (tx) =>
        tx
          .updateTable('platforms')
          .set({ organisation_id: organisation })
          .where('id', '=', ofStadt.id)
          .execute(),
      )
    await set({ organisation: 'land', instances: 0 })
    const refused = {
      status: 400,
      body: { description: /^The quota of the organisation "land" for all offerings/ },
    }
    t.match(await take(ofStadt.call, small, 'line-1'), { status: 201 })
    await setParent(land)
    t.match(await take(ofStadt.call, small), refused)
    t.match(
      await ofStadt.call('PUT', I(next()), { ...small, ...here }, { 'x-dry-run': 'true' }),
      refused,
    )
    await setParent(null)

    await move(kontor, ofStadt.id, null)
    await setOwner(amt)
    t.match(await take(ofStadt.call, small), refused, 'nor the present owner of its platform')
    await move(kontor, ofStadt.id, stadt)
  },
)

t.test('a change of plan counts for its ancestors in the database', async (t) => {
  const { db } = kontor.running.runtime
  const setParent = (parent: string | null) =>
    writeAsKontor(db, 'organisations', { id: stadt }, (tx) =>
      tx.updateTable('organisations').set({ parent_id: parent }).where('id', '=', stadt).execute(),
    )
  const id = next()
  t.match(await take(ofStadt.call, small, id), { status: 201 })
  await set({ organisation: 'land', offering: 'nord-db', plan: 'large', instances: 0 })
  await setParent(land)
  t.match(await ofStadt.call('PATCH', I(id), large), {
    status: 422,
    body: { description: /^The quota of the organisation "land" for this plan/ },
  })
  await setParent(null)
  t.match(await ofStadt.call('PATCH', I(id), large), { status: 200 })
})

/** The answers to requests that begin one after the other while none of them can commit. */
async function inFlight(...calls: ReadonlyArray<() => Promise<Reply>>): Promise<number[]> {
  const { db } = kontor.running.runtime
  const waiting = () =>
    sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      db,
    )
  const begun: Array<Promise<Reply>> = []
  // The role that serves may not lock the table.
  const owner = new pg.Client({ connectionString: kontor.databaseUrl })
  await owner.connect()
  try {
    // The audit event is the last statement of each transaction.
    await owner.query('begin; lock table audit_events in exclusive mode')
    for (const call of calls) {
      begun.push(call())
      await until(waiting, ({ rows }) => rows.length >= begun.length)
    }
  } finally {
    await owner.end()
  }
  return (await Promise.all(begun)).map(({ status }) => status)
}

t.test('orders in progress when a quota is set cannot exceed it', async (t) => {
  const { call } = ofAmt
  const asynchronously = '?accepts_incomplete=true'
  const order = () => take(call, slow, next(), asynchronously)
  t.strictSame(
    await inFlight(order, () => set({ organisation: 'amt', instances: 1 }), order),
    [202, 201, 400],
  )
  await clear()

  const bigger = {
    service_id: slow.service_id,
    plan_id: (await kontor.find('slow', 'db', 'large')).plan_id,
  }
  const ids = [next(), next()]
  for (const id of ids) t.match(await take(call, slow, id, asynchronously), { status: 202 })
  for (const id of ids)
    await until(
      () => call('GET', I(id)),
      ({ status }) => status === 200,
    )
  const [first, second] = ids.map((id) => () => call('PATCH', `${I(id)}${asynchronously}`, bigger))
  if (first === undefined || second === undefined) throw new Error('There are two.')
  const [before, setting, after] = await inFlight(
    first,
    () => set({ offering: 'slow-db', plan: 'large', instances: 1 }),
    second,
  )
  t.equal(setting, 201)
  // A change waits for the quota after its operation and event, so either may be the one.
  t.strictSame(new Set([before, after]), new Set([202, 422]))
})

t.test(
  'a hundred orders, 25 at a time, over several quotas end without a deadlock, and no quota is ' +
    'exceeded',
  async (t) => {
    const settings = [
      { organisation: 'amt', instances: 30 },
      { organisation: 'stadt', instances: 12 },
      { provider: 'nord', instances: 35 },
      { offering: 'nord-db', plan: 'small', instances: 15 },
      { organisation: 'land', provider: 'nord', instances: 25 },
      { offering: 'nord-app', instances: 9 },
    ]
    const quotas = []
    for (const setting of settings) quotas.push(await set(setting))
    const plans = [small, large, app]
    const replies: Reply[] = []
    // More at once would only wait for Kontor's connections, on a busy machine for too long.
    while (replies.length < 100) {
      const orders = Array.from({ length: 25 }, (_, at) =>
        take(
          [ofAmt, ofStadt][at % 2]?.call ?? kontor.call,
          plans[at % 3] ?? small,
          next(),
          '?accepts_incomplete=true',
        ),
      )
      replies.push(...(await Promise.all(orders)))
    }
    const counts = Object.groupBy(replies, ({ status }) => status)
    t.strictSame(
      Object.keys(counts).filter((status) => !['201', '202', '400'].includes(status)),
      [],
    )
    for (const { body } of counts['400'] ?? []) t.match(body.description, /^The quota of /)
    const taken = await Promise.all(quotas.map(takenOf))
    t.strictSame(
      taken.filter((count, at) => count > (settings[at]?.instances ?? 0)),
      [],
      taken.join(' '),
    )
    t.ok(
      taken[2] === 35 || (taken[1] === 12 && taken[4] === 25) || taken[5] === 9,
      `and they are used: ${taken.join(' ')}`,
    )
  },
)

t.test('a ledger that SQL changed is corrected, recorded and reported', async (t) => {
  const { db } = kontor.running.runtime
  const quota = await set({ organisation: 'amt', provider: 'nord', instances: 2 })
  t.match(await take(ofAmt.call, small), { status: 201 })
  t.match(await take(ofAmt.call, small), { status: 201 })
  const owner = new pg.Client({ connectionString: kontor.databaseUrl })
  await owner.connect()
  t.teardown(() => owner.end())
  // Until then entries of what earlier orders have released may still come.
  await until(
    () => owner.query('select from ledger_unposted'),
    ({ rowCount }) => rowCount === 0,
  )
  await owner.query(`update ledger_balances set balance = balance - 1 where holder = $1`, [amt])
  t.equal(await takenOf(quota), 1)
  await owner.query("update ledger_checks set checked_at = '-infinity'")

  const checking = await kontor.another()
  const metrics = async () => (await checking.admin('GET', '/metrics')).text
  await until(metrics, (text) => /^kontor_ledger_corrections_total [1-9]/m.test(text))
  t.equal(await takenOf(quota), 2)
  t.match(await take(ofAmt.call, small), { status: 400 })
  const events = await db
    .selectFrom('audit_events')
    .select(['actor', 'object_kind', 'details'])
    .where('action', '=', 'ledger.corrected')
    .execute()
  t.match(events, [{ actor: 'kontor', object_kind: 'ledger', details: { accounts: Number } }])
  await until(
    () =>
      db.selectFrom('ledger_entries').select('amount').where('cause', '=', 'corrected').execute(),
    (entries) => entries.length > 0,
  )
  await until(metrics, (text) => /^kontor_ledger_unposted 0$/m.test(text))
  await checking.running.stop()
})

t.test('quotas are set, listed with what is taken, and audited', async (t) => {
  const first = await set({
    organisation: 'amt',
    plan: 'only',
    offering: 'nord-app',
    instances: 4,
    comment: 'Ticket 3',
  })
  t.match(first, {
    status: 201,
    headers: { location: `/api/quotas/${String(first.body.id)}` },
    body: {
      organisation: { id: amt, name: 'amt' },
      provider: { name: 'nord' },
      offering: { name: 'nord-app' },
      plan: { name: 'only' },
      instances: 4,
      taken: 0,
      comment: 'Ticket 3',
    },
  })
  const second = await set({ provider: 'nord', instances: 7 })
  t.match(second.body, {
    organisation: null,
    provider: { name: 'nord' },
    offering: null,
    plan: null,
  })
  const page = await admin('GET', '/api/quotas?limit=1')
  t.match(page.body, { items: [{ id: second.body.id }], next: second.body.id })
  t.match((await admin('GET', `/api/quotas?limit=1&cursor=${String(page.body.next)}`)).body, {
    items: [{ id: first.body.id }],
    next: null,
  })
  t.strictSame(
    (await admin('GET', '/api/quotas?organisation=amt')).body.items.map(
      ({ id }: { id: string }) => id,
    ),
    [first.body.id],
  )
  t.strictSame((await admin('GET', '/api/quotas?provider=nord')).body.items.length, 2)
  t.equal((await admin('DELETE', `/api/quotas/${String(first.body.id)}`)).status, 204)
  for (const id of [String(first.body.id), 'nonsense'])
    for (const method of ['GET', 'DELETE'])
      t.match(await admin(method, `/api/quotas/${id}`), { status: 404 })
  const events = await kontor.running.runtime.db
    .selectFrom('audit_events')
    .select(['actor', 'action', 'details'])
    .where('object_kind', '=', 'quota')
    .where('object_id', '=', String(first.body.id))
    .orderBy('id')
    .execute()
  t.match(events, [
    {
      actor: 'admin',
      action: 'quota.created',
      details: { instances: 4, organisationId: amt, comment: 'Ticket 3' },
    },
    { action: 'quota.removed' },
  ])
})

t.test('an invalid quota is refused by the name of the field', async (t) => {
  const cases: ReadonlyArray<readonly [setting: object, says: RegExp]> = [
    [{ organisation: 'amt' }, /^instances is missing/],
    [{ instances: 1 }, /^Say what the quota is for/],
    [{ organisation: 'amt', instances: -1 }, /^instances/],
    [{ organisation: 'amt', instances: 1.5 }, /^instances/],
    [{ organisation: 'amt', instances: 1_000_001 }, /^instances/],
    [{ organisation: 'nobody', instances: 1 }, /^organisation: there is no organisation "nobody"/],
    [{ provider: 'west', instances: 1 }, /^provider/],
    [{ plan: 'small', instances: 1 }, /^plan: several offerings/],
    [{ offering: 'db', instances: 1 }, /^offering/],
    [
      { provider: 'slow', offering: 'nord-db', instances: 1 },
      /^provider: that is not the provider of the offering/,
    ],
    [{ organisation: 'amt', instances: 1, level: 'land' }, /^level is not a known field/],
  ]
  for (const [setting, says] of cases)
    t.match(
      await admin('PUT', '/api/quotas', setting),
      { status: 400, body: { detail: says } },
      JSON.stringify(setting),
    )
  for (const query of [
    'limit=0',
    'limit=201',
    'cursor=x',
    'organisation=nobody',
    'provider=%00',
    'provider=west',
    'more=1',
  ])
    t.match(await admin('GET', `/api/quotas?${query}`), { status: 400 }, query)
})
