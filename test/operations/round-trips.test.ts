// Each statement is a round trip, and their number decides how fast an order is. A change that
// raises one of these figures says why; one that lowers it writes the new one.
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { run } from '../../src/cli/run.ts'
import { readConfig } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { countRoundTrips } from '../support/count-round-trips.ts'
import { caller, here, startKontor, type Reply } from '../support/kontor.ts'

t.test('requests make no more round trips to Postgres than these', async (t) => {
  const kontor = await startKontor(t)
  await kontor.addProvider('north')
  const way = await countRoundTrips(t, kontor.environment['DATABASE_URL'] ?? '')
  // Only the other process carries operations on, so its timers do not count.
  const config = readConfig({ ...kontor.environment, DATABASE_URL: way.url })
  const counted = await run(config, createLog('silent'), { worker: false, http: true })
  t.teardown(() => counted.stop())
  const { username, password } = await createPlatform(
    counted.runtime,
    commandLineCaller('test'),
    'counted',
  )
  await counted.runtime.refresh()
  const call = caller(counted.url ?? '', {
    authorization: basicAuth(username, password),
    'x-broker-api-version': '2.17',
  })
  const ids = await kontor.find('north', 'db')
  const query = `?${new URLSearchParams(ids).toString()}`
  const trips: Record<string, number> = {}
  const count = async (name: string, status: number, send: () => Promise<Reply>) => {
    const before = way.count()
    t.equal((await send()).status, status, name)
    trips[name] = Math.min(trips[name] ?? Infinity, way.count() - before)
  }
  // The least of each counts: the first prepare statements, and caches are refreshed meanwhile.
  for (let round = 0; round < 8; round++) {
    const instance = `/v2/service_instances/${randomUUID()}`
    const binding = `${instance}/service_bindings/${randomUUID()}`
    await count('provision', 201, () => call('PUT', instance, { ...ids, ...here }))
    await count('poll', 200, () => call('GET', `${instance}/last_operation`))
    await count('update', 200, () =>
      call('PATCH', instance, { service_id: ids.service_id, parameters: { round } }),
    )
    await count('bind', 201, () => call('PUT', binding, ids))
    await count('unbind', 200, () => call('DELETE', `${binding}${query}`))
    await count('deprovision', 200, () => call('DELETE', `${instance}${query}`))
  }
  t.strictSame(trips, {
    provision: 2,
    poll: 1,
    update: 3,
    bind: 3,
    unbind: 3,
    deprovision: 4,
  })
})
