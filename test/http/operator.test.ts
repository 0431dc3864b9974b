// The management API of operations and orphans.
import t from 'tap'
import { finished, here, startKontor, until, type Reply } from '../support/kontor.ts'

const ai = 'accepts_incomplete=true'
const reason = "Seen in the provider's console."
const secret = 'hunter2-hunter2-hunter2'
const at = (id: string) => `/v2/service_instances/${id}`

const kontor = await startKontor(t, { environment: { KONTOR_RETRIES_BEFORE_PARKING: '1' } })
const { admin, call } = kontor
const isFarOff = ({ body }: Reply) => Date.parse(body.nextStepAt) > Date.now() + 60_000
const unknownId = '01a2078b-fbbe-7b44-b497-56d4ba8d5a71'

t.test('the list has filters and pages of limited size', async (t) => {
  const second = await kontor.newPlatform('second')
  await Promise.all([kontor.addProvider('list-a'), kontor.addProvider('list-b')])
  const [a, b] = [
    await kontor.find('list-a', 'db', 'small'),
    await kontor.find('list-b', 'db', 'small'),
  ]
  for (const id of ['l1', 'l2', 'l3', 'l4', 'l5'])
    t.equal((await call('PUT', at(id), { ...a, ...here })).status, 201)
  t.equal((await second('PUT', at('l1'), { ...b, ...here })).status, 201)
  t.equal(
    (await call('PATCH', at('l1'), { service_id: a.service_id, parameters: { n: 1 } })).status,
    200,
  )

  const list = async (query: string) =>
    (await admin('GET', `/api/operations?${query}`)).body.items.map(
      (item: { instanceId: string; kind: string }) => `${item.kind} ${item.instanceId}`,
    )
  t.strictSame(
    await list('provider=list-a'),
    ['update l1', 'provision l5', 'provision l4', 'provision l3', 'provision l2', 'provision l1'],
    'newest first',
  )
  t.strictSame(await list('platform=second'), ['provision l1'])
  t.strictSame(
    await list('instanceId=l1'),
    ['update l1', 'provision l1', 'provision l1'],
    'of all platforms',
  )
  t.strictSame(await list('instanceId=l1&platform=first&kind=provision&state=succeeded'), [
    'provision l1',
  ])
  for (const state of [
    'parked',
    'unfinished',
    'stuck',
    'accepted',
    'calling',
    'waiting',
    'uncertain',
    'compensating',
    'failed',
  ])
    t.strictSame(await list(`state=${state}`), [], state)
  t.strictSame(await list('provider=nobody'), [])

  const seen: string[] = []
  let cursor = ''
  for (let pages = 0; pages < 3; pages++) {
    const { body } = await admin('GET', `/api/operations?provider=list-a&limit=2${cursor}`)
    seen.push(...body.items.map(({ id }: { id: string }) => id))
    t.equal(body.items.length, 2)
    cursor = `&cursor=${body.next}`
    t.equal(body.next === null, pages === 2)
  }
  t.equal(new Set(seen).size, 6)
  const [item] = (await admin('GET', '/api/operations?platform=second')).body.items
  t.match(
    (
      await admin(
        'GET',
        `/api/operations?provider=${item.provider.id}&platform=${item.platform.id}`,
      )
    ).body.items,
    [{ id: item.id, platform: { name: 'second' }, provider: { name: 'list-b' } }],
    'by their ids too',
  )
})

t.test('an invalid value is refused with the name of its field', async (t) => {
  const bad: ReadonlyArray<readonly [query: string, says: RegExp]> = [
    ['limit=0', /^limit must match/],
    ['limit=201', /^limit must match/],
    ['limit=x', /^limit must match/],
    ['limit=1&limit=2', /^limit must be string/],
    ['cursor=x', /^cursor must match/],
    ['state=lost', /^state must be one of/],
    ['surprise=1', /^surprise is not a known field/],
    ['provider=', /^provider must not be empty/],
  ]
  for (const list of ['operations', 'orphans']) {
    for (const [query, says] of bad)
      t.match(
        await admin('GET', `/api/${list}?${query}`),
        {
          status: 400,
          headers: { 'content-type': /^application\/problem\+json/ },
          body: { detail: says },
        },
        `${list}?${query}`,
      )
  }
  t.match(await admin('GET', '/api/operations?kind=make'), {
    status: 400,
    body: { detail: /^kind must be one of/ },
  })
  t.match(await admin('GET', '/api/orphans?cause=none'), {
    status: 400,
    body: { detail: /^cause must be one of/ },
  })

  const actions = [
    'operations/ID/retry',
    'operations/ID/settle',
    'operations/ID/abandon',
    'orphans/ID/remove',
    'orphans/ID/forget',
  ]
  for (const action of actions) {
    const outcome = action.endsWith('settle') ? { outcome: 'failed' } : {}
    const post = (body: unknown, id = unknownId) =>
      admin('POST', `/api/${action.replace('ID', id)}`, body)
    t.match(await post(outcome), { status: 400, body: { detail: /^reason is missing/ } }, action)
    t.match(await post({ ...outcome, reason: '' }), {
      status: 400,
      body: { detail: /^reason must not be empty/ },
    })
    t.match(await post({ ...outcome, reason: ' \n' }), {
      status: 400,
      body: { detail: /^reason must match/ },
    })
    t.match(await post({ ...outcome, reason: 'x'.repeat(501) }), {
      status: 400,
      body: { detail: /^reason must NOT have more than 500/ },
    })
    t.match(await post({ ...outcome, reason: 1 }), {
      status: 400,
      body: { detail: /^reason must be string/ },
    })
    t.match(await post({ ...outcome, reason: 'a\0b' }), {
      status: 400,
      body: { detail: /U\+0000/ },
    })
    t.match(await post({ ...outcome, reason, force: true }), {
      status: 400,
      body: { detail: /^force is not a known field/ },
    })
    t.match(
      await post({ ...outcome, reason }),
      { status: 404, body: { type: /not_found$/ } },
      'an unknown id',
    )
    t.match(await post({ ...outcome, reason }, 'no-uuid'), { status: 404 })
    t.equal(
      (await call('POST', `/api/${action.replace('ID', unknownId)}`, { ...outcome, reason }))
        .status,
      401,
      'a platform is refused',
    )
  }
  t.match(await admin('POST', `/api/operations/${unknownId}/settle`, { reason }), {
    status: 400,
    body: { detail: /^outcome is missing/ },
  })
  t.match(await admin('POST', `/api/operations/${unknownId}/settle`, { reason, outcome: 'lost' }), {
    status: 400,
    body: { detail: /^outcome must be one of "succeeded", "failed"/ },
  })
  for (const path of ['operations', 'orphans']) {
    t.equal((await admin('GET', `/api/${path}/${unknownId}`)).status, 404)
    t.equal((await call('GET', `/api/${path}`)).status, 401)
  }
})

t.test('an ended or due operation cannot be retried, and a waiting one runs at once', async (t) => {
  let passedMs = 0
  const { simulator } = await kontor.addProvider('waits', {
    behaviours: { '*': { mode: 'async', retryAfterSeconds: 3_000, provisionSeconds: 3_000 } },
    now: () => Date.now() + passedMs,
  })
  const ids = await kontor.find('waits', 'db', 'small')
  const {
    body: { operation },
  } = await call('PUT', `${at('w')}?${ai}`, { ...ids, ...here })
  await until(() => admin('GET', `/api/operations/${operation}`), isFarOff)
  passedMs = 4_000_000
  const before = simulator.state().requests['last_operation'] ?? 0
  t.match(await admin('POST', `/api/operations/${operation}/retry`, { reason }), {
    status: 200,
    body: { state: 'waiting', retries: 0 },
  })
  t.match(await finished(call, at('w'), operation), { body: { state: 'succeeded' } })
  t.equal(simulator.state().requests['last_operation'], before + 1)
  for (const action of ['retry', 'abandon'])
    t.match(await admin('POST', `/api/operations/${operation}/${action}`, { reason }), {
      status: 409,
      body: { detail: /is over: it succeeded/ },
    })
  t.match(
    await admin('POST', `/api/operations/${operation}/settle`, { reason, outcome: 'failed' }),
    { status: 409 },
  )
})

t.test(
  'an operation without progress is stuck: unclaimed, retried too often, or past its time',
  async (t) => {
    await kontor.addProvider('stuck', {
      behaviours: { '*': { mode: 'async', retryAfterSeconds: 3_000, provisionSeconds: 3_000 } },
    })
    const ids = await kontor.find('stuck', 'db', 'small')
    const {
      body: { operation },
    } = await call('PUT', `${at('s')}?${ai}`, { ...ids, ...here })
    await until(() => admin('GET', `/api/operations/${operation}`), isFarOff)
    const isStuck = async () => {
      const [read, listed] = [
        await admin('GET', `/api/operations/${operation}`),
        await admin('GET', '/api/operations?state=stuck&provider=stuck'),
      ]
      t.equal(listed.body.items.length === 1, read.body.stuck)
      return read.body.stuck as boolean
    }
    const set = (values: Record<string, unknown>) =>
      kontor.running.runtime.db
        .updateTable('operations')
        .set(values)
        .where('id', '=', operation)
        .execute()
    t.equal(await isStuck(), false)
    for (const [values, back] of [
      [{ retries: 10 }, { retries: 0 }],
      [{ internal_errors: 3 }, { internal_errors: 0 }],
      [{ deadline_at: new Date(0) }, { deadline_at: new Date(Date.now() + 3_600_000) }],
    ] as const) {
      await set(values)
      t.equal(await isStuck(), true, JSON.stringify(values))
      await set(back)
      t.equal(await isStuck(), false)
    }
    await set({
      created_at: new Date(Date.now() - 7_200_000),
      deadline_at: new Date(Date.now() - 3_600_000),
    })
    t.match(
      await admin('POST', `/api/operations/${operation}/retry`, { reason }),
      { status: 200, body: { stuck: false } },
      'its time starts again',
    )
    t.match((await admin('GET', '/api/operations?state=unfinished&provider=stuck')).body.items, [
      { id: operation },
    ])
    await admin('POST', `/api/operations/${operation}/abandon`, { reason })
  },
)

t.test('orphans are listed, removed now or left at the provider', async (t) => {
  const { simulator, view } = await kontor.addProvider('orphans')
  const ids = await kontor.find('orphans', 'db', 'small')
  const { db } = kontor.running.runtime
  // Deletes are abandoned while the provider cannot be reached, and then wait for a person.
  for (const id of ['o1', 'o2'])
    t.equal((await call('PUT', at(id), { ...ids, ...here })).status, 201)
  simulator.faults.add({ on: 'deprovision', times: 0, do: { status: 500 } })
  for (const id of ['o1', 'o2']) {
    const {
      body: { operation },
    } = await call('DELETE', `${at(id)}?${ai}&service_id=${ids.service_id}&plan_id=${ids.plan_id}`)
    t.equal((await admin('POST', `/api/operations/${operation}/abandon`, { reason })).status, 200)
  }
  await until(
    () => admin('GET', '/api/orphans?provider=orphans'),
    ({ body }) => body.items.every(({ retries }: { retries: number }) => retries > 0),
  )
  await until(
    async () =>
      (
        await db
          .updateTable('orphans')
          .set({ next_retry_at: null, cause: 'retained' })
          .where('provider_id', '=', view.id)
          .where('lease_until', 'is', null)
          .where('state', '=', 'open')
          .executeTakeFirst()
      ).numUpdatedRows.toString(),
    (rows) => rows === '2',
  )
  const { body } = await admin(
    'GET',
    '/api/orphans?provider=orphans&state=open&cause=retained&limit=1',
  )
  t.match(body, {
    items: [{ instanceId: 'o2', nextRetryAt: null, platform: { name: 'first' }, answer: /\w/ }],
    next: /\w/,
  })
  const rest = await admin(
    'GET',
    `/api/orphans?provider=orphans&state=open&limit=1&cursor=${body.next}`,
  )
  t.match(rest.body, { items: [{ instanceId: 'o1' }], next: null })
  simulator.faults.clear()

  const [o2, o1] = [body.items[0].id, rest.body.items[0].id] as [string, string]
  const other = await kontor.another()
  const turns = [admin, other.admin, admin, other.admin]
  const removals = await Promise.all(
    turns.map((turn) => turn('POST', `/api/orphans/${o1}/remove`, { reason })),
  )
  t.strictSame(
    removals.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409, 409, 409],
    removals.map(({ text }) => text).join(),
  )
  await until(
    () => admin('GET', `/api/orphans/${o1}`),
    (reply) => reply.body.state === 'removed',
  )
  const forgotten = await Promise.all(
    turns.map((turn) => turn('POST', `/api/orphans/${o2}/forget`, { reason })),
  )
  t.strictSame(
    forgotten.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409, 409, 409],
  )
  for (const id of [o1, o2])
    for (const action of ['remove', 'forget'])
      t.match(await admin('POST', `/api/orphans/${id}/${action}`, { reason }), {
        status: 409,
        body: { detail: /The orphan is (removed|forgotten)/ },
      })
  t.equal(simulator.state().instances.length, 1, 'what is forgotten stays')
  t.match((await admin('GET', '/api/orphans?provider=orphans&state=forgotten')).body.items, [
    { id: o2 },
  ])
  const events = await db
    .selectFrom('audit_events')
    .select(['actor', 'action', 'object_id', 'outcome', 'details'])
    .where('object_kind', '=', 'orphan')
    .orderBy('id')
    .execute()
  t.match(events, [
    {
      actor: 'admin',
      action: 'orphan.removal-requested',
      object_id: o1,
      outcome: 'open',
      details: { reason },
    },
    { action: 'orphan.forgotten', object_id: o2, outcome: 'forgotten', details: { reason } },
  ])
  t.equal(events.length, 2)
})

t.test('none of these responses shows a secret', async (t) => {
  const { simulator } = await kontor.addProvider('quiet')
  const ids = await kontor.find('quiet', 'db', 'small')
  const identity = Buffer.from(JSON.stringify({ user: secret })).toString('base64')
  const headers = { 'x-broker-api-originating-identity': `cloudfoundry ${identity}` }
  t.equal(
    (await call('PUT', at('q'), { ...ids, ...here, parameters: { password: secret } }, headers))
      .status,
    201,
  )
  t.equal(
    (
      await call(
        'PUT',
        `${at('q')}/service_bindings/q`,
        { ...ids, parameters: { password: secret } },
        headers,
      )
    ).status,
    201,
  )
  const [held] = simulator.state().instances.flatMap(({ bindings }) => bindings)
  const { password } = (held?.data['credentials'] ?? {}) as { password?: string }
  simulator.faults.add({ on: 'update', do: { never: true } })
  const {
    body: { operation },
  } = await call(
    'PATCH',
    `${at('q')}?${ai}`,
    { service_id: ids.service_id, parameters: { password: secret, more: true } },
    headers,
  )
  const settledByHand = await admin('POST', `/api/operations/${operation}/settle`, {
    outcome: 'succeeded',
    reason,
  })
  const listed = await admin('GET', '/api/operations?provider=quiet')
  const replies: Reply[] = [settledByHand, listed, await admin('GET', '/api/orphans')]
  for (const { id } of listed.body.items as Array<{ id: string }>)
    replies.push(await admin('GET', `/api/operations/${id}`))
  t.ok(replies.length >= 6)
  t.ok(password !== undefined && password.length > 8)
  for (const reply of replies) {
    t.equal(reply.status, 200, reply.text)
    for (const hidden of [secret, password ?? '', identity]) t.notOk(reply.text.includes(hidden))
  }
  const events = JSON.stringify(
    await kontor.running.runtime.db.selectFrom('audit_events').selectAll().execute(),
  )
  for (const hidden of [secret, password ?? '', identity]) t.notOk(events.includes(hidden))
})
