import t from 'tap'
import { startKontor } from '../support/kontor.ts'

const registration = {
  name: 'nord',
  backend: 'osb',
  settings: { url: 'http://127.0.0.1:9' },
  credentials: { username: 'kontor', password: 'secret' },
}

t.test('the mitigation policy of a provider is registered, changed and shown', async (t) => {
  const {
    admin,
    running: { runtime },
  } = await startKontor(t, { worker: false })
  for (const [more, says] of [
    [{ mitigation: 'retain' }, /^mitigationRetainHours is missing/],
    [{ mitigationRetainHours: 5 }, /^mitigationRetainHours goes only with mitigation "retain"/],
    [{ mitigation: 'manual', mitigationRetainHours: 5 }, /goes only with/],
    [{ mitigation: 'retain', mitigationRetainHours: 0 }, /^mitigationRetainHours must be > 0/],
    [{ mitigation: 'retain', mitigationRetainHours: '5' }, /^mitigationRetainHours must be number/],
    [{ mitigation: 'never' }, /^mitigation must be one of/],
  ] as const)
    t.match(
      await admin('POST', '/api/providers', { ...registration, ...more }),
      { status: 400, body: { detail: says } },
      JSON.stringify(more),
    )

  const {
    body: { id, ...view },
  } = await admin('POST', '/api/providers', registration)
  t.match(view, { mitigation: 'automatic', mitigationRetainHours: undefined })
  t.strictSame((await runtime.backends.open(id)).mitigation, { policy: 'automatic' })
  const change = (body: object) => admin('PATCH', `/api/providers/${id}`, body)
  t.match(await change({ mitigation: 'retain' }), { status: 400, body: { detail: /is missing/ } })
  t.match(await change({ mitigation: 'retain', mitigationRetainHours: 1.5 }), {
    status: 200,
    body: { mitigation: 'retain', mitigationRetainHours: 1.5 },
  })
  t.strictSame((await runtime.backends.open(id)).mitigation, {
    policy: 'retain',
    retainMs: 5_400_000,
  })
  t.match(await change({ mitigationRetainHours: 48 }), {
    status: 200,
    body: { mitigation: 'retain', mitigationRetainHours: 48 },
  })
  t.match(
    await change({ displayName: 'Nord' }),
    { body: { mitigation: 'retain', mitigationRetainHours: 48 } },
    'what is not named stays',
  )
  t.match(await change({ mitigation: 'manual' }), {
    body: { mitigation: 'manual', mitigationRetainHours: undefined },
  })
  t.strictSame((await runtime.backends.open(id)).mitigation, { policy: 'manual' })
  t.match(await change({ mitigationRetainHours: 48 }), { status: 400 })

  await admin('DELETE', `/api/providers/${id}`)
  t.match(
    (
      await admin('POST', '/api/providers', {
        ...registration,
        mitigation: 'retain',
        mitigationRetainHours: 2,
      })
    ).body,
    { id, mitigation: 'retain', mitigationRetainHours: 2 },
  )
})
