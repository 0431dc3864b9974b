// The tree of organisations through the management API: its shape, its states, and what prevents
// retiring.
import t from 'tap'
import { here, startKontor, type Reply } from '../support/kontor.ts'

const kontor = await startKontor(t)
const { admin } = kontor
const other = await kontor.another()
const reason = { reason: 'Ticket 4711.' }

const create = (name: string, more: Record<string, unknown> = {}) =>
  admin('POST', '/api/organisations', { name, displayName: name, level: 'land', ...more })
const created = async (name: string, more?: Record<string, unknown>): Promise<string> => {
  const reply = await create(name, more)
  if (reply.status !== 201) throw new Error(reply.text)
  return reply.body.id as string
}
const names = ({ body }: Reply) => body.items.map(({ name }: { name: string }) => name)

t.test('an organisation is created, read by its name and id, and changed', async (t) => {
  const costCentres = [{ id: '4711', name: 'IT-Amt' }]
  const reply = await create('alpha', {
    displayName: 'Land Alpha',
    leitwegId: '04000000-132x03-25',
    costCentres,
  })
  t.match(reply, {
    status: 201,
    headers: { location: `/api/organisations/${reply.body.id}` },
    body: {
      name: 'alpha',
      displayName: 'Land Alpha',
      level: 'land',
      parent: null,
      leitwegId: '04000000-132X03-25',
      costCentres,
      state: 'active',
    },
  })
  t.strictSame((await other.admin('GET', '/api/organisations/alpha')).body, reply.body)
  t.strictSame((await admin('GET', `/api/organisations/${reply.body.id}`)).body, reply.body)
  const changed = await admin('PATCH', '/api/organisations/alpha', {
    displayName: 'Alpha',
    leitwegId: null,
    costCentres: [],
  })
  t.match(changed, {
    status: 200,
    body: {
      id: reply.body.id,
      displayName: 'Alpha',
      leitwegId: null,
      costCentres: { length: 0 },
      level: 'land',
    },
  })
  const events = await kontor.running.runtime.db
    .selectFrom('audit_events')
    .select(['actor', 'action', 'details'])
    .where('object_id', '=', reply.body.id as string)
    .orderBy('id')
    .execute()
  t.match(events, [
    { actor: 'admin', action: 'organisation.created', details: { name: 'alpha' } },
    {
      actor: 'admin',
      action: 'organisation.changed',
      details: { fields: 'displayName,leitwegId,costCentres' },
    },
  ])
})

t.test('an invalid field is refused by its name', async (t) => {
  await created('bravo')
  const wrong: ReadonlyArray<
    readonly [more: Record<string, unknown>, status: number, says: RegExp]
  > = [
    [{ name: 'bravo' }, 409, /named "bravo"/],
    [{ name: 'B' }, 400, /^name must match/],
    [{ name: 'abcdef01-0000-4000-8000-000000000000' }, 400, /^name must not look like an id/],
    [{ displayName: ' ' }, 400, /^displayName must match/],
    [{ level: 'kreis' }, 400, /^level must be one of/],
    [{ parent: 'nobody' }, 400, /^parent: there is no organisation "nobody"/],
    [{ leitwegId: '992-90009-97' }, 400, /^leitwegId is no Leitweg-ID/],
    [{ leitwegId: '9'.repeat(47) }, 400, /^leitwegId must NOT have more than 46/],
    [
      {
        costCentres: [
          { id: '1', name: 'a' },
          { id: '1', name: 'b' },
        ],
      },
      400,
      /^costCentres has the id "1" twice/,
    ],
    [{ costCentres: [{ id: '1' }] }, 400, /^costCentres\.0\.name is missing/],
    [
      { costCentres: Array.from({ length: 201 }, (_, id) => ({ id: String(id), name: 'x' })) },
      400,
      /^costCentres must NOT have more than 200/,
    ],
    [{ state: 'retired' }, 400, /^state is not a known field/],
  ]
  for (const [more, status, says] of wrong)
    t.match(
      await create('fresh', more),
      { status, body: { detail: says } },
      JSON.stringify(more).slice(0, 60),
    )
  t.equal((await admin('GET', '/api/organisations/fresh')).status, 404)
  t.match(await admin('PATCH', '/api/organisations/bravo', { name: 'other' }), {
    status: 400,
    body: { detail: /^name is not a known field/ },
  })
  t.match(await admin('PATCH', '/api/organisations/bravo', {}), { status: 400 })
  for (const [method, path] of [
    ['GET', ''],
    ['PATCH', ''],
    ['POST', '/suspend'],
    ['POST', '/retire'],
  ] as const) {
    t.match(
      await admin(
        method,
        `/api/organisations/nobody${path}`,
        method === 'GET' ? undefined : method === 'PATCH' ? { displayName: 'x' } : reason,
      ),
      { status: 404, body: { detail: 'There is no such organisation.' } },
    )
  }
})

t.test('levels only go down the tree', async (t) => {
  await created('bund-a', { level: 'bund' })
  await created('land-a', { level: 'land', parent: 'bund-a' })
  await created('kommune-a', { level: 'kommune', parent: 'land-a' })
  await created('amt-a', { level: 'kommune', parent: 'kommune-a' })
  t.match(await create('land-b', { level: 'land', parent: 'kommune-a' }), {
    status: 400,
    body: {
      detail:
        'An organisation of the level land cannot be below "kommune-a", which is of the ' +
        'level kommune.',
    },
  })
  t.match(await admin('PATCH', '/api/organisations/land-a', { parent: 'kommune-a' }), {
    status: 400,
    body: { detail: /below itself/ },
  })
  t.match(await admin('PATCH', '/api/organisations/kommune-a', { level: 'bund' }), {
    status: 400,
    body: { detail: /cannot be below "land-a"/ },
  })
  t.match(await admin('PATCH', '/api/organisations/bund-a', { level: 'kommune' }), {
    status: 400,
    body: { detail: /"land-a" of the level land is below it/ },
  })
  t.match(await admin('PATCH', '/api/organisations/kommune-a', { parent: null }), {
    status: 200,
    body: { parent: null },
  })
  t.match(
    await admin('PATCH', '/api/organisations/land-a', { level: 'bund' }),
    { status: 200, body: { level: 'bund', parent: { name: 'bund-a' } } },
    'a mistake can be put right',
  )
})

t.test('the tree is at most six levels deep, also when a branch is moved', async (t) => {
  for (const depth of [1, 2, 3, 4, 5, 6])
    t.equal(
      (await create(`deep-${depth}`, depth === 1 ? {} : { parent: `deep-${depth - 1}` })).status,
      201,
    )
  t.match(await create('deep-7', { parent: 'deep-6' }), {
    status: 400,
    body: { detail: /more than 6 organisations deep/ },
  })
  await created('branch-1')
  await created('branch-2', { parent: 'branch-1' })
  t.match(await admin('PATCH', '/api/organisations/branch-1', { parent: 'deep-5' }), {
    status: 400,
    body: { detail: /more than 6/ },
  })
  t.match(await admin('PATCH', '/api/organisations/branch-1', { parent: 'deep-4' }), {
    status: 200,
    body: { parent: { name: 'deep-4' } },
  })
  t.match(await admin('PATCH', '/api/organisations/deep-2', { parent: 'branch-2' }), {
    status: 400,
    body: { detail: /below itself/ },
  })
})

t.test('two concurrent moves never make a cycle', async (t) => {
  for (let round = 0; round < 10; round++) {
    await created(`left-${round}`)
    await created(`right-${round}`)
    const moved = await Promise.all([
      admin('PATCH', `/api/organisations/left-${round}`, { parent: `right-${round}` }),
      other.admin('PATCH', `/api/organisations/right-${round}`, { parent: `left-${round}` }),
    ])
    t.strictSame(
      moved.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 400],
      moved.map(({ text }) => text).join(),
    )
  }
})

t.test('the list is filtered and paged', async (t) => {
  await created('top')
  for (const name of ['one', 'two', 'three'])
    await created(name, { parent: 'top', level: 'kommune' })
  t.strictSame(
    names(await admin('GET', '/api/organisations?parent=top')),
    ['three', 'two', 'one'],
    'newest first',
  )
  const first = await admin('GET', '/api/organisations?parent=top&limit=2')
  t.strictSame(names(first), ['three', 'two'])
  t.match(await admin('GET', `/api/organisations?parent=top&limit=2&cursor=${first.body.next}`), {
    body: { items: [{ name: 'one' }], next: null },
  })
  t.strictSame(names(await admin('GET', '/api/organisations?parent=top&level=land')), [])
  for (const query of ['level=kreis', 'state=gone', 'parent=', 'limit=0', 'cursor=x', 'surprise=1'])
    t.equal((await admin('GET', `/api/organisations?${query}`)).status, 400, query)
})

t.test('one that has anything below it is not retired, and the answer names it', async (t) => {
  await kontor.addProvider('nord')
  const ids = await kontor.find('nord', 'db', 'small')
  await created('ending')
  await created('below', { parent: 'ending' })
  const call = await kontor.newPlatform('of-ending')
  await admin('PATCH', '/api/platforms/of-ending', { organisation: 'ending', kind: 'cloudfoundry' })
  t.equal(
    (
      await admin('PUT', '/api/platforms/first/mappings/cf_organization/mapped', {
        organisation: 'ending',
      })
    ).status,
    201,
  )
  t.equal((await call('PUT', '/v2/service_instances/kept', { ...ids, ...here })).status, 201)
  const retire = () => admin('POST', '/api/organisations/ending/retire', reason)

  t.match(await retire(), {
    status: 409,
    body: {
      detail:
        'The organisation still has 1 organisation ("below"), 1 platform ("of-ending"), a ' +
        'mapping. Retire or move these first.',
    },
  })
  t.match(await admin('POST', '/api/organisations/below/retire', reason), {
    status: 200,
    body: { state: 'retired' },
  })
  t.equal(
    (await admin('DELETE', '/api/platforms/first/mappings/cf_organization/mapped')).status,
    204,
  )
  await admin('PATCH', '/api/platforms/of-ending', { organisation: null })
  t.match(await retire(), {
    status: 409,
    body: { detail: 'The organisation still has 1 instance. Deprovision it first.' },
  })
  t.match(
    await admin('GET', '/api/organisations/ending'),
    { body: { state: 'active' } },
    'nothing has changed',
  )
  t.equal(
    (
      await call(
        'DELETE',
        `/v2/service_instances/kept?service_id=${ids.service_id}&plan_id=${ids.plan_id}`,
      )
    ).status,
    200,
  )
  t.match(await retire(), { status: 200, body: { state: 'retired' } })

  t.match(await retire(), { status: 409, body: { detail: 'The organisation is retired.' } })
  for (const [method, path, body] of [
    ['PATCH', '', { displayName: 'x' }],
    ['POST', '/suspend', reason],
    ['POST', '/resume', reason],
  ] as const) {
    t.match(await admin(method, `/api/organisations/ending${path}`, body), {
      status: 409,
      body: { detail: 'The organisation is retired.' },
    })
  }
  t.match(
    await create('ending'),
    { status: 409, body: { detail: /exists already/ } },
    'its name is not given again',
  )
  t.match(await create('late', { parent: 'ending' }), {
    status: 400,
    body: { detail: /^parent: the organisation ".*" is retired/ },
  })
  t.match(await admin('PATCH', '/api/platforms/of-ending', { organisation: 'ending' }), {
    status: 400,
    body: { detail: /^organisation: the organisation ".*" is retired/ },
  })
  t.notOk(names(await admin('GET', '/api/organisations?limit=200')).includes('ending'))
  t.ok(names(await admin('GET', '/api/organisations?limit=200&state=retired')).includes('ending'))
})

t.test('nothing is added below an organisation that is just being retired', async (t) => {
  for (let round = 0; round < 5; round++) {
    await created(`end-${round}`)
    const [retired, child] = await Promise.all([
      admin('POST', `/api/organisations/end-${round}/retire`, reason),
      other.admin('POST', '/api/organisations', {
        name: `child-${round}`,
        displayName: 'x',
        level: 'land',
        parent: `end-${round}`,
      }),
    ])
    t.strictSame(
      [retired.status, child.status].toSorted((a, b) => a - b),
      retired.status === 200 ? [200, 400] : [201, 409],
      `${retired.text} ${child.text}`,
    )
  }
})
