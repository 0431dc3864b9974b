import t from 'tap'
import { readRows } from '../faults/invariants.ts'
import { here, startKontor, until } from '../support/kontor.ts'

const orders = 120

t.test(
  'repeats are limited to a share of the other calls: a provider that refuses every removal is not overloaded',
  async (t) => {
    const kontor = await startKontor(t, { environment: { KONTOR_INLINE_SECONDS: '0.2' } })
    const { call } = kontor
    const { simulator } = await kontor.addProvider('nord')
    const [ids, app] = [
      await kontor.find('nord', 'db', 'small'),
      await kontor.find('nord', 'app', 'only'),
    ]
    // The provision is in doubt and its removal refused, but both are answers, so the circuit stays
    // closed.
    simulator.faults.add({
      on: 'provision',
      times: 0,
      when: 'after',
      match: { service_id: 'nord-db' },
      do: { malformed: 'truncated_json', status: 201 },
    })
    simulator.faults.add({ on: 'deprovision', times: 0, do: { status: 401 } })
    const started = Date.now()
    await Promise.all(
      Array.from({ length: orders }, (_, n) =>
        call('PUT', `/v2/service_instances/i${n}?accepts_incomplete=true`, { ...ids, ...here }),
      ),
    )
    const denied = async () =>
      Number(
        /^kontor_provider_retries_denied_total\{provider="nord"\} (\d+)$/m.exec(
          (await call('GET', '/metrics')).text,
        )?.[1] ?? 0,
      )
    await until(denied, (count) => count > 100, 60_000)

    const { provision = 0, deprovision = 0 } = simulator.state().requests
    const repeats = deprovision - orders
    const most = 50 + 0.2 * (provision + orders) + (10 * (Date.now() - started)) / 1_000
    t.ok(repeats > 0 && repeats <= most, `${repeats} repeats, ${most} allowed`)
    t.ok(
      (await readRows(kontor)).running.every(({ state }) => state === 'compensating'),
      'what has to wait is not given up',
    )
    t.equal(
      (await call('PUT', '/v2/service_instances/first', { ...app, ...here })).status,
      201,
      'first calls are not held back',
    )

    simulator.faults.clear()
    await until(
      () => readRows(kontor),
      ({ running }) => running.length === 0,
      90_000,
    )
    t.strictSame(
      simulator.state().instances.map(({ service_id: id }) => id),
      ['nord-app'],
      'in the end all is removed',
    )
  },
)
