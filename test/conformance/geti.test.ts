// GETI: GET /v2/service_instances/:instance_id, of Kontor and of the provider.
import t, { type Test } from 'tap'
import { catalogOf } from '../support/catalogs.ts'
import { finished, here, startKontor, until } from '../support/kontor.ts'
import { answer, type Script } from '../support/scripted-upstream.ts'
import {
  accepted,
  inProgress,
  generousLimits,
  scriptedProvider,
  succeeded,
} from '../support/scripted-provider.ts'

t.jobs = 8
const kontor = await startKontor(t, { environment: generousLimits })
const { call } = kontor

const row = (name: string, check: (t: Test) => Promise<void>) =>
  void t.test(name, { buffered: true }, check)
const I = (id: string) => `/v2/service_instances/${id}`
const stateOf = async (id: string) =>
  (
    await kontor.running.runtime.db
      .selectFrom('operations')
      .select(['state'])
      .where('instance_id', '=', id)
      .orderBy('id', 'desc')
      .executeTakeFirst()
  )?.state

row(
  'GETI-01 every offering says that its instances can be fetched, and they can, of every plan and at once',
  async (t) => {
    const catalog = catalogOf('one')
    for (const offering of catalog.services) offering.instances_retrievable = false
    await kontor.addProvider('one', { catalog })
    const { body } = await call('GET', '/v2/catalog')
    for (const offering of body.services)
      t.equal(offering.instances_retrievable, true, offering.name)
    for (const [offering, plan] of [
      ['db', 'small'],
      ['db', 'large'],
      ['app', 'only'],
    ] as const) {
      const ids = await kontor.find('one', offering, plan)
      t.equal((await call('PUT', I(`one-${plan}`), { ...ids, ...here })).status, 201)
      t.match(
        await call('GET', I(`one-${plan}`)),
        { status: 200, body: ids },
        'right after the 201',
      )
    }
  },
)

row(
  'GETI-02 Kontor never fetches an instance from a provider that does not offer it',
  async (t) => {
    for (const retrievable of [false, undefined, true]) {
      const name = `two-${String(retrievable)}`
      const catalog = catalogOf(name)
      for (const offering of catalog.services) {
        delete offering.instances_retrievable
        if (retrievable !== undefined) offering.instances_retrievable = retrievable
      }
      const provider = await scriptedProvider(t, kontor, name, { catalog })
      // After a 409 and a 500 Kontor looks the instance up.
      provider.respond({ provision: answer(409), update: answer(500) })
      const { body } = await provider.order('provision', `${name}-1`)
      t.match((await finished(call, I(`${name}-1`), body.operation)).body, { state: 'succeeded' })
      const updated = await provider.order('update', `${name}-1`)
      await finished(call, I(`${name}-1`), updated.body.operation)
      for (let turn = 0; turn < 3; turn++)
        t.equal(
          (await call('GET', I(`${name}-1`))).status,
          200,
          'the platform can fetch it all the same',
        )
      if (retrievable === true)
        t.ok(provider.requests('fetch_instance').length > 0, 'Kontor fetches it')
      else t.strictSame(provider.requests('fetch_instance'), [])
    }
  },
)

row('GETI-03 an instance that is unknown is 404', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'three')
  await provider.prepare('deprovision', 'three-1')
  const foreign = await kontor.newPlatform('three')
  t.match(await call('GET', I('unknown')), { status: 404, body: { description: /\S/ } })
  t.equal((await foreign('GET', I('three-1'))).status, 404, "as is another platform's")
  await provider.order('deprovision', 'three-1')
  t.equal((await call('GET', I('three-1'))).status, 404, 'and one that was deleted')
})

row('GETI-04 an instance that is being made is 404', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'four')
  provider.respond({
    provision: accepted({ dashboard_url: 'https://d.example' }),
    last_operation: inProgress,
  })
  const { body } = await provider.order('provision', 'four-1')
  t.match(await call('GET', I('four-1')), { status: 404, body: { description: /\S/ } })
  provider.respond({ last_operation: succeeded })
  await finished(call, I('four-1'), body.operation)
  t.equal((await call('GET', I('four-1'))).status, 200)
})

row(
  'GETI-05 during an update GET shows the state before it; during a delete it is 422 ConcurrencyError',
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'five')
    await provider.order('provision', 'five-1', { body: { parameters: { a: 1 } } })
    provider.respond({ update: accepted(), last_operation: inProgress })
    const { body } = await provider.order('update', 'five-1', {
      body: { ...provider.large, parameters: { a: 2 } },
    })
    const during = await call('GET', I('five-1'))
    t.equal(during.status, 200)
    t.match(during.body, { ...provider.small, parameters: { a: 1 } })
    provider.respond({ last_operation: succeeded })
    await finished(call, I('five-1'), body.operation)
    t.match((await call('GET', I('five-1'))).body, { ...provider.large, parameters: { a: 2 } })
    provider.respond({ deprovision: accepted(), last_operation: inProgress })
    t.equal(
      (
        await call(
          'DELETE',
          `${I('five-1')}?service_id=${provider.large.service_id}&plan_id=${provider.large.plan_id}&accepts_incomplete=true`,
        )
      ).status,
      202,
    )
    t.match(await call('GET', I('five-1')), {
      status: 422,
      body: { error: 'ConcurrencyError', description: /\S/ },
    })
  },
)

row('GETI-06 the answer has all known fields of the instance, and no context', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'six')
  const returned = {
    dashboard_url: 'https://d.example/6',
    metadata: { labels: { tier: 'a' }, attributes: { zone: 1 } },
  }
  provider.respond({ provision: answer(201, returned) })
  const context = { platform: 'cloudfoundry', organization_guid: 'o', space_guid: 's' }
  await provider.order('provision', 'six-1', {
    body: { context, parameters: { a: { b: [1] } }, maintenance_info: { version: '1.0.0' } },
  })
  const { status, body } = await call('GET', I('six-1'))
  t.equal(status, 200)
  t.strictSame(body, {
    ...provider.small,
    ...returned,
    parameters: { a: { b: [1] } },
    maintenance_info: { version: '1.0.0' },
  })
})

row(
  'GETI-07 parameters are returned completely or not at all, and the provider may withhold them',
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'seven')
    await provider.order('provision', 'seven-1')
    t.notOk('parameters' in (await call('GET', I('seven-1'))).body, 'none were given')
    await provider.order('provision', 'seven-2', { body: { parameters: { a: 1, secret: 'x' } } })
    t.strictSame((await call('GET', I('seven-2'))).body.parameters, { a: 1, secret: 'x' })
    provider.respond({
      provision: answer(409),
      fetch_instance: answer(200, { parameters: { a: 1 } }),
    })
    const { body } = await provider.order('provision', 'seven-3', {
      body: { parameters: { a: 1, secret: 'x' } },
    })
    t.match((await finished(call, I('seven-3'), body.operation)).body, { state: 'succeeded' })
    t.strictSame(
      (await call('GET', I('seven-3'))).body.parameters,
      { a: 1, secret: 'x' },
      'what is ordered is known',
    )
  },
)

row('GETI-08 service_id and plan_id are hints: never needed, never empty', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'eight')
  await provider.order('provision', 'eight-1')
  const { service_id: service, plan_id: plan } = provider.small
  for (const query of [
    '',
    `?service_id=${service}`,
    `?plan_id=${plan}`,
    `?service_id=${service}&plan_id=${plan}`,
  ])
    t.equal((await call('GET', `${I('eight-1')}${query}`)).status, 200, query)
  for (const name of ['service_id', 'plan_id'])
    t.match(await call('GET', `${I('eight-1')}?${name}=`), {
      status: 400,
      body: { description: new RegExp(name) },
    })
  provider.respond({ provision: answer(409), last_operation: answer(404) })
  const { body } = await provider.order('provision', 'eight-2')
  await finished(call, I('eight-2'), body.operation)
  t.ok(provider.requests('fetch_instance').length > 0)
  for (const { query } of provider.requests('fetch_instance'))
    t.match([query.get('service_id'), query.get('plan_id')], ['eight-db', 'eight-db-small'])
})

row('GETI-09 after an invalid answer Kontor keeps the instance and fetches it again', async (t) => {
  const odd: ReadonlyArray<readonly [string, Script]> = [
    ['401', answer(401)],
    ['403', answer(403)],
    ['418', answer(418)],
    ['429', answer(429)],
    ['500', answer(500)],
    ['503', answer(503)],
    ['201', answer(201)],
    ['html', answer(200, '<html>')],
    ['302', answer(302)],
  ]
  await Promise.all(
    odd.map(async ([name, script]) => {
      const provider = await scriptedProvider(t, kontor, `nine-${name}`)
      provider.respond({
        provision: answer(409),
        last_operation: answer(404),
        fetch_instance: [script, script, answer(200)],
      })
      const { body } = await provider.order('provision', `nine-${name}`)
      t.match(
        (await finished(call, I(`nine-${name}`), body.operation)).body,
        { state: 'succeeded' },
        name,
      )
      t.equal(provider.requests('fetch_instance').length, 3)
      t.strictSame(provider.requests('deprovision'), [])
      provider.respond({
        update: answer(500),
        fetch_instance: [script, answer(200, { parameters: { changed: true } })],
      })
      const updated = await provider.order('update', `nine-${name}`)
      t.match(
        (await finished(call, I(`nine-${name}`), updated.body.operation)).body,
        { state: 'succeeded' },
        `an update, ${name}`,
      )
      t.equal((await call('GET', I(`nine-${name}`))).status, 200)
    }),
  )
})

row('GETI-10 Kontor adopts the fields that a fetch returns', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'ten')
  const returned = { dashboard_url: 'https://d.example/10', metadata: { labels: { tier: 'a' } } }
  provider.respond({
    provision: answer(409),
    last_operation: answer(404),
    fetch_instance: answer(200, {
      ...returned,
      maintenance_info: { version: '1.0.0', description: 'of no interest' },
      parameters: { a: 1 },
    }),
  })
  const { body } = await provider.order('provision', 'ten-1')
  await finished(call, I('ten-1'), body.operation)
  const seen = await call('GET', I('ten-1'))
  t.match(seen.body, returned)
  t.notMatch(seen.text, /of no interest/, 'of maintenance_info only the version')
  provider.respond({
    update: answer(500),
    fetch_instance: answer(200, {
      dashboard_url: 'https://d.example/new',
      parameters: { changed: true },
    }),
  })
  const updated = await provider.order('update', 'ten-1')
  await finished(call, I('ten-1'), updated.body.operation)
  t.match((await call('GET', I('ten-1'))).body, {
    dashboard_url: 'https://d.example/new',
    parameters: { changed: true },
  })
})

row(
  'GETI-11 GET shows the new plan after a plan change, and the actual plan after a failed one',
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'eleven')
    const failed = answer(200, { state: 'failed' })
    const cases: ReadonlyArray<readonly [string, Parameters<typeof provider.respond>[0], boolean]> =
      [
        ['sync', { update: answer(200) }, true],
        ['async', { update: accepted(), last_operation: [inProgress, succeeded] }, true],
        ['refused', { update: answer(422) }, false],
        ['failed', { update: accepted(), last_operation: failed }, false],
        // The outcome is unclear, so the provider's answer decides.
        [
          'doubt-old',
          {
            update: answer(500),
            last_operation: answer(404),
            fetch_instance: answer(200, { plan_id: 'eleven-db-small' }),
          },
          false,
        ],
        [
          'doubt-new',
          {
            update: answer(500),
            last_operation: answer(404),
            fetch_instance: answer(200, { plan_id: 'eleven-db-large' }),
          },
          true,
        ],
      ]
    for (const [name, responses, isNew] of cases) {
      const id = `eleven-${name}`
      await provider.prepare('update', id)
      provider.respond({ ...responses })
      const { status, body } = await provider.order('update', id, {
        body: { plan_id: provider.large.plan_id, parameters: undefined },
      })
      if (status === 202) await finished(call, I(id), body.operation)
      await until(
        () => stateOf(id),
        (state) => state === 'succeeded' || state === 'failed',
      )
      t.equal(
        (await call('GET', I(id))).body.plan_id,
        isNew ? provider.large.plan_id : provider.small.plan_id,
        name,
      )
    }
  },
)
