import pg from 'pg'
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

t.test(
  'an order sent again is answered from its row, even if its provider cannot be opened',
  async (t) => {
    const kontor = await startKontor(t)
    const { view } = await kontor.addProvider('north', { catalog: catalogOf('north') })
    const ids = await kontor.find('north', 'db', 'small')
    const I = '/v2/service_instances/a'
    const provision = (headers = {}) => kontor.call('PUT', I, { ...ids, ...here }, headers)
    const bind = (id: string, headers = {}) =>
      kontor.call('PUT', `${I}/service_bindings/${id}`, ids, headers)
    t.equal((await provision()).status, 201)
    const made = await bind('b')
    t.equal(made.status, 201)

    const client = new pg.Client({ connectionString: kontor.databaseUrl })
    await client.connect()
    await client.query(
      `update providers set credentials = '\\x00', revision = revision + 1 where id = $1`,
      [view.id],
    )
    await client.end()
    await kontor.running.runtime.refresh()
    t.equal((await bind('new')).status, 503)
    t.match(await bind('b'), { status: 200, body: { credentials: made.body.credentials } })
    t.equal((await provision()).status, 200)
    const dryRun = { 'x-dry-run': 'true' }
    t.equal((await bind('new', dryRun)).status, 503)
    t.equal((await bind('b', dryRun)).status, 200)
    t.equal((await provision(dryRun)).status, 200)
  },
)
