import t from 'tap'
import { finished, here, startKontor } from '../support/kontor.ts'
import { catalogOf } from '../support/catalogs.ts'

t.test('a bind sent again while its instance is being deleted gets ConcurrencyError', async (t) => {
  const kontor = await startKontor(t)
  await kontor.addProvider('north', {
    catalog: catalogOf('north'),
    behaviours: { '*': { mode: 'async', deprovisionSeconds: 1 } },
  })
  const ids = await kontor.find('north', 'db', 'small')
  const I = '/v2/service_instances/a'
  await kontor.call('PUT', `${I}?accepts_incomplete=true`, { ...ids, ...here })
  await finished(kontor.call, I)
  t.equal((await kontor.call('PUT', `${I}/service_bindings/b`, ids)).status, 201)
  t.equal(
    (
      await kontor.call(
        'DELETE',
        `${I}?${new URLSearchParams({ ...ids, accepts_incomplete: 'true' }).toString()}`,
      )
    ).status,
    202,
  )

  const again = await kontor.call('PUT', `${I}/service_bindings/b`, ids)
  t.strictSame([again.status, again.body.error], [422, 'ConcurrencyError'])
  t.notMatch(again.text, /credentials/)
  t.equal((await finished(kontor.call, I)).body.state, 'succeeded')
  t.equal((await kontor.call('PUT', `${I}/service_bindings/b`, ids)).status, 404)
})
