// An update of the plan that took effect at the provider but failed for the platform, and the
// provider's instances cannot be fetched. From then on any call with a plan may have the wrong one.
import t from 'tap'
import { catalogOf } from '../support/catalogs.ts'
import { finished, here, startKontor } from '../support/kontor.ts'
import { readRows, settled } from '../faults/invariants.ts'

const kontor = await startKontor(t)

async function updateInDoubt(name: string) {
  const catalog = catalogOf(name)
  for (const offering of catalog.services) offering.instances_retrievable = false
  const { simulator } = await kontor.addProvider(name, { catalog })
  const [small, large] = [
    await kontor.find(name, 'db', 'small'),
    await kontor.find(name, 'db', 'large'),
  ]
  const at = `/v2/service_instances/${name}`
  t.equal((await kontor.call('PUT', at, { ...small, ...here })).status, 201)
  t.equal((await kontor.call('PUT', `${at}/service_bindings/${name}-before`, small)).status, 201)
  simulator.faults.add({ on: 'update', when: 'after', do: { status: 500 } })
  const changed = await kontor.call('PATCH', `${at}?accepts_incomplete=true`, large)
  t.match(await finished(kontor.call, at, changed.body.operation), { body: { state: 'failed' } })
  t.equal(
    simulator.state().instances[0]?.plan_id,
    `${name}-db-large`,
    'the provider has the new plan',
  )
  return {
    simulator,
    at,
    small,
    large,
    query: `?accepts_incomplete=true&service_id=${small.service_id}&plan_id=${small.plan_id}`,
  }
}

t.test('the instance can still be bound, unbound and deleted', async (t) => {
  const { simulator, at, small, query } = await updateInDoubt('nord')
  const bound = await kontor.call('PUT', `${at}/service_bindings/nord-after`, small)
  t.equal(bound.status, 201, bound.text)
  t.equal((await kontor.call('DELETE', `${at}/service_bindings/nord-before${query}`)).status, 200)
  const deleted = await kontor.call('DELETE', `${at}${query}`)
  t.equal(deleted.status, 200, deleted.text)
  t.strictSame(simulator.state().instances, [], 'nor the binding that was left')
  t.strictSame((await readRows(kontor, 'nord')).instances, [])
})

t.test('the orphan of a failed bind is still removed', async (t) => {
  const { simulator, at, small } = await updateInDoubt('west')
  simulator.faults.add({ on: 'bind', when: 'after', after: 1, do: { status: 500 } })
  t.equal((await kontor.call('PUT', `${at}/service_bindings/west-after`, small)).status, 502)
  await settled(kontor, 'west')
  t.strictSame(simulator.state().instances[0]?.bindings.length, 1, 'only the earlier binding')
})

t.test('the same update sent again succeeds, and both sides have the new plan', async (t) => {
  const { simulator, at, large } = await updateInDoubt('sued')
  const again = await kontor.call('PATCH', `${at}?accepts_incomplete=true`, large)
  t.equal(again.status, 200, again.text)
  t.equal((await kontor.call('GET', at)).body.plan_id, large.plan_id)
  const query = `?service_id=${large.service_id}&plan_id=${large.plan_id}`
  t.equal((await kontor.call('DELETE', `${at}${query}`)).status, 200)
  t.strictSame(simulator.state().instances, [])
})

t.test('a delete that the provider rejects for another reason stays rejected', async (t) => {
  const { simulator, at, query } = await updateInDoubt('ost')
  simulator.faults.add({
    on: 'deprovision',
    times: 2,
    do: { status: 400, body: { description: 'Not on a Sunday.' } },
  })
  const refused = await kontor.call('DELETE', `${at}${query}`)
  t.match(refused, { status: 400, body: { description: /Not on a Sunday/ } })
  t.equal(simulator.state().instances.length, 1)
})

t.test(
  'after an error for an update that took effect, a platform can bind and unbind with the old plan',
  async (t) => {
    const { simulator } = await kontor.addProvider('mitte')
    const [small, large] = [
      await kontor.find('mitte', 'db', 'small'),
      await kontor.find('mitte', 'db', 'large'),
    ]
    const at = '/v2/service_instances/i'
    t.equal((await kontor.call('PUT', at, { ...small, ...here })).status, 201)
    simulator.faults.add({ on: 'update', when: 'after', do: { status: 500 } })
    t.equal((await kontor.call('PATCH', at, large)).status, 502)
    await settled(kontor, 'i')
    t.equal((await kontor.call('GET', at)).body.plan_id, large.plan_id, 'the update took effect')
    const binding = `${at}/service_bindings/b`
    t.match(await kontor.call('PUT', binding, small), { status: 201 })
    t.match(await kontor.call('PUT', binding, { ...small, plan_id: 'another' }), { status: 409 })
    t.match(
      await kontor.call(
        'DELETE',
        `${binding}?service_id=${small.service_id}&plan_id=${small.plan_id}`,
      ),
      { status: 200 },
    )
  },
)
