import t from 'tap'
import { startKontor } from '../support/kontor.ts'

const registration = {
  name: 'nord',
  backend: 'osb',
  settings: { url: 'http://127.0.0.1:9' },
  credentials: { username: 'kontor', password: 'secret' },
}

t.test(
  'what becomes of what an order may have left is registered, changed and shown',
  async (t) => {
    const {
      admin,
      running: { house },
    } = await startKontor(t, { worker: false })
    for (const [more, says] of [
      [{ mitigation: 'hold' }, /^mitigationHoldHours is missing/],
      [{ mitigationHoldHours: 5 }, /^mitigationHoldHours goes only with mitigation "hold"/],
      [{ mitigation: 'manual', mitigationHoldHours: 5 }, /goes only with/],
      [{ mitigation: 'hold', mitigationHoldHours: 0 }, /^mitigationHoldHours must be > 0/],
      [{ mitigation: 'hold', mitigationHoldHours: '5' }, /^mitigationHoldHours must be number/],
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
    t.match(view, { mitigation: 'automatic', mitigationHoldHours: undefined })
    t.strictSame((await house.openBackend(id)).mitigation, { policy: 'automatic' })
    const change = (body: object) => admin('PATCH', `/api/providers/${id}`, body)
    t.match(await change({ mitigation: 'hold' }), { status: 400, body: { detail: /is missing/ } })
    t.match(await change({ mitigation: 'hold', mitigationHoldHours: 1.5 }), {
      status: 200,
      body: { mitigation: 'hold', mitigationHoldHours: 1.5 },
    })
    t.strictSame((await house.openBackend(id)).mitigation, { policy: 'hold', holdMs: 5_400_000 })
    t.match(await change({ mitigationHoldHours: 48 }), {
      status: 200,
      body: { mitigation: 'hold', mitigationHoldHours: 48 },
    })
    t.match(
      await change({ displayName: 'Nord' }),
      { body: { mitigation: 'hold', mitigationHoldHours: 48 } },
      'what is not named stays',
    )
    t.match(await change({ mitigation: 'manual' }), {
      body: { mitigation: 'manual', mitigationHoldHours: undefined },
    })
    t.strictSame((await house.openBackend(id)).mitigation, { policy: 'manual' })
    t.match(await change({ mitigationHoldHours: 48 }), { status: 400 })

    await admin('DELETE', `/api/providers/${id}`)
    t.match(
      (
        await admin('POST', '/api/providers', {
          ...registration,
          mitigation: 'hold',
          mitigationHoldHours: 2,
        })
      ).body,
      { id, mitigation: 'hold', mitigationHoldHours: 2 },
    )
  },
)
