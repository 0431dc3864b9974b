import t from 'tap'
import { finished, here, startKontor } from '../support/kontor.ts'

const { call, addProvider, find } = await startKontor(t)

t.test(
  'one instance from order to delete, synchronously, and the provider holds the same at every step',
  async (t) => {
    const { simulator } = await addProvider('nord')
    const small = await find('nord', 'db', 'small')
    const large = await find('nord', 'db', 'large')
    const at = '/v2/service_instances/i-1'

    const ordered = await call('PUT', at, { ...small, ...here, parameters: { size: 3 } })
    t.equal(ordered.status, 201, ordered.text)
    const [held] = simulator.state().instances
    t.equal(held?.plan_id, 'nord-db-small')
    t.strictSame(held?.parameters, { size: 3 })
    t.not(held?.instance_id, 'i-1', "the provider never sees the platform's own id")

    const bound = await call('PUT', `${at}/service_bindings/b-1`, { ...small })
    t.equal(bound.status, 201, bound.text)
    t.type(bound.body.credentials, 'object')
    t.equal(simulator.state().instances[0]?.bindings.length, 1)
    t.strictSame(
      (await call('GET', `${at}/service_bindings/b-1`)).body.credentials,
      bound.body.credentials,
    )

    const changed = await call('PATCH', at, {
      service_id: small.service_id,
      plan_id: large.plan_id,
    })
    t.equal(changed.status, 200, changed.text)
    t.equal(simulator.state().instances[0]?.plan_id, 'nord-db-large')
    const fetched = await call('GET', at)
    t.match(fetched, { status: 200, body: { plan_id: large.plan_id, parameters: { size: 3 } } })

    const query = `?service_id=${large.service_id}&plan_id=${large.plan_id}`
    t.match(await call('DELETE', `${at}/service_bindings/b-1${query}`), {
      status: 200,
      text: /^\{\}$/,
    })
    t.equal(simulator.state().instances[0]?.bindings.length, 0)
    t.match(await call('DELETE', `${at}${query}`), { status: 200, text: /^\{\}$/ })
    t.strictSame(simulator.state().instances, [])
    t.equal((await call('GET', at)).status, 404)
    t.equal((await call('DELETE', `${at}${query}`)).status, 410)
  },
)

t.test('the same asynchronously, with a changing description', async (t) => {
  const { simulator } = await addProvider('west', {
    behaviours: {
      '*': {
        mode: 'async',
        asyncBinding: true,
        provisionSeconds: 0.5,
        updateSeconds: 0.3,
        deprovisionSeconds: 0.3,
        bindSeconds: 0.3,
        unbindSeconds: 0.3,
        steps: ['one', 'two', 'three'],
        dashboard: true,
      },
    },
  })
  const small = await find('west', 'db', 'small')
  const large = await find('west', 'db', 'large')
  const at = '/v2/service_instances/i-2'
  const ai = 'accepts_incomplete=true'

  t.match(await call('PUT', at, { ...small, ...here }), {
    status: 422,
    body: { error: 'AsyncRequired' },
  })
  t.strictSame(simulator.state().instances, [])

  const ordered = await call('PUT', `${at}?${ai}`, { ...small, ...here })
  t.equal(ordered.status, 202, ordered.text)
  t.type(ordered.body.dashboard_url, 'string')
  const again = await call('PUT', `${at}?${ai}`, { ...small, ...here })
  t.match(again, { status: 202, body: { operation: ordered.body.operation } })
  t.match(await finished(call, at, ordered.body.operation), {
    status: 200,
    body: { state: 'succeeded' },
  })
  t.equal((await call('PUT', `${at}?${ai}`, { ...small, ...here })).status, 200)

  const bound = await call('PUT', `${at}/service_bindings/b-1?${ai}`, { ...small })
  t.equal(bound.status, 202, bound.text)
  t.match(await finished(call, `${at}/service_bindings/b-1`, bound.body.operation), {
    body: { state: 'succeeded' },
  })
  t.type((await call('GET', `${at}/service_bindings/b-1`)).body.credentials, 'object')

  const changed = await call('PATCH', `${at}?${ai}`, {
    service_id: small.service_id,
    plan_id: large.plan_id,
  })
  t.equal(changed.status, 202, changed.text)
  t.match(await finished(call, at, changed.body.operation), { body: { state: 'succeeded' } })

  const query = `?service_id=${large.service_id}&plan_id=${large.plan_id}&${ai}`
  const unbound = await call('DELETE', `${at}/service_bindings/b-1${query}`)
  t.equal(unbound.status, 202, unbound.text)
  t.match(await finished(call, `${at}/service_bindings/b-1`, unbound.body.operation), {
    body: { state: 'succeeded' },
  })
  const deleted = await call('DELETE', `${at}${query}`)
  t.equal(deleted.status, 202, deleted.text)
  t.match(await finished(call, at, deleted.body.operation), { body: { state: 'succeeded' } })
  t.strictSame(simulator.state().instances, [])
  t.equal((await call('DELETE', `${at}${query}`)).status, 410)
})
