import t from 'tap'
import { finished, here, startKontor } from '../support/kontor.ts'

const { call, addProvider, find } = await startKontor(t)

// Postgres has no U+0000 and jsonb no unpaired surrogate: Kontor could not write the row with the
// order's result.
for (const [name, bad, provider] of [
  ['U+0000', '\0', 'nord'],
  ['half a surrogate pair', '\ud800', 'west'],
] as const) {
  t.test(
    `an answer that holds ${name} where it must be kept counts as malformed, and the order still comes to its end`,
    async (t) => {
      const { simulator } = await addProvider(provider)
      const small = await find(provider, 'db', 'small')
      const answers = {
        dashboard_url: { dashboard_url: `http://x/${bad}` },
        'a key of metadata': { metadata: { labels: { [bad]: 'x' } } },
        metadata: { metadata: { attributes: { a: [bad] } } },
        operation: { operation: `o${bad}` },
      }
      for (const [field, body] of Object.entries(answers)) {
        await t.test(field, async (t) => {
          const at = `/v2/service_instances/${encodeURIComponent(`${provider} ${field}`)}`
          simulator.faults.add({
            on: 'provision',
            when: 'after',
            do: { status: field === 'operation' ? 202 : 201, body },
          })
          const ordered = await call('PUT', `${at}?accepts_incomplete=true`, {
            ...small,
            ...here,
            parameters: { field },
          })
          t.ok([201, 202].includes(ordered.status), ordered.text)
          const end = await finished(call, at)
          t.match(end, { status: 200, body: { state: /succeeded|failed/ } })
          const upstream = simulator
            .state()
            .instances.filter(({ parameters }) => parameters['field'] === field).length
          t.equal(
            upstream,
            end.body.state === 'succeeded' ? 1 : 0,
            'and the provider holds the same',
          )
          t.equal((await call('GET', at)).status, end.body.state === 'succeeded' ? 200 : 404)
        })
      }
    },
  )

  t.test(`credentials that hold ${name} are passed on unchanged`, async (t) => {
    const { simulator } = await addProvider(`${provider}-bind`)
    const small = await find(`${provider}-bind`, 'db', 'small')
    const I = `/v2/service_instances/${provider}-bind`
    t.equal((await call('PUT', I, { ...small, ...here })).status, 201)
    simulator.faults.add({
      on: 'bind',
      when: 'after',
      do: { status: 201, body: { credentials: { password: `a${bad}b` } } },
    })
    t.match(await call('PUT', `${I}/service_bindings/${provider}-b`, small), {
      status: 201,
      body: { credentials: { password: `a${bad}b` } },
    })
    t.match(await call('GET', `${I}/service_bindings/${provider}-b`), {
      status: 200,
      body: { credentials: { password: `a${bad}b` } },
    })
  })
}
