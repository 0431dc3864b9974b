// What an operator does to operations that do not end by themselves: each action on each kind, with
// its effect for the platform and at the provider.
import t, { type Test } from 'tap'
import { finished, here, startKontor, until } from '../support/kontor.ts'
import { settled } from '../faults/invariants.ts'
import { begin, park, slowSite, stateOf, type ParkedKind, type Site } from './parking.ts'

t.setTimeout(110_000)

const ai = 'accepts_incomplete=true'
const reason = 'Ticket 4711: the data centre is flooded.'
const kinds = [
  'provision',
  'update',
  'deprovision',
  'bind',
  'unbind',
] as const satisfies readonly ParkedKind[]
const isOfBinding = (kind: ParkedKind) => kind === 'bind' || kind === 'unbind'

const kontor = await startKontor(t)
const { admin, call } = kontor
const act = (id: string, action: string, body: object = { reason }) =>
  admin('POST', `/api/operations/${id}/${action}`, body)
const aadOf = (site: Site, kind: ParkedKind) => (isOfBinding(kind) ? site.bindingAt : site.at)
const lastOperation = (site: Site, kind: ParkedKind, id: string) =>
  call('GET', `${aadOf(site, kind)}/last_operation?operation=${id}`)

/** Runs `check` for a parked operation of each kind, side by side. */
function eachKind(
  name: string,
  title: string,
  check: (t: Test, kind: ParkedKind, site: Site, id: string) => Promise<void>,
): void {
  t.test(title, (t) => {
    t.jobs = kinds.length
    for (const kind of kinds) {
      t.test(kind, async (t) => {
        const site = await slowSite(kontor, `${name}-${kind}`)
        await check(t, kind, site, await park(kontor, site, kind))
      })
    }
    t.end()
  })
}

async function eventsOf(id: string) {
  return kontor.running.runtime.db
    .selectFrom('audit_events')
    .select(['actor', 'action', 'object_kind', 'outcome', 'details'])
    .where('object_id', '=', id)
    .orderBy('id')
    .execute()
}

/** The platform can delete the instance and order again under the same id. */
async function canStartAgain(t: Test, kind: ParkedKind, site: Site): Promise<void> {
  const path = aadOf(site, kind)
  const deleted = await call('DELETE', `${path}${site.query}`)
  t.match(deleted.status, /^(200|202|410)$/, `DELETE: ${deleted.text}`)
  site.pass()
  if (deleted.status === 202)
    t.match(await finished(call, path, deleted.body.operation), { body: { state: 'succeeded' } })
  t.equal((await call('DELETE', `${path}${site.query}`)).status, 410)
  const again = await call(
    'PUT',
    `${path}?${ai}`,
    isOfBinding(kind) ? site.ids : { ...site.ids, ...here },
  )
  t.equal(again.status, 202, again.text)
  site.pass()
  t.match(await finished(call, path, again.body.operation), { body: { state: 'succeeded' } })
  await settled(kontor, path.split('/')[3])
  const held = site.simulator.state().instances
  t.equal(held.length, 1, 'the provider holds what the platform has')
  t.equal(held[0]?.bindings.length, isOfBinding(kind) ? 1 : 0)
}

eachKind(
  'retry',
  'a retried parked operation resumes: a create is removed, an update looked up, a delete repeated',
  async (t, kind, site, id) => {
    t.match(
      await lastOperation(site, kind, id),
      { status: 200, body: { state: 'failed' } },
      'parked',
    )
    await site.findKey()
    const reply = await act(id, 'retry')
    t.match(reply, { status: 200, body: { id, kind } }, reply.text)
    const isMaking = kind === 'provision' || kind === 'bind'
    if (!isMaking) {
      await stateOf(kontor, id, 'waiting')
      t.match(await lastOperation(site, kind, id), { body: { state: 'in progress' } })
    }
    const passing = setInterval(site.pass, 100)
    t.teardown(() => {
      clearInterval(passing)
    })
    await stateOf(kontor, id, isMaking ? 'failed' : 'succeeded')
    const end = await lastOperation(site, kind, id)
    t.match(end, { body: { state: isMaking ? 'failed' : 'succeeded' } })
    t.notMatch(end.text, /operator has to look/)
    if (kind === 'update')
      t.match(await call('GET', site.at), { status: 200, body: { parameters: { changed: true } } })
    t.match(await eventsOf(id), [
      {
        actor: 'admin',
        action: 'operation.retried',
        object_kind: 'operation',
        details: { kind, from: 'parked', reason },
      },
    ])
    await canStartAgain(t, kind, site)
  },
)

eachKind(
  'settled',
  "an operation settled as succeeded has the same effect as the provider's own answer",
  async (t, kind, site, id) => {
    site.pass()
    const body = { outcome: 'succeeded', reason }
    if (kind === 'bind') {
      t.match(await act(id, 'settle', body), {
        status: 409,
        body: { detail: /registration is gone or unreadable/ },
      })
      await site.findKey()
      site.simulator.faults.add({ on: 'fetch_binding', do: { status: 500 } })
      t.match(
        await act(id, 'settle', body),
        { status: 502, body: { detail: /credentials of the binding cannot be read/ } },
        'without credentials it is not settled',
      )
      t.match(await stateOf(kontor, id, 'parked'), { body: { kind } })
    }
    t.match(await act(id, 'settle', body), {
      status: 200,
      body: { state: 'succeeded', orphans: { length: 0 } },
    })
    t.match(await lastOperation(site, kind, id), { body: { state: 'succeeded' } })
    t.match(await eventsOf(id), [
      {
        actor: 'admin',
        action: 'operation.settled',
        outcome: 'succeeded',
        details: { from: 'parked', to: 'succeeded', reason },
      },
    ])
    await site.findKey()
    const seen = await call('GET', aadOf(site, kind))
    if (kind === 'provision')
      t.match(
        [seen.status, (await call('PUT', `${site.at}?${ai}`, { ...site.ids, ...here })).status],
        [200, 200],
      )
    if (kind === 'update') t.match(seen, { status: 200, body: { parameters: { changed: true } } })
    if (kind === 'bind')
      t.strictSame(
        seen.body.credentials,
        site.simulator.state().instances[0]?.bindings[0]?.data['credentials'],
      )
    if (kind === 'deprovision' || kind === 'unbind') t.equal(seen.status, 404)
    await canStartAgain(t, kind, site)
  },
)

eachKind(
  'failed',
  'an operation settled as failed is reported as failed, and the platform can go on',
  async (t, kind, site, id) => {
    t.match(await act(id, 'settle', { outcome: 'failed', reason }), {
      status: 200,
      body: { state: 'failed' },
    })
    t.match(await lastOperation(site, kind, id), {
      body: { state: 'failed', description: /operator of the broker has found that it failed/ },
    })
    const seen = await call('GET', aadOf(site, kind))
    t.equal(seen.status, kind === 'provision' || kind === 'bind' ? 404 : 200, seen.text)
    if (kind === 'update') t.notOk(seen.body.parameters?.changed)
    t.match(await eventsOf(id), [{ action: 'operation.settled', outcome: 'failed' }])
    await site.findKey()
    site.pass()
    await canStartAgain(t, kind, site)
  },
)

eachKind(
  'abandoned',
  'an abandoned operation ends at once, and its leftovers are removed when the provider returns',
  async (t, kind, site, id) => {
    const isDelete = kind === 'deprovision' || kind === 'unbind'
    const state = isDelete ? 'succeeded' : 'failed'
    const reply = await act(id, 'abandon')
    t.match(
      reply,
      { status: 200, body: { state, refusal: isDelete ? null : 'provider_failed' } },
      reply.text,
    )
    t.equal(
      reply.body.orphans.length,
      kind === 'update' ? 0 : 1,
      'an update never leads to a delete',
    )
    t.match(await lastOperation(site, kind, id), { body: { state } })
    t.match(await eventsOf(id), [
      {
        action: 'operation.abandoned',
        outcome: state,
        details: { from: 'parked', to: state, reason },
      },
    ])
    if (isDelete) t.equal((await call('DELETE', `${aadOf(site, kind)}${site.query}`)).status, 410)
    t.equal(site.simulator.state().instances.length, 1, 'nothing is removed there yet')

    if (kind !== 'update') {
      const listed = await until(
        () => admin('GET', `/api/orphans?provider=abandoned-${kind}&state=open`),
        ({ body }) => body.items[0]?.retries > 0,
      )
      t.match(listed.body, {
        items: [
          {
            cause: 'abandoned',
            operationId: id,
            instanceId: `abandoned-${kind}`,
            answer: /cannot be read/,
            upstream: reply.body.upstream,
          },
        ],
        next: null,
      })
    }
    await site.findKey()
    site.pass()
    t.equal(
      (
        await admin('PATCH', `/api/providers/${site.providerId}`, {
          displayName: `Back again at ${site.providerId}`,
        })
      ).status,
      200,
    )
    const passing = setInterval(site.pass, 100)
    t.teardown(() => {
      clearInterval(passing)
    })
    await settled(kontor, `abandoned-${kind}`)
    const { body } = await admin('GET', `/api/operations/${id}`)
    t.strictSame(
      body.orphans.map((orphan: { state: string }) => orphan.state),
      kind === 'update' ? [] : ['removed'],
    )
    const held = site.simulator.state().instances
    if (kind === 'provision' || kind === 'deprovision') t.strictSame(held, [])
    else
      t.strictSame(
        held.map(({ bindings }) => bindings),
        [[]],
      )
    await canStartAgain(t, kind, site)
  },
)

t.test(
  'an abandoned delete of a bound instance leaves orphans for its bindings too, removed first',
  async (t) => {
    const site = await slowSite(kontor, 'bound')
    await site.through('PUT', `${site.at}?${ai}`, { ...site.ids, ...here })
    await site.through('PUT', `${site.bindingAt}?${ai}`, site.ids)
    // A provider that is away: no request gets an answer.
    site.simulator.faults.add({ on: 'any', times: 0, do: { closeConnection: true } })
    const { body } = await call('DELETE', `${site.at}${site.query}`)
    const abandoned = await act(body.operation, 'abandon')
    t.match(abandoned, { status: 200, body: { state: 'succeeded' } }, abandoned.text)
    t.strictSame(
      abandoned.body.orphans
        .map((orphan: { bindingId: string | null }) => String(orphan.bindingId))
        .toSorted(),
      ['bound', 'null'],
    )
    t.equal((await call('GET', site.bindingAt)).status, 404)
    t.equal((await call('DELETE', `${site.at}${site.query}`)).status, 410)
    t.equal(
      (await call('PUT', `${site.at}?${ai}`, { ...site.ids, ...here })).status,
      202,
      'the id can be used again meanwhile',
    )

    site.simulator.faults.clear()
    const passing = setInterval(site.pass, 100)
    t.teardown(() => {
      clearInterval(passing)
    })
    await admin('PATCH', `/api/providers/${site.providerId}`, { displayName: 'Dry again' })
    await settled(kontor, 'bound')
    const { upstream } = abandoned.body
    const asked = site.simulator
      .state()
      .lastRequests.filter(
        ({ method, path, status }) =>
          method === 'DELETE' && path.includes(upstream.instanceId) && status !== null,
      )
      .map(({ endpoint }) => endpoint)
    t.ok(
      asked.lastIndexOf('unbind') < asked.indexOf('deprovision'),
      `unbound before it is deprovisioned: ${asked.join()}`,
    )
  },
)

t.test(
  'abandoned orphans outlive the removal of their provider, and go when it is registered again',
  async (t) => {
    const site = await slowSite(kontor, 'flood')
    const id = await park(kontor, site, 'deprovision')
    await act(id, 'abandon')
    t.equal(
      (await admin('DELETE', `/api/providers/${site.providerId}`)).status,
      204,
      'orphans do not prevent the removal',
    )
    t.match((await admin('GET', `/api/operations/${id}`)).body, {
      provider: { name: 'flood' },
      orphans: [{ state: 'open' }],
    })
    site.pass()
    const registered = await admin('POST', '/api/providers', {
      name: 'flood',
      backend: 'osb',
      settings: { url: site.simulator.url },
      credentials: { username: 'kontor', password: site.password },
    })
    t.match(registered, { status: 201, body: { id: site.providerId } }, registered.text)
    await until(
      () => admin('GET', `/api/operations/${id}`),
      ({ body }) => body.orphans[0].state === 'removed',
    )
    t.strictSame(site.simulator.state().instances, [])
  },
)

t.test('the same POST twice, at two processes at once, has one effect', async (t) => {
  const actions = ['retry', 'settle', 'abandon'] as const
  const parked = await Promise.all(
    actions.map(async (action) => {
      const site = await slowSite(kontor, `twice-${action}`)
      return {
        action,
        site,
        id: await park(kontor, site, 'deprovision'),
        body: { reason, ...(action === 'settle' ? { outcome: 'succeeded' } : {}) },
      }
    }),
  )
  const other = await kontor.another()
  const turns = [admin, other.admin, admin, other.admin]
  await Promise.all(
    parked.map(async ({ action, site, id, body }) => {
      // Else the operation that was retried is parked again at once, and may be retried again.
      if (action === 'retry') {
        site.simulator.faults.add({ on: 'any', times: 0, do: { hang: true } })
        await site.findKey()
      }
      const replies = await Promise.all(
        turns.map((turn) => turn('POST', `/api/operations/${id}/${action}`, body)),
      )
      t.strictSame(
        replies.map(({ status }) => status).toSorted((a, b) => a - b),
        [200, 409, 409, 409],
        `${action}: ${replies.map(({ text }) => text).join()}`,
      )
      t.equal((await eventsOf(id)).length, 1, `${action} is recorded once`)
      t.equal(
        (await admin('GET', `/api/operations/${id}`)).body.orphans.length,
        action === 'abandon' ? 1 : 0,
      )
      if (action !== 'retry')
        t.match(await act(id, action, body), {
          status: 409,
          headers: { 'content-type': /^application\/problem\+json/ },
          body: { detail: /over: it succeeded/ },
        })
      await site.findKey()
    }),
  )
})

t.test(
  'of an operator and a worker that settle at the same time exactly one succeeds',
  async (t) => {
    const outcomes = new Set<string>()
    await Promise.all(
      Array.from({ length: 12 }, async (_, round) => {
        const site = await slowSite(kontor, `race-${round}`)
        const id = await begin(kontor, site, 'provision')
        await stateOf(kontor, id, 'waiting')
        // The worker finds it done at its next poll, which comes within a tenth of a second.
        site.pass()
        await new Promise((resolve) => setTimeout(resolve, round * 15))
        const reply = await act(id, 'settle', { outcome: 'failed', reason })
        const { body } = await until(
          () => admin('GET', `/api/operations/${id}`),
          ({ body }) => body.finishedAt !== null,
        )
        outcomes.add(body.state)
        t.equal(
          reply.status === 200,
          body.state === 'failed',
          `${reply.text} ${JSON.stringify(body)}`,
        )
        const { db } = kontor.running.runtime
        const instance = await db
          .selectFrom('instances')
          .select('state')
          .where('instance_id', '=', `race-${round}`)
          .executeTakeFirstOrThrow()
        t.equal(instance.state, body.state === 'failed' ? 'failed' : 'ready')
        const ends = await db
          .selectFrom('audit_events')
          .select('outcome')
          .where('object_id', '=', `race-${round}`)
          .where('action', '=', 'instance.provision')
          .where('outcome', '!=', 'accepted')
          .execute()
        t.strictSame(ends, [{ outcome: body.state }])
      }),
    )
    t.comment([...outcomes].join())
  },
)

t.test(
  'a create can be abandoned during its call, and what the call creates is removed',
  async (t) => {
    const { simulator } = await kontor.addProvider('hangs', { settings: { timeoutSeconds: 20 } })
    const ids = await kontor.find('hangs', 'db', 'small')
    simulator.faults.add({ on: 'provision', do: { delayMs: 5_000 } })
    const order = call('PUT', `/v2/service_instances/hangs?${ai}`, { ...ids, ...here })
    const {
      body: { items },
    } = await until(
      () => admin('GET', '/api/operations?provider=hangs&state=calling'),
      ({ body }) => body.items.length === 1,
    )
    t.match(await act(items[0].id, 'retry'), {
      status: 409,
      headers: { 'retry-after': /^\d+$/ },
      body: { detail: /works on it until \d{4}-/ },
    })
    t.match(await act(items[0].id, 'abandon'), {
      status: 200,
      body: { state: 'failed', orphans: [{ cause: 'abandoned' }] },
    })
    t.equal((await order).status, 202, 'the platform hears the end by its operation')
    t.match(await finished(call, '/v2/service_instances/hangs', items[0].id), {
      body: { state: 'failed' },
    })
    const seen = await until(
      () => admin('GET', `/api/operations/${items[0].id}`),
      ({ body }) => body.orphans.length > 1,
    )
    t.match(seen.body.orphans, [{ cause: 'abandoned' }, { cause: 'late_call' }])
    await settled(kontor, 'hangs')
    await until(
      () => simulator.state(),
      ({ effects, instances }) =>
        effects.provisioned === effects.deprovisioned && instances.length === 0,
    )
  },
)

t.test(
  'a failing removal is parked after the configured retries, and a retry ends it',
  async (t) => {
    const own = await startKontor(t, { environment: { KONTOR_RETRIES_BEFORE_PARKING: '2' } })
    const { simulator } = await own.addProvider('nord')
    const ids = await own.find('nord', 'db', 'small')
    simulator.faults.add({ on: 'provision', when: 'after', do: { status: 500 } })
    simulator.faults.add({ on: 'deprovision', times: 0, do: { status: 500 } })
    t.equal((await own.call('PUT', '/v2/service_instances/i', { ...ids, ...here })).status, 502)
    const {
      body: { items },
    } = await until(
      () => own.admin('GET', '/api/operations?state=parked'),
      ({ body }) => body.items.length === 1,
    )
    t.match(items, [
      {
        kind: 'provision',
        state: 'parked',
        acceptsIncomplete: false,
        upstream: { instanceId: simulator.state().instances[0]?.instance_id },
      },
    ])
    t.equal(
      (await own.call('PUT', '/v2/service_instances/i', { ...ids, ...here })).status,
      422,
      'the id is taken as long',
    )
    simulator.faults.clear()
    t.match(await own.admin('POST', `/api/operations/${items[0].id}/retry`, { reason }), {
      status: 200,
      body: { state: 'compensating' },
    })
    await stateOf(own, items[0].id, 'failed')
    t.strictSame(simulator.state().instances, [])
    t.equal((await own.call('PUT', '/v2/service_instances/i', { ...ids, ...here })).status, 201)
  },
)

t.test('an update whose content cannot be opened can be ended, but not as succeeded', async (t) => {
  const site = await slowSite(kontor, 'unread')
  const id = await begin(kontor, site, 'update')
  await kontor.running.runtime.db
    .updateTable('operations')
    .set({ change: Buffer.from('not sealed by us') })
    .where('id', '=', id)
    .execute()
  await stateOf(kontor, id, 'parked')
  t.match(await act(id, 'settle', { outcome: 'succeeded', reason }), {
    status: 409,
    body: { detail: /cannot be decrypted/ },
  })
  t.match(await act(id, 'settle', { outcome: 'failed', reason }), {
    status: 200,
    body: { state: 'failed' },
  })
  t.equal((await call('GET', site.at)).status, 200)
})
