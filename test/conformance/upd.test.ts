// UPD: PATCH /v2/service_instances/:instance_id, from the platform and to the provider.
import t, { type Test } from 'tap'
import type { OsbCatalog, OsbOffering } from '../../tools/simulator/types.ts'
import { catalogOf } from '../support/catalogs.ts'
import { finished, here, startKontor, until, type Reply } from '../support/kontor.ts'
import { answer, type Script } from '../support/scripted-upstream.ts'
import {
  accepted,
  hang,
  inProgress,
  generousLimits,
  scriptedProvider,
  succeeded,
  type ScriptedProvider,
} from '../support/scripted-provider.ts'

t.jobs = 8
const kontor = await startKontor(t, { environment: generousLimits })
const { call } = kontor
const db = kontor.running.runtime.db

const row = (name: string, check: (t: Test) => Promise<void>) =>
  void t.test(name, { buffered: true }, check)
const I = (id: string) => `/v2/service_instances/${id}`
const rowOf = (id: string) =>
  db.selectFrom('instances').selectAll().where('instance_id', '=', id).executeTakeFirst()
const failed = (more: object = {}) => answer(200, { state: 'failed', ...more })
const nothing = { parameters: undefined }

/** The catalog of a provider with its first offering changed. */
function changed(name: string, change: (offering: OsbOffering) => void): OsbCatalog {
  const catalog = catalogOf(name)
  if (catalog.services[0] !== undefined) change(catalog.services[0])
  return catalog
}

/** A provider with an instance of the same name. */
async function withInstance(
  name: string,
  body: object = {},
  change: (offering: OsbOffering) => void = () => {},
  settings = {},
): Promise<ScriptedProvider> {
  const provider = await scriptedProvider(t, kontor, name, {
    catalog: changed(name, change),
    settings,
  })
  const { status, text } = await provider.order('provision', name, { body })
  if (status !== 201) throw new Error(text)
  return provider
}

/** The final answer to the platform. */
async function over(id: string, reply: Reply): Promise<string> {
  if (reply.status !== 202) return String(reply.status)
  return (await finished(call, I(id), reply.body.operation as string)).body.state as string
}

const sent = (provider: ScriptedProvider) =>
  provider.requests('update').map(({ body }) => body as Record<string, unknown>)
const settled = (id: string) =>
  until(
    () => db.selectFrom('operations').select('state').where('instance_id', '=', id).execute(),
    (rows) => rows.every(({ state }) => state === 'succeeded' || state === 'failed'),
  )

row('UPD-01 service_id is that of the instance, else 400; the provider gets its own', async (t) => {
  const provider = await withInstance('one')
  const app = await kontor.find('one', 'app')
  const before = await rowOf('one')
  for (const id of [
    undefined,
    '',
    null,
    1,
    'unknown',
    'one-db',
    app.service_id,
    provider.small.plan_id,
  ]) {
    t.match(
      await provider.order('update', 'one', { body: { service_id: id } }),
      { status: 400, body: { description: /service_id/ } },
      JSON.stringify(id),
    )
  }
  t.strictSame(sent(provider), [])
  t.strictSame(await rowOf('one'), before)
  t.equal((await provider.order('update', 'one')).status, 200)
  t.match(sent(provider), [{ service_id: 'one-db' }])
})

row('UPD-02 without plan_id the plan stays', async (t) => {
  const provider = await withInstance('two')
  t.equal((await provider.order('update', 'two', { body: { parameters: { a: 1 } } })).status, 200)
  t.match((await call('GET', I('two'))).body, {
    plan_id: provider.small.plan_id,
    parameters: { a: 1 },
  })
  t.notOk('plan_id' in (sent(provider)[0] ?? {}), 'nor is one sent')
})

row('UPD-03 without parameters the parameters stay', async (t) => {
  const provider = await withInstance('three', { parameters: { a: 1, b: { c: 2 } } })
  t.equal(
    (
      await provider.order('update', 'three', {
        body: { ...nothing, plan_id: provider.large.plan_id },
      })
    ).status,
    200,
  )
  t.match((await call('GET', I('three'))).body, {
    plan_id: provider.large.plan_id,
    parameters: { a: 1, b: { c: 2 } },
  })
  t.notOk('parameters' in (sent(provider)[0] ?? {}))
})

row(
  'UPD-04 a plan_id that is not of the offering is 400; the provider gets one that is',
  async (t) => {
    const provider = await withInstance('four')
    const app = await kontor.find('four', 'app')
    const before = await rowOf('four')
    for (const id of ['', 1, 'unknown', 'four-db-large', app.plan_id, provider.small.service_id]) {
      t.match(
        await provider.order('update', 'four', { body: { plan_id: id } }),
        { status: 400, body: { description: /plan_id/ } },
        JSON.stringify(id),
      )
    }
    t.strictSame(sent(provider), [])
    t.strictSame(await rowOf('four'), before)
    t.equal(
      (await provider.order('update', 'four', { body: { plan_id: provider.large.plan_id } }))
        .status,
      200,
    )
    t.match(sent(provider), [{ plan_id: 'four-db-large' }])
  },
)

row('UPD-05 a plan change is sent only if the present plan can be changed', async (t) => {
  const cases: ReadonlyArray<readonly [string, boolean | undefined, boolean | undefined, boolean]> =
    [
      ['offering', true, undefined, true],
      ['neither', undefined, undefined, false],
      ['no', false, undefined, false],
      ['plan', false, true, true],
      ['but', true, false, false],
    ]
  for (const [name, ofOffering, ofPlan, isSent] of cases) {
    const provider = await withInstance(`five-${name}`, {}, (offering) => {
      delete offering.plan_updateable
      if (ofOffering !== undefined) offering.plan_updateable = ofOffering
      // Only the present plan counts, so the other plan has the opposite value.
      for (const plan of offering.plans)
        if (ofPlan !== undefined) plan.plan_updateable = plan.name === 'small' ? ofPlan : !ofPlan
    })
    t.equal(
      (
        await provider.order('update', `five-${name}`, {
          body: { plan_id: provider.large.plan_id },
        })
      ).status,
      isSent ? 200 : 422,
      name,
    )
    t.equal(sent(provider).length, isSent ? 1 : 0)
  }
})

row('UPD-06 a plan change that is not supported is 422 with a sentence', async (t) => {
  const never = await withInstance('six-never', {}, (offering) => {
    offering.plan_updateable = false
  })
  const { status, body } = await never.order('update', 'six-never', {
    body: { plan_id: never.large.plan_id },
  })
  t.match(
    { status, body },
    { status: 422, body: { error: undefined, description: /small.*cannot change/ } },
  )
  const pair = await withInstance('six-pair')
  pair.respond({ update: answer(422, { description: 'Small never becomes large.' }) })
  for (const ai of [true, false]) {
    t.match(await pair.order('update', 'six-pair', { ai, body: { plan_id: pair.large.plan_id } }), {
      status: 422,
      body: { error: undefined, description: /Small never becomes large\./ },
    })
  }
  t.equal((await call('GET', I('six-pair'))).body.plan_id, pair.small.plan_id)
})

row("UPD-07 the instance's own plan_id is not a plan change", async (t) => {
  const provider = await withInstance('seven', {}, (offering) => {
    offering.plan_updateable = false
  })
  t.equal(
    (await provider.order('update', 'seven', { body: { plan_id: provider.small.plan_id } })).status,
    200,
  )
  t.notOk('plan_id' in (sent(provider)[0] ?? {}))
  t.match(
    await provider.order('update', 'seven', {
      body: { ...nothing, plan_id: provider.small.plan_id },
    }),
    { status: 200, text: /^\{\}$/ },
  )
  t.equal(sent(provider).length, 1, 'nothing had to change')
})

row('UPD-08 parameters and maintenance can be updated whatever plan_updateable says', async (t) => {
  const provider = await withInstance('eight', {}, (offering) => {
    offering.plan_updateable = false
  })
  t.equal((await provider.order('update', 'eight', { body: { parameters: { a: 1 } } })).status, 200)
  t.equal(
    (
      await provider.order('update', 'eight', {
        body: { ...nothing, maintenance_info: { version: '1.0.0' } },
      })
    ).status,
    200,
  )
  t.match(sent(provider), [{ parameters: { a: 1 } }, { maintenance_info: { version: '1.0.0' } }])
})

row(
  "UPD-09 an update applied at once, or without a change, is 200 with {} or the provider's body",
  async (t) => {
    const provider = await withInstance('nine', {}, (offering) => {
      offering.allow_context_updates = true
    })
    for (const returned of [
      {},
      { dashboard_url: 'https://d.example/9' },
      { dashboard_url: 'https://d.example/9', metadata: { labels: { a: 'b' } } },
    ]) {
      provider.respond({ update: answer(200, returned) })
      for (const ai of [true, false]) {
        const { status, body } = await provider.order('update', 'nine', { ai })
        t.equal(status, 200)
        t.strictSame(body, returned)
      }
    }
    const before = sent(provider).length
    for (const body of [nothing, { ...nothing, plan_id: provider.small.plan_id }])
      t.match(await provider.order('update', 'nine', { body }), { status: 200, text: /^\{\}$/ })
    t.equal(sent(provider).length, before, 'a change of nothing is not sent')
  },
)

row(
  "UPD-10 an asynchronous update is 202 with an operation and the provider's first fields",
  async (t) => {
    const provider = await withInstance('ten')
    const returned = { dashboard_url: 'https://d.example/10', metadata: { labels: { tier: 'a' } } }
    for (const more of [{}, returned]) {
      provider.respond({
        update: accepted({ operation: 'theirs', ...more }),
        last_operation: succeeded,
      })
      const {
        status,
        body: { operation, ...rest },
      } = await provider.order('update', 'ten')
      t.equal(status, 202)
      t.match(operation, /\S/)
      t.strictSame(rest, more)
      t.match((await finished(call, I('ten'), operation)).body, { state: 'succeeded' })
    }
  },
)

row('UPD-11 the same PATCH while it runs is 202 with the same operation', async (t) => {
  const provider = await withInstance('eleven')
  provider.respond({ update: accepted(), last_operation: inProgress })
  const body = {
    plan_id: provider.large.plan_id,
    parameters: { a: 1, b: 2 },
    context: { platform: 'x' },
  }
  const first = await provider.order('update', 'eleven', { body })
  t.equal(first.status, 202)
  for (const same of [
    body,
    { ...body, parameters: { b: 2, a: 1 } },
    { ...body, previous_values: { plan_id: 'x' } },
  ]) {
    const again = await provider.order('update', 'eleven', { body: same })
    t.equal(again.status, 202)
    t.equal(again.body.operation, first.body.operation)
  }
  t.match(
    await provider.order('update', 'eleven', { body: { ...body, parameters: { a: 2 } } }),
    { status: 422, body: { error: 'ConcurrencyError' } },
    'but not another',
  )
  t.equal(sent(provider).length, 1)
})

row("UPD-12 what the instance's present state does not allow is 422", async (t) => {
  const provider = await withInstance('twelve')
  provider.respond({
    update: answer(422, { error: 'QuotaExceeded', description: '12 of 10 tables are in use.' }),
  })
  for (const ai of [true, false])
    t.match(
      await provider.order('update', 'twelve', { ai, body: { plan_id: provider.large.plan_id } }),
      { status: 422, body: { error: undefined, description: /12 of 10 tables/ } },
    )
  provider.respond({ provision: accepted(), last_operation: failed(), deprovision: answer(200) })
  const { body } = await provider.order('provision', 'twelve-failed')
  await finished(call, I('twelve-failed'), body.operation)
  const updates = sent(provider).length
  t.match(await provider.order('update', 'twelve-failed'), {
    status: 422,
    body: { error: undefined, description: /could not be provisioned/ },
  })
  t.equal(sent(provider).length, updates)
})

row(
  'UPD-13 an update that can only be asynchronous is 422 AsyncRequired without accepts_incomplete',
  async (t) => {
    const { simulator } = await kontor.addProvider('thirteen')
    const [small, large] = [
      await kontor.find('thirteen', 'db', 'small'),
      await kontor.find('thirteen', 'db', 'large'),
    ]
    await call('PUT', I('thirteen'), { ...small, ...here })
    simulator.configure({ behaviours: { '*': { mode: 'async' } } })
    for (const ai of ['', '?accepts_incomplete=false']) {
      t.match(await call('PATCH', `${I('thirteen')}${ai}`, large), {
        status: 422,
        body: { error: 'AsyncRequired', description: /\S/ },
      })
      t.match((await call('GET', I('thirteen'))).body, small)
      t.match(simulator.state().instances, [{ plan_id: 'thirteen-db-small', state: 'ready' }])
    }
    const reply = await call('PATCH', `${I('thirteen')}?accepts_incomplete=true`, large)
    t.equal(await over('thirteen', reply), 'succeeded', 'with it, it works')
  },
)

row('UPD-14 after a 4xx or 5xx no part of the update holds', async (t) => {
  const { simulator } = await kontor.addProvider('fourteen', { settings: { timeoutSeconds: 1 } })
  const [small, large] = [
    await kontor.find('fourteen', 'db', 'small'),
    await kontor.find('fourteen', 'db', 'large'),
  ]
  await call('PUT', I('fourteen'), { ...small, ...here, parameters: { a: 1 } })
  const change = { ...large, parameters: { a: 2 }, context: { platform: 'y' } }
  const seen = async () => ({
    here: (await call('GET', I('fourteen'))).body as unknown,
    there: simulator.state().instances,
  })
  const before = await seen()
  for (const status of [400, 401, 404, 409, 418, 422, 429, 500, 503]) {
    simulator.faults.add({ on: 'update', do: { status } })
    t.ok((await call('PATCH', I('fourteen'), change)).status >= 400, String(status))
    await settled('fourteen')
    t.strictSame(await seen(), before, `after ${status} of the provider`)
  }
  for (const body of [
    { ...change, maintenance_info: { version: '9.9.9' } },
    { ...change, plan_id: 'unknown' },
    { ...change, parameters: 'x' },
  ]) {
    t.ok((await call('PATCH', I('fourteen'), body)).status >= 400)
    t.strictSame(await seen(), before, 'after a refusal of ours')
  }
})

row('UPD-15 a failed update returns instance_usable and update_repeatable', async (t) => {
  const flags = { instance_usable: false, update_repeatable: false }
  for (const [name, status] of [
    ['refused', 422],
    ['rejected', 400],
    ['broken', 500],
  ] as const) {
    const provider = await withInstance(`fifteen-${name}`)
    provider.respond({
      update: answer(status, { description: 'Disk full.', ...flags }),
      last_operation: answer(404),
    })
    t.match(
      await provider.order('update', `fifteen-${name}`, { ai: false }),
      { body: { description: /Disk full/, ...flags } },
      name,
    )
    await settled(`fifteen-${name}`)
    t.match(
      (await call('GET', `${I(`fifteen-${name}`)}/last_operation`)).body,
      { state: 'failed', description: /Disk full/, ...flags },
      'a poll says the same',
    )
  }
  const provider = await withInstance('fifteen-later')
  provider.respond({
    update: accepted(),
    last_operation: failed({
      description: 'Disk full.',
      instance_usable: true,
      update_repeatable: false,
    }),
  })
  const { body } = await provider.order('update', 'fifteen-later')
  t.strictSame((await finished(call, I('fifteen-later'), body.operation)).body, {
    state: 'failed',
    description: 'fifteen-later: Disk full.',
    instance_usable: true,
    update_repeatable: false,
  })
})

row(
  'UPD-16 an instance that a failed update left unusable gets no bindings until an update repairs it',
  async (t) => {
    const cases: ReadonlyArray<
      readonly [string, boolean, Parameters<ScriptedProvider['respond']>[0]]
    > = [
      ['poll', true, { update: accepted(), last_operation: failed({ instance_usable: false }) }],
      [
        'sync-500',
        false,
        { update: answer(500, { instance_usable: false }), last_operation: answer(404) },
      ],
      ['sync-422', false, { update: answer(422, { instance_usable: false }) }],
      [
        'async-500',
        true,
        { update: answer(500, { instance_usable: false }), last_operation: answer(404) },
      ],
    ]
    for (const [name, ai, responses] of cases) {
      const id = `sixteen-${name}`
      const provider = await withInstance(id)
      provider.respond(responses)
      const reply = await provider.order('update', id, { ai })
      if (reply.status === 202) await finished(call, I(id), reply.body.operation)
      await settled(id)
      t.match(
        await provider.order('bind', id),
        { status: 422, body: { error: undefined, description: /cannot be used/ } },
        name,
      )
      t.strictSame(provider.requests('bind'), [], 'none is sent')
      provider.respond({ update: answer(200) })
      t.equal(
        (await provider.order('update', id, { body: { parameters: { repair: true } } })).status,
        200,
        'an update is allowed',
      )
      t.equal((await provider.order('bind', id)).status, 201, 'and repairs it')
    }
    const provider = await withInstance('sixteen-absent')
    provider.respond({ update: accepted(), last_operation: failed() })
    await over('sixteen-absent', await provider.order('update', 'sixteen-absent'))
    t.equal((await provider.order('bind', 'sixteen-absent')).status, 201, 'absent: usable')
    const deleted = await withInstance('sixteen-deleted')
    deleted.respond({ update: answer(422, { instance_usable: false }) })
    await deleted.order('update', 'sixteen-deleted')
    t.equal(
      (await deleted.order('deprovision', 'sixteen-deleted')).status,
      200,
      'a delete is always allowed',
    )
  },
)

row('UPD-17 Kontor does not repeat a failed update, and sends a new one', async (t) => {
  const flags = { instance_usable: true, update_repeatable: false }
  const cases: ReadonlyArray<readonly [string, Parameters<ScriptedProvider['respond']>[0]]> = [
    ['poll', { update: accepted(), last_operation: failed(flags) }],
    ['500', { update: answer(500, flags), last_operation: answer(404) }],
    ['422', { update: answer(422, flags) }],
    ['busy', { update: answer(422, { error: 'ConcurrencyError', ...flags }) }],
    ['rate', { update: answer(429, flags) }],
  ]
  for (const [name, responses] of cases) {
    const id = `seventeen-${name}`
    const provider = await withInstance(id)
    provider.respond(responses)
    const reply = await provider.order('update', id)
    if (reply.status === 202) await finished(call, I(id), reply.body.operation)
    await settled(id)
    t.equal(sent(provider).length, 1, name)
    provider.respond({ update: answer(200) })
    t.equal(
      (await provider.order('update', id, { body: { parameters: { another: true } } })).status,
      200,
    )
    t.equal(sent(provider).length, 2)
  }
})

row(
  'UPD-18 allow_context_updates is published as the provider says, and context alone is sent only then',
  async (t) => {
    for (const allowed of [true, false, undefined]) {
      const name = `eighteen-${String(allowed)}`
      const provider = await withInstance(name, {}, (offering) => {
        if (allowed !== undefined) offering.allow_context_updates = allowed
      })
      const { body } = await call('GET', '/v2/catalog')
      t.equal(
        body.services.find(({ name: of }: { name: string }) => of === `${name}-db`)
          .allow_context_updates,
        allowed,
      )
      t.match(
        await provider.order('update', name, {
          body: { ...nothing, context: { platform: 'x', n: 1 } },
        }),
        { status: 200, text: /^\{\}$/ },
      )
      t.equal(sent(provider).length, allowed === true ? 1 : 0)
      t.equal(
        (
          await provider.order('update', name, {
            body: { parameters: { a: 1 }, context: { platform: 'x', n: 2 } },
          })
        ).status,
        200,
      )
      t.match(
        sent(provider).at(-1),
        { context: { platform: 'x', n: 2 } },
        'beside a change it is always sent',
      )
    }
  },
)

row('UPD-19 a change of context alone succeeds and leaves plan and parameters', async (t) => {
  const provider = await withInstance('nineteen', { parameters: { a: 1 } }, (offering) => {
    offering.allow_context_updates = true
  })
  const before = (await call('GET', I('nineteen'))).body as unknown
  t.match(
    await provider.order('update', 'nineteen', {
      body: { ...nothing, context: { platform: 'x', instance_name: 'new' } },
    }),
    { status: 200, text: /^\{\}$/ },
  )
  const { service_id: service, context, ...rest } = sent(provider)[0] ?? {}
  t.strictSame(
    { service, context },
    { service: 'nineteen-db', context: { platform: 'x', instance_name: 'new' } },
  )
  t.strictSame(Object.keys(rest), ['previous_values'])
  t.strictSame((await call('GET', I('nineteen'))).body, before)
  provider.respond({ update: accepted(), last_operation: succeeded })
  t.equal(
    await over(
      'nineteen',
      await provider.order('update', 'nineteen', {
        body: { ...nothing, context: { platform: 'x', instance_name: 'newer' } },
      }),
    ),
    'succeeded',
  )
  t.strictSame((await call('GET', I('nineteen'))).body, before)
  t.equal(
    (await provider.order('provision', 'nineteen', { body: { parameters: { a: 1 } } })).status,
    200,
    'it is still the instance that was ordered',
  )
})

row('UPD-20 only the parameters of this request are sent', async (t) => {
  const provider = await withInstance('twenty', { parameters: { a: 1, secret: 'x' } })
  await provider.order('update', 'twenty', { body: { parameters: { b: 2 } } })
  await provider.order('update', 'twenty', { body: { parameters: {} } })
  await provider.order('update', 'twenty', {
    body: { ...nothing, plan_id: provider.large.plan_id },
  })
  t.strictSame(
    sent(provider).map(({ parameters }) => parameters),
    [{ b: 2 }, {}, undefined],
  )
})

row(
  "UPD-21 previous_values name the provider's own plan before the update and its offering",
  async (t) => {
    const provider = await withInstance('twentyone')
    await provider.order('update', 'twentyone', { body: { plan_id: provider.large.plan_id } })
    await provider.order('update', 'twentyone', {
      body: {
        plan_id: provider.small.plan_id,
        previous_values: { plan_id: 'made-up', service_id: 'made-up' },
      },
    })
    await provider.order('update', 'twentyone')
    t.match(
      sent(provider).map(({ previous_values: values }) => values),
      [
        { service_id: 'twentyone-db', plan_id: 'twentyone-db-small' },
        { service_id: 'twentyone-db', plan_id: 'twentyone-db-large' },
        { service_id: 'twentyone-db', plan_id: 'twentyone-db-small' },
      ],
    )
  },
)

row(
  'UPD-22 organization and space are sent in the context, and no other ones in previous_values',
  async (t) => {
    const provider = await withInstance('twentytwo', {
      organization_guid: 'o-1',
      space_guid: 's-1',
    })
    const context = {
      platform: 'cloudfoundry',
      organization_guid: 'o-1',
      space_guid: 's-1',
      instance_name: 'i',
    }
    await provider.order('update', 'twentytwo', {
      body: { context, previous_values: { organization_id: 'other', space_id: 'other' } },
    })
    const [update = {}] = sent(provider)
    t.strictSame(update['context'], context)
    const { organization_id: organization = 'o-1', space_id: space = 's-1' } = update[
      'previous_values'
    ] as { organization_id?: string; space_id?: string }
    t.strictSame({ organization, space }, { organization: 'o-1', space: 's-1' })
  },
)

row(
  'UPD-23 previous_values carry the maintenance version of the provision or the last update',
  async (t) => {
    const provider = await withInstance('twentythree', { maintenance_info: { version: '1.0.0' } })
    await provider.order('update', 'twentythree')
    const newer = changed('twentythree', (offering) => {
      for (const plan of offering.plans) plan.maintenance_info = { version: '2.0.0' }
    })
    provider.respond({ catalog: answer(200, newer) })
    const {
      body: { items },
    } = await kontor.admin('GET', '/api/providers')
    const { id } = (items as Array<{ id: string; name: string }>).find(
      ({ name }) => name === 'twentythree',
    ) ?? { id: '' }
    const refreshed = await kontor.admin('POST', `/api/providers/${id}/refresh`)
    t.ok(refreshed.status < 300, refreshed.text)
    await kontor.running.runtime.refresh()
    await provider.order('update', 'twentythree', {
      body: { ...nothing, maintenance_info: { version: '2.0.0' } },
    })
    await provider.order('update', 'twentythree')
    t.match(
      sent(provider).map(
        ({ previous_values: values }) =>
          (values as { maintenance_info?: unknown }).maintenance_info,
      ),
      [{ version: '1.0.0' }, { version: '1.0.0' }, { version: '2.0.0' }],
    )
  },
)

row('UPD-24 previous_values that are absent, partial or wrong make no difference', async (t) => {
  const provider = await withInstance('twentyfour')
  let plan = provider.small
  for (const [index, values] of [
    undefined,
    {},
    { plan_id: 'old' },
    { service_id: 'old', organization_id: 'o', space_id: 's' },
    { maintenance_info: { version: '0.0.1' } },
    { plan_id: null, unknown: [1] },
  ].entries()) {
    plan = plan === provider.small ? provider.large : provider.small
    t.equal(
      (
        await provider.order('update', 'twentyfour', {
          body: { plan_id: plan.plan_id, parameters: { index }, previous_values: values },
        })
      ).status,
      200,
      JSON.stringify(values),
    )
    t.match((await call('GET', I('twentyfour'))).body, {
      plan_id: plan.plan_id,
      parameters: { index },
    })
  }
})

row('UPD-25 a new dashboard_url is in the first answer, 200 or 202, and holds', async (t) => {
  const provider = await withInstance('twentyfive')
  provider.respond({
    update: [
      answer(200, { dashboard_url: 'https://d.example/1' }),
      accepted({ dashboard_url: 'https://d.example/2' }),
    ],
    last_operation: [inProgress, succeeded],
  })
  t.match(await provider.order('update', 'twentyfive'), {
    status: 200,
    body: { dashboard_url: 'https://d.example/1' },
  })
  t.equal((await call('GET', I('twentyfive'))).body.dashboard_url, 'https://d.example/1')
  const second = await provider.order('update', 'twentyfive')
  t.match(second, { status: 202, body: { dashboard_url: 'https://d.example/2' } })
  await over('twentyfive', second)
  t.equal((await call('GET', I('twentyfive'))).body.dashboard_url, 'https://d.example/2')
})

row(
  'UPD-26 a dashboard_url that is absent or null in the answer to an update leaves the old one',
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'twentysix')
    provider.respond({ provision: answer(201, { dashboard_url: 'https://d.example/old' }) })
    await provider.order('provision', 'twentysix')
    for (const script of [
      answer(200),
      answer(200, { dashboard_url: null }),
      accepted({}),
      accepted({ dashboard_url: null }),
    ]) {
      provider.respond({ update: script })
      const reply = await provider.order('update', 'twentysix')
      t.not(reply.body.dashboard_url, null)
      t.match(await over('twentysix', reply), /^(200|succeeded)$/)
      t.equal((await call('GET', I('twentysix'))).body.dashboard_url, 'https://d.example/old')
    }
  },
)

row('UPD-27 any other status is a failure, and never leads to a delete', async (t) => {
  const odd: ReadonlyArray<readonly [string, Script]> = [
    ['201', answer(201)],
    ['203', answer(203)],
    ['204', answer(204, '')],
    ['302', answer(302)],
    ['400', answer(400)],
    ['401', answer(401)],
    ['404', answer(404)],
    ['408', answer(408)],
    ['409', answer(409)],
    ['410', answer(410)],
    ['422', answer(422)],
    ['500', answer(500)],
    ['503', answer(503)],
    ['malformed-200', answer(200, '{')],
    ['malformed-202', answer(202, '[]')],
    ['timeout', hang],
    [
      'closed',
      (_request, response) => {
        response.destroy()
      },
    ],
    ['lo-failed', accepted()],
  ]
  await Promise.all(
    odd.map(async ([name, script]) => {
      const id = `twentyseven-${name}`
      const provider = await withInstance(id, {}, () => {}, {
        timeoutSeconds: name === 'timeout' ? 1 : 20,
      })
      provider.respond({
        update: script,
        last_operation: name === 'lo-failed' ? failed() : answer(404),
      })
      for (const ai of name === 'lo-failed' ? [true] : [true, false]) {
        const reply = await provider.order('update', id, {
          ai,
          body: { plan_id: provider.large.plan_id },
        })
        t.match(await over(id, reply), /^(4\d\d|5\d\d|failed)$/, `${name} is a failure`)
        await settled(id)
      }
      t.strictSame(provider.requests('deprovision', 'unbind'), [], name)
      t.match(await call('GET', I(id)), { status: 200, body: { plan_id: provider.small.plan_id } })
      provider.respond({ update: answer(200) })
      t.equal((await provider.order('update', id)).status, 200, 'the instance lives on')
    }),
  )
})
